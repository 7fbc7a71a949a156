from odoo import api, models
from odoo.exceptions import ValidationError

from ..sql import conflict


class OnepConflictMixin(models.AbstractModel):
    """A rule that no other may contradict: two for the same case are refused, the other named.

    One statement finds the other rule, whatever the number of rules written. A deferred
    exclusion constraint on the table stands behind it, for what two people save at once.
    """

    _name = "onep.conflict.mixin"
    _description = "Rule Without Double"

    #: Fields whose equal values make two active rules about the same case; none: no check.
    _conflict_fields = ()
    #: (first field, last field): the case is above the first and up to the last; 0: no limit.
    _conflict_bands = ()

    def _check_conflicts(self):
        """Refuse rules that answer for the same case as another, which is named.

        Who writes several rules one after the other sets ``onep_conflicts_later`` meanwhile.
        """
        names = self._get_conflict_fields()
        active = self.filtered("active")
        if not active or not names or self.env.context.get("onep_conflicts_later"):
            return
        self.flush_model()
        pair = self.env.execute_query(
            conflict.select_conflict(
                self._table,
                active.ids,
                [(name, self._get_conflict_kind(name)) for name in names],
                self._get_conflict_spans(),
            )
        )
        if pair:
            mine, other = self.sudo().browse(pair[0])
            raise ValidationError(mine._get_conflict_message(other))
        exclusions = self.env.execute_query(conflict.select_exclusions(self._table))
        if exclusions:
            self.env.cr.execute(conflict.check_exclusions([name for (name,) in exclusions]))

    @api.model
    def _get_conflict_fields(self):
        """Hook: fields that are equal in two rules about the same case."""
        return self._conflict_fields

    @api.model
    def _get_conflict_spans(self):
        """Hook: (first column, last column, kind) as ``sql.conflict.select_conflict`` takes."""
        return [(first, last, "above") for first, last in self._conflict_bands]

    @api.model
    def _get_conflict_kind(self, name):
        """Return how two values of a field are compared."""
        field = self._fields[name]
        if field.type in ("many2one", "float", "monetary", "integer"):
            return "number"
        if field.type == "boolean":
            return "flag"
        return "words" if field.translate else "text"

    def _get_conflict_message(self, other):
        """Hook: what is wrong, with the name of the other rule, and what to do."""
        self.ensure_one()
        return self.env._(
            "Two rules answer for the same case:\n%(rule)s\n%(other)s\n"
            "Change one of them, or archive it.",
            rule=self.display_name,
            other=other.display_name,
        )
