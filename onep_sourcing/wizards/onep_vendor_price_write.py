from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..sql import vendor_price


class OnepVendorPriceWrite(models.TransientModel):
    """Accepted supplier offers into Odoo's vendor price lists: first what would be written and
    why, then, by a purchase manager, the writing. Once written, there is nothing left to write.
    """

    _name = "onep.vendor.price.write"
    _description = "Write vendor price lists"

    offer_ids = fields.Json(readonly=True, help="Ids of the accepted supplier offers.")
    line_ids = fields.One2many("onep.vendor.price.line", "wizard_id", readonly=True)
    on_change = fields.Selection(
        [
            ("replace", "Change the price of the row"),
            ("close", "End the row yesterday and begin another one today"),
        ],
        string="When a price moved",
        required=True,
        default="replace",
    )
    fingerprint = fields.Char(string="Fingerprint of the preview", readonly=True)
    is_moved = fields.Boolean(readonly=True, help="Something moved since the preview was made.")
    create_count = fields.Integer(compute="_compute_counts", string="To create")
    change_count = fields.Integer(compute="_compute_counts", string="To change")
    close_count = fields.Integer(compute="_compute_counts", string="To end")
    keep_count = fields.Integer(compute="_compute_counts", string="Left alone")
    has_work = fields.Boolean(compute="_compute_counts", string="Something to write")
    summary = fields.Char(compute="_compute_counts")

    @api.depends("line_ids.action")
    @api.depends_context("lang")
    def _compute_counts(self):
        counts = {
            (wizard, action): count
            for wizard, action, count in self.env["onep.vendor.price.line"]._read_group(
                [("wizard_id", "in", self.ids)], ["wizard_id", "action"], ["__count"]
            )
        }
        for wizard in self:
            for action in ("create", "change", "close", "keep"):
                wizard[f"{action}_count"] = counts.get((wizard._origin, action), 0)
            wizard.has_work = wizard.create_count or wizard.change_count or wizard.close_count
            wizard.summary = self.env._(
                "Rows of Odoo's vendor price lists: %(created)s to create, %(changed)s to change, "
                "%(ended)s to end, %(kept)s left alone.",
                created=wizard.create_count,
                changed=wizard.change_count,
                ended=wizard.close_count,
                kept=wizard.keep_count,
            )

    @api.model
    def _open(self, offers):
        """Return the action that previews what these offers would write."""
        if not offers:
            raise UserError(self.env._("Select the supplier offers that you accept first."))
        wizard = self.create({"offer_ids": offers.ids})
        wizard._preview()
        return wizard._get_dialog()

    def _get_dialog(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Write vendor price lists"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def _preview(self):
        """Compare the offers with the price lists as they are now, in one statement."""
        self.ensure_one()
        self.env.flush_all()
        offers = self.env["onep.supplier.offer"].search([("id", "in", self.offer_ids or [])])
        lines = self.env["onep.vendor.price.line"]
        lines.sudo().search([("wizard_id", "=", self.id)]).unlink()
        self.env.flush_all()
        self.env.cr.execute(
            vendor_price.insert_lines(
                self.id,
                offers.ids,
                self.env.companies.ids,
                fields.Date.context_today(self),
                self.env.uid,
            )
        )
        lines.invalidate_model()
        self.invalidate_recordset(["line_ids", "create_count"])
        ((self.fingerprint,),) = self.env.execute_query(vendor_price.fingerprint(self.id))

    def action_apply(self):
        """Write what the preview shows; show it again instead when something moved since."""
        self.ensure_one()
        if not self.env.user.has_group("onep_sourcing.group_sourcing_manager"):
            raise AccessError(
                self.env._("Only a purchase manager writes vendor price lists. Ask one of them.")
            )
        shown = self.fingerprint
        self._preview()
        self.is_moved = self.fingerprint != shown
        if self.is_moved:
            return self._get_dialog()
        return self._write_rows()._get_records_action(name=self.env._("Vendor price lists"))

    def _write_rows(self):
        """Write the lines into the price lists; returns the rows that were touched."""
        yesterday = fields.Date.context_today(self) - timedelta(days=1)
        lines = self.line_ids.grouped("action")
        none = self.line_ids.browse()
        created = lines.get("create", none)
        ended = lines.get("close", none).row_id
        changed = lines.get("change", none)
        for line in changed:
            row = line.row_id
            # A row that began today has no yesterday to keep.
            if self.on_change == "close" and line._was_in_force(yesterday):
                ended |= row
                created |= line
            else:
                row.write(line._prepare_row_vals())
        ended.write({"date_end": yesterday})
        rows = self.env["product.supplierinfo"].create(
            [line._prepare_new_row_vals(yesterday) for line in created]
        )
        return rows | changed.row_id | ended
