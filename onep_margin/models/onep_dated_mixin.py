from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date


class OnepDatedMixin(models.AbstractModel):
    """A rule in force between two dates, one at a time for the same subject."""

    _name = "onep.dated.mixin"
    _description = "Dated Rule"
    _inherit = ["onep.conflict.mixin"]

    #: Fields whose equal values make two rules about the same subject; none: no check.
    _dated_by = ()

    valid_from = fields.Date(required=True, default=fields.Date.context_today)
    valid_to = fields.Date(help="Last day in force. Empty: until another rule replaces it.")

    @api.constrains("valid_from", "valid_to")
    def _check_period(self):
        for rule in self:
            if rule.valid_to and rule.valid_to < rule.valid_from:
                raise ValidationError(
                    self.env._("%(rule)s ends before it begins.", rule=rule.display_name)
                )

    def _check_one_at_a_time(self):
        """Refuse a rule when another about the same subject is in force on one of its days."""
        self._check_conflicts()

    @api.model
    def _get_conflict_fields(self):
        return self._dated_by

    @api.model
    def _get_conflict_spans(self):
        return [*super()._get_conflict_spans(), ("valid_from", "valid_to", "days")]

    def _get_conflict_message(self, other):
        self.ensure_one()
        return self.env._(
            "%(rule)s and %(other)s would both be in force. End one of them before "
            "the other begins.",
            rule=self._get_dated_name(),
            other=other._get_dated_name(),
        )

    def _get_dated_name(self):
        """Return the name of the rule with its days."""
        self.ensure_one()
        return self.env._(
            "%(rule)s (%(first)s → %(last)s)",
            rule=self.display_name,
            first=format_date(self.env, self.valid_from),
            last=format_date(self.env, self.valid_to) if self.valid_to else "…",
        )

    def _get_former(self):
        """Return the rule that this one follows, about the same subject; empty for none."""
        self.ensure_one()
        return self.search(
            self._get_subject_domain(self._dated_by) & Domain("valid_from", "<", self.valid_from),
            order="valid_from desc",
            limit=1,
        )

    def _get_replacing_companies(self, on_date):
        """Return the ids of the companies whose own version stands for this shared rule."""
        self.ensure_one()
        if self.company_id:
            return ()
        shared = [name for name in self._dated_by if name != "company_id"]
        own = self.sudo().search(
            self._get_subject_domain(shared)
            & self._get_valid_domain(on_date)
            & Domain("company_id", "!=", False)
        )
        return tuple(sorted(own.company_id.ids))

    def _get_subject_domain(self, names):
        """Return the domain of the rules that have this one's values of some fields."""
        values = {name: self[name] for name in names}
        return Domain.AND(
            Domain(name, "=", value.id if self._fields[name].relational else value)
            for name, value in values.items()
        )

    def _end_before(self, day):
        """End these rules the day before another one begins; those that ended earlier stay."""
        last = day - timedelta(days=1)
        self.filtered(lambda rule: not rule.valid_to or rule.valid_to > last).write(
            {"valid_to": last}
        )

    @api.model
    def _get_valid_domain(self, on_date):
        """Return the domain of the rules in force on a day."""
        return Domain("valid_from", "<=", on_date) & (
            Domain("valid_to", "=", False) | Domain("valid_to", ">=", on_date)
        )
