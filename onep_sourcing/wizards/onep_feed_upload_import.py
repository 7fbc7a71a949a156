from odoo import api, models
from odoo.exceptions import UserError


class OnepFeedUpload(models.TransientModel):
    """From the mapping screen to an import: its feed keeps the mapping, a job does the work."""

    _inherit = "onep.feed.upload"

    def action_confirm(self):
        """Remember the mapping and queue the import; shows its progress."""
        return self._start(self._create_import())

    @api.model
    def _start(self, run):
        """Queue an import and show it."""
        run.action_import()
        return {
            "type": "ir.actions.act_window",
            "res_model": "onep.import",
            "res_id": run.id,
            "views": [(False, "form")],
            "target": "current",
        }

    def _create_import(self):
        """The import of this file, ready to be queued; its feed when there is none yet."""
        self.ensure_one()
        if not self.is_ready:
            raise UserError(self.error_message or self.missing)
        feed = self.feed_id or self.env["onep.supplier.feed"].create(self._prepare_feed_vals())
        self.feed_id = feed
        feed.mapping_ids.unlink()
        self.env["onep.feed.mapping"].create(
            [line._prepare_mapping_vals(feed) for line in self.line_ids]
        )
        feed.write(
            {
                "prices_include_vat": self.prices_include_vat,
                "vat_rate": self.vat_rate if self.prices_include_vat else 0.0,
                "currency_id": self.currency_id.id,
                "kind": self.kind,
                "reading": self._prepare_reading() or False,
            }
        )
        run = self.env["onep.import"].create(self._prepare_import_vals(feed))
        self.attachment_id.write({"res_model": run._name, "res_id": run.id})
        feed._file_imported(run)
        return run

    def _prepare_feed_vals(self):
        return {
            "name": self.env._("%(supplier)s: price list", supplier=self.partner_id.name),
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "kind": self.kind,
        }

    def _prepare_import_vals(self, feed):
        return {
            "name": self.env._("%(feed)s, %(file)s", feed=feed.name, file=self.file_name),
            "feed_id": feed.id,
            "attachment_id": self.attachment_id.id,
            "file_name": self.file_name,
            "checksum": self.env["onep.import"]._get_checksum(self.attachment_id.raw or b""),
            "shape": self.shape,
            "mapping": self._get_mapping_json(),
        }

    def _get_mapping_json(self):
        """The mapping as chosen on screen, in the JSON form of the ingest package."""
        self.ensure_one()
        constants, expressions, _problems = self._get_adjustments()
        values = {
            "columns": [
                {"column": line.column, "index": line.column_index, "field": line.field or None}
                for line in self.line_ids
            ],
            "prices_include_vat": self.prices_include_vat,
            "vat_rate": (self.vat_rate / 100 or None) if self.prices_include_vat else None,
            "currency": self.currency_id.name,
            "constants": constants,
            "expressions": {name: item.to_json() for name, item in expressions.items()},
        }
        return self._add_confirmed(values)
