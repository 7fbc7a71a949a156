import base64

from odoo import api, models

from ..engine import table_file


class OnepCarrierGrid(models.Model):
    """A carrier's grid as a file: what is exported can be imported again."""

    _inherit = "onep.carrier.grid"

    def action_import_file(self):
        """Import a grid from the carrier's file, after this one if there is one."""
        return self[:1]._get_grid_action("onep_margin.onep_carrier_import_action")

    def action_export(self):
        """Download this grid as a spreadsheet of the import's shape."""
        self.ensure_one()
        return self._get_file_download(
            [self._get_file_header(), *self._get_file_rows()], f"{self.code}-{self.valid_from}"
        )

    @api.model
    def _get_file_header(self):
        """Return the headers of the file. They are not translated: any user's file is read."""
        return [
            "weight_from_g",
            "weight_to_g",
            "zone",
            "price",
            "currency",
            "divisor_cm3_per_kg",
            "fuel_surcharge",
            "fixed_amount",
        ]

    @api.model
    def _get_file_example(self):
        """Return the rows of the template."""
        settings = [self.env.company.currency_id.name, 5000, "12.5 %", 0.2]
        bands = [(0, 250, 4.95), (250, 500, 6.1), (500, 1000, 7.4), (1000, "", 9.9)]
        return [[lower, upper, "", price, *settings] for lower, upper, price in bands]

    def _get_file_rows(self):
        """Return a row for each active price, its settings repeated."""
        settings = [
            self.currency_id.name,
            self.volumetric_divisor or "",
            self.fuel_rate,
            self.fixed_amount,
        ]
        rows = []
        for zone, lines in self.line_ids.filtered("active").grouped("zone").items():
            lower = 0.0
            for line in lines.sorted(lambda line: line.weight_max_g or float("inf")):
                upper = line.weight_max_g or ""
                rows.append([lower, upper, zone or "", line.amount, *settings])
                lower = line.weight_max_g
        return rows

    @api.model
    def _get_file_download(self, rows, name):
        """Return the action that downloads rows as a spreadsheet."""
        attachment = self.env["ir.attachment"].create(
            {
                "name": f"{name}.xlsx",
                "datas": base64.b64encode(table_file.write_xlsx(rows, name)),
                "mimetype": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            }
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            "target": "download",
        }
