from dataclasses import replace

from odoo import api, fields, models

from ..price_scope import PriceScope


class OnepPriceBasisMixin(models.AbstractModel):
    """What margins rest on: when it changes, those worked out before are out of date.

    A model that inherits this has nothing else to do: by default a change concerns every deal of
    its company. It is told more narrowly by ``_price_parent`` for a part of another rule, or by
    ``_get_price_scopes``. An addon that keeps margins says so in ``_keeps_margins`` and hears of
    changes in ``_margins_outdated``.
    """

    _name = "onep.price.basis.mixin"
    _description = "Basis of Prices"

    #: Field of the rule that this one is a part of: it prices the same deals.
    _price_parent = None
    #: The only way of shipping it counts for: "marketplace" or "merchant".
    _price_fulfilment = None
    #: Stored fields that no margin depends on.
    _price_neutral = frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        if self._keeps_margins():
            records._margins_outdated(records._get_price_scopes())
        return records

    def write(self, vals):
        if not self._keeps_margins() or not set(vals) & set(self._get_price_fields()):
            return super().write(vals)
        before = {
            record: (record._get_price_values(), record._get_price_scopes()) for record in self
        }
        result = super().write(vals)
        moved = self.filtered(lambda record: record._get_price_values() != before[record][0])
        moved._margins_outdated(
            set().union(*(before[record][1] for record in moved)) | moved._get_price_scopes()
        )
        return result

    def unlink(self):
        if self._keeps_margins():
            self._margins_outdated(self._get_price_scopes())
        return super().unlink()

    @api.model
    def _keeps_margins(self):
        """Hook: whether someone keeps margins that a change makes out of date."""
        return False

    def _margins_outdated(self, scopes):
        """Hook: the deals of these ``PriceScope`` are to be priced again, because of these records.

        Called after records were created or changed, and before they are deleted; ``scopes`` tell
        the deals they priced before the change too.
        """

    def _get_price_scopes(self, on_date=None):
        """Return the set of ``PriceScope`` that these records price on a day, today by default.

        A rule that is archived, or not in force on that day, prices nothing.
        """
        rules = self._filter_in_force(on_date)
        if self._price_parent:
            scopes = rules[self._price_parent]._get_price_scopes(on_date)
        elif "company_id" in self._fields:
            scopes = {PriceScope(company_id=rule.company_id.id or None) for rule in rules}
        else:
            scopes = {PriceScope()} if rules else set()
        if self._price_fulfilment:
            scopes = {replace(scope, fulfilment=self._price_fulfilment) for scope in scopes}
        return scopes

    def _filter_in_force(self, on_date=None):
        """Return those that are not archived and whose dates hold a day, today by default.

        Context ``onep_archived_too``: archived rules are taken as if they were not.
        """
        day = on_date or fields.Date.context_today(self)
        rules = self.sudo().with_context(active_test=False)
        if "active" in self._fields and not self.env.context.get("onep_archived_too"):
            rules = rules.filtered("active")
        if "valid_from" in self._fields:
            rules = rules.filtered(
                lambda rule: rule.valid_from <= day and (not rule.valid_to or rule.valid_to >= day)
            )
        return rules

    @api.model
    def _find_begun_or_ended(self, since, until):
        """Return the rules that are in force on one of two days and not on the other."""
        if "valid_from" not in self._fields:
            return self.browse()
        domain = fields.Domain("valid_from", ">", since) & fields.Domain("valid_from", "<=", until)
        domain |= fields.Domain("valid_to", ">=", since) & fields.Domain("valid_to", "<", until)
        return self.search(domain)

    @api.model
    def _get_price_fields(self):
        """Return the names of the stored fields that a margin may depend on."""
        return [
            name
            for name, field in self._fields.items()
            if field.store
            and field.column_type
            and name not in models.MAGIC_COLUMNS
            and name not in self._price_neutral
            and not name.startswith(("message_", "activity_"))
        ]

    def _get_price_values(self):
        """Return what is compared to tell whether a change moves margins."""
        self.ensure_one()
        return {name: self[name] for name in self._get_price_fields()}
