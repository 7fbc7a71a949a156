from odoo import api, fields, models

from ..ingest.automap.fingerprint import Layout
from ..ingest.expressions import is_expression
from ..ingest.fields import FIELDS
from ..models.column_labels import get_column_labels
from ..models.ingest_messages import format_figure, get_drift_message
from ..models.onep_feed_layout import SHOWN_CHANGES

#: What tells of prices in another unit without a question left.
SAID_BY_FILE = {"drift-currency", "drift-vat-in", "drift-vat-out"}
#: What a change puts in doubt of what a person confirmed of the figures.
DOUBTED_MEANINGS = {
    "drift-currency": "currency",
    "drift-vat-in": "vat",
    "drift-vat-out": "vat",
    "drift-vat-added": "vat",
    "drift-vat-left": "vat",
}


class OnepFeedUpload(models.TransientModel):
    """On the mapping screen: what the feed's earlier files taught, and how this one differs."""

    _inherit = "onep.feed.upload"

    drift = fields.Json(
        readonly=True, help="{changes: [...], origins: {column: column of the accepted file}}"
    )
    layout = fields.Json(
        readonly=True, prefetch=False, help="What the columns look like, when it was compared."
    )
    are_changes_accepted = fields.Boolean(readonly=True)
    change_ids = fields.One2many(
        "onep.feed.upload.change", "upload_id", string="Changes since the last file", readonly=True
    )
    is_drifted = fields.Boolean(
        compute="_compute_is_drifted", help="A person has to accept the changes."
    )
    has_price_question = fields.Boolean(
        compute="_compute_is_drifted", help="Figures alone say that prices are in another unit."
    )

    @api.depends("drift")
    def _compute_is_drifted(self):
        for upload in self:
            upload.is_drifted = any(change["holds"] for change in upload._get_changes())
            upload.has_price_question = upload._has_price_question()

    def write(self, vals):
        """Another feed has other files to compare with."""
        moved = self.browse()
        if "feed_id" in vals:
            moved = self.filtered(lambda upload: upload.feed_id.id != (vals["feed_id"] or False))
        result = super().write(vals)
        for upload in moved:
            upload._update_changes()
        return result

    def _get_changes(self):
        return (self.drift or {}).get("changes") or []

    def _get_memory(self, columns):
        """What earlier files said of these columns: the feed's, the supplier's, everybody's."""
        return self.env["onep.column.memory"]._get_memory(
            columns, self.company_id, self.partner_id._origin, self.feed_id._origin
        )

    def _analyse(self):
        result = super()._analyse()
        self._update_changes()
        return result

    @api.onchange("feed_id")
    def _onchange_feed_id(self):
        result = super()._onchange_feed_id()
        self._update_changes()
        return result

    def _update_changes(self):
        """Compare the file with the one that its feed accepted last."""
        feed = self.feed_id._origin
        found = layout = None
        if feed.mapping_ids and self.sample and not self.error_message:
            layout = feed._read_layout(self.sample)
            found = feed._compare_layout(
                layout,
                (self.shape or {}).get("format"),
                {line.column: line.proposed_field or None for line in self.line_ids},
            )
        changes = [change.to_json() for change in found.changes] if found else []
        self.are_changes_accepted &= changes == self._get_changes()
        self.layout = layout.to_json() if layout else False
        self.drift = {"changes": changes, "origins": dict(found.origins)} if found else False
        names = {*feed.mapping_ids.mapped("column"), *self.line_ids.mapped("column")}
        labels = get_column_labels(self.env, names, self.shape)
        self.change_ids = [fields.Command.clear()] + [
            fields.Command.create(self._prepare_change_vals(change, labels)) for change in changes
        ]
        self._doubt_meanings()

    def _doubt_meanings(self):
        """What was confirmed of the figures of earlier files is asked again where they changed."""
        confirmed = (self.feed_id._origin.reading or {}).get("confirmed") or {}
        decisions = dict(self.decisions or {})
        for meaning in self._get_doubted_meanings() & decisions.keys():
            if decisions[meaning] == confirmed.get(meaning):
                del decisions[meaning]
        if decisions != (self.decisions or {}):
            self.decisions = decisions

    def _get_doubted_meanings(self):
        """Kinds of meaning that the changes of this file put in doubt."""
        doubted = set()
        for change in self._get_changes():
            if change["kind"] == "unit":
                kind = FIELDS[change["field"]].kind
                otherwise = {"weight": "weight_unit", "price": "price_basis"}.get(kind)
                doubted.add(DOUBTED_MEANINGS.get(change["evidence"]["rule"], otherwise))
        return doubted - {None}

    def _prepare_change_vals(self, change, labels):
        """:param labels: {column: what it is called on screen}, of those called otherwise"""
        before, after = (labels.get(change[name], change[name]) for name in ("before", "after"))
        column = labels.get(change["column"], change["column"])
        if change["kind"] == "unit":
            before, after = (
                f"{column} · {format_figure(self.env, text)}" for text in (before, after)
            )
        elif change["kind"] == "moved":
            before, after = (
                self.env._("%(column)s, column %(place)s", column=column, place=place)
                for place in (before, after)
            )
        return {
            "kind": change["kind"],
            "column": change["column"],
            "before": before,
            "after": after,
            "field": change["field"],
            "holds": change["holds"],
            "sample": change["sample"],
            "evidence": get_drift_message(self.env, change["evidence"], labels),
        }

    def action_accept_changes(self):
        """Take the renamed columns over and import; what is still missing stays on screen."""
        self.ensure_one()
        known = set(self.feed_id.mapping_ids.mapped("column"))
        if not known.issuperset(((self.drift or {}).get("origins") or {}).values()):
            self._update_changes()  # somebody accepted another file meanwhile
            if self.is_drifted:
                return self._warn(self.env._("The feed accepted another file meanwhile."))
        self._take_over_layout(keep_choices=True)
        self._take_over_units()
        self.are_changes_accepted = True
        return self._import_accepted() if self.is_ready else self._warn(self.missing)

    @api.model
    def _warn(self, message):
        """Stay on the screen, which shows what became of it, and say why."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _accept_told_changes(self):
        """The same by one click, where a text told of the changes that hold and nobody saw the
        columns: those nothing was told of fill nothing.
        """
        self.ensure_one()
        if self._has_open_question():
            return self._get_form_action()
        self._take_over_layout(keep_choices=True)
        told = {change["column"] for change in self._get_changes() if change["holds"]}
        origins = (self.drift or {}).get("origins") or {}
        unseen = self.line_ids.filtered(
            lambda line: line.field and line.column not in told and line.column not in origins
        )
        proposed = {line: {"field": line.field, "level": line.level} for line in unseen}
        unseen.write({"field": False, "proposed_field": False, "level": False})
        self._take_over_units()
        if self.is_ready:
            self.are_changes_accepted = True
            return self._import_accepted()
        for line, vals in proposed.items():
            line.write({"proposed_field": vals["field"], **vals})
        return self._get_form_action()

    def _import_accepted(self):
        """Import what was accepted: the changes, and what a person chose."""
        changed = {change["column"] for change in self._get_changes() if change["holds"]}
        chosen = self.line_ids.filtered(lambda line: line._is_by_person()).mapped("column")
        return self._start(self._create_import(seen=changed.union(chosen)))

    def _has_open_question(self):
        """Whether one click cannot settle the changes: somebody has to see the columns."""
        held = [change for change in self._get_changes() if change["holds"]]
        is_told = len(held) <= SHOWN_CHANGES and all(change["kind"] != "kept" for change in held)
        return not is_told or self._has_price_question()

    def _has_price_question(self):
        """Figures alone say that prices may be in another unit: somebody has to look at them."""
        return any(
            change["kind"] == "unit"
            and FIELDS[change["field"]].kind == "price"
            and change["evidence"]["rule"] not in SAID_BY_FILE
            for change in self._get_changes()
        )

    def _take_over_units(self):
        """What the file itself says of its prices: their currency, whether VAT is in.

        What was decided on screen stays.
        """
        decisions = self.decisions or {}
        for change in self._get_changes():
            rule = change["evidence"]["rule"]
            if change["field"] not in ("purchase_price", "currency"):
                continue
            if DOUBTED_MEANINGS.get(rule) in decisions:
                continue
            if rule == "drift-currency":
                active = self.env["res.currency"].search([("name", "=", change["after"])], limit=1)
                self.currency_id = active or self.currency_id
            elif rule in ("drift-vat-in", "drift-vat-out"):
                self.prices_include_vat = rule == "drift-vat-in"

    def _take_over_layout(self, keep_choices=False):
        """Each column fills what the column it continues was confirmed to fill.

        New columns fill nothing: nobody confirmed them.

        :param keep_choices: what someone chose on screen stays, and so do proposals for new
            columns whose field is free
        """
        self.ensure_one()
        confirmed = {line.column: line for line in self.feed_id.mapping_ids}
        origins = (self.drift or {}).get("origins") or {}
        known = {line: confirmed[origins[line.column]] for line in self.line_ids
                 if origins.get(line.column) in confirmed}  # fmt: skip
        filled = {line.field for line in known.values()}
        as_left = set(self.line_ids.mapped("proposed_field")) if keep_choices else set()
        if not keep_choices:
            self.line_ids.adjustment = False
        for line in self.line_ids:
            is_chosen = line._is_by_person()
            if keep_choices and (is_chosen or (line not in known and line.field not in filled)):
                continue
            field = known[line].field if line in known else False
            if line.field != field:
                line.adjustment = False
                as_left.discard(field)
            line.write(
                {
                    "field": field,
                    "proposed_field": field,
                    "level": "sure" if field else False,
                    "origin": "memory" if line in known else line.origin,
                }
            )
        self._take_over_adjustments(origins, as_left)

    def _take_over_adjustments(self, origins, as_left):
        """The feed's expressions go to the columns that fill their fields now, renamed inside too.

        :param as_left: fields whose column stayed: what the screen says of them stays, unless it
            names a column that was renamed
        """
        now = {origin: name for name, origin in origins.items()}
        moved = {}
        for field, values in ((self.feed_id.reading or {}).get("expressions") or {}).items():
            parts = [
                part | ({"column": now.get(part["column"], part["column"])} if part.get("column")
                        else {})
                for part in values.get("parts") or []
            ]  # fmt: skip
            renamed = values | ({"parts": parts} if parts else {})
            if field not in as_left or renamed != values:
                moved[field] = renamed
        self.value_ids.filtered(
            lambda value: value.field in moved and is_expression(value.value or "")
        ).unlink()
        self._place_adjustments(moved)

    def _create_import(self, seen=None):
        """Keep the look of the file, and what it says of its columns.

        :param seen: columns that a person confirmed; all of them unless given
        """
        run = super()._create_import()
        feed = self.feed_id
        layout = Layout.from_json(self.layout) if self.layout else feed._read_layout(self.sample)
        feed._accept_layout(layout, by_person=not self.is_unattended, seen=seen)
        return run

    def _prepare_import_vals(self, feed):
        """Who accepted that prices changed as a whole is not asked about it again."""
        has_seen = self.are_changes_accepted and any(
            change["kind"] == "unit" and change["field"] in ("purchase_price", "currency")
            for change in self._get_changes()
        )
        return super()._prepare_import_vals(feed) | {"is_drift_confirmed": has_seen}
