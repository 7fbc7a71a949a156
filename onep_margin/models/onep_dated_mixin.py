from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class OnepDatedMixin(models.AbstractModel):
    """A rule in force between two dates, one at a time for the same subject."""

    _name = "onep.dated.mixin"
    _description = "Dated Rule"

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
        for rule in self.filtered("active"):
            other = self.search(rule._get_overlap_domain(), limit=1)
            if other:
                raise ValidationError(
                    self.env._(
                        "%(rule)s and %(other)s would both be in force. End one of them before "
                        "the other begins.",
                        rule=rule.display_name,
                        other=other.display_name,
                    )
                )

    def _get_overlap_domain(self):
        """Return the domain of the rules that conflict with this one."""
        self.ensure_one()
        domain = Domain("id", "!=", self.id)
        for name in self._dated_by:
            value = self[name]
            domain &= Domain(name, "=", value.id if isinstance(value, models.BaseModel) else value)
        domain &= Domain("valid_to", "=", False) | Domain("valid_to", ">=", self.valid_from)
        if self.valid_to:
            domain &= Domain("valid_from", "<=", self.valid_to)
        return domain

    @api.model
    def _get_valid_domain(self, on_date):
        """Return the domain of the rules in force on a day."""
        return Domain("valid_from", "<=", on_date) & (
            Domain("valid_to", "=", False) | Domain("valid_to", ">=", on_date)
        )
