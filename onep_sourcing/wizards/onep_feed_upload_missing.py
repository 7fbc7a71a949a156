from odoo import api, fields, models

from ..ingest.fields import REPEATABLE, SUMMED


class OnepFeedUpload(models.TransientModel):
    """What a person has to say before the file on the mapping screen can be imported."""

    _inherit = "onep.feed.upload"

    missing = fields.Text(string="Missing before import", compute="_compute_missing")
    is_ready = fields.Boolean(compute="_compute_missing")

    @api.depends(
        "line_ids.field",
        "line_ids.adjustment",
        "value_ids.field",
        "value_ids.value",
        "meanings",
        "is_unattended",
        "prices_include_vat",
        "vat_rate",
        "feed_id",
        "partner_id",
        "error_message",
    )
    def _compute_missing(self):
        for upload in self:
            missing = upload._get_missing()
            upload.missing = "\n".join(missing)
            upload.is_ready = not missing and not upload.error_message

    def _get_missing(self):
        """What a person has to say before an import, one text each."""
        self.ensure_one()
        filled = self._get_filled_fields()
        missing = []
        if not self.feed_id and not self.partner_id:
            missing.append(self.env._("Choose the feed, or the supplier of a new one."))
        if not {"supplier_sku", "ean"} & set(filled):
            missing.append(
                self.env._("Say which column identifies the article: supplier SKU or EAN.")
            )
        if "purchase_price" not in filled and not (
            {"recommended_retail_price", "discount_percent"} <= set(filled)
        ):
            missing.append(self.env._("Say which column is the purchase price."))
        if self.prices_include_vat and not self.vat_rate and "vat_rate" not in filled:
            missing.append(self.env._("Say the rate of the VAT that purchase prices include."))
        columns_of = self.line_ids.grouped("field")
        for key, label in self.line_ids._fields["field"]._description_selection(self.env):
            if key not in REPEATABLE | SUMMED and len(columns_of.get(key) or ()) > 1:
                missing.append(
                    self.env._(
                        "%(field)s is filled by two columns: keep one. (%(columns)s)",
                        field=label,
                        columns=", ".join(columns_of[key].mapped("label")),
                    )
                )
        return missing + self._get_adjustments()[2] + self._get_open_meanings()

    def _get_filled_fields(self):
        """Fields that a column or a value for all rows fills, as often as they are."""
        return [*filter(None, self.line_ids.mapped("field")), *self._get_valued_fields()]
