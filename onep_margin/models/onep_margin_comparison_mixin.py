from odoo import api, models

#: Figures of a deal in the order they are read: key, kind, better.
#: kind: money, percent, number or text
#: better: "up" when more is good news, "down" when less is, None for neither
FIGURE_ROWS = (
    ("sell_price_taxed", "money", None),
    ("revenue_untaxed", "money", "up"),
    ("landed_cost", "money", "down"),
    ("commission", "money", "down"),
    ("fulfilment_fee", "money", "down"),
    ("other_fees", "money", "down"),
    ("net_margin", "money", "up"),
    ("margin_rate", "percent", "up"),
    ("margin_on_price_rate", "percent", "up"),
    ("roi", "percent", "up"),
    ("total_margin", "money", "up"),
    ("monthly_margin", "money", "up"),
    ("break_even_price_taxed", "money", "down"),
    ("suggested_price_taxed", "money", "down"),
    ("max_buy_price", "money", None),
    ("unknown_text", "text", None),
)


class OnepMarginComparisonMixin(models.AbstractModel):
    """Figures of deals side by side, as the ``onep_comparison`` widget reads them."""

    _name = "onep.margin.comparison.mixin"
    _description = "Deals Side by Side"

    @api.model
    def _get_figure_rows(self):
        """Return the rows of the table; see ``FIGURE_ROWS``."""
        return FIGURE_ROWS

    @api.model
    def _get_figure_labels(self):
        """Return {key: words} of the rows."""
        return {
            "sell_price_taxed": self.env._("Price, VAT included"),
            "revenue_untaxed": self.env._("Revenue without VAT"),
            "landed_cost": self.env._("Landed cost"),
            "commission": self.env._("Commission"),
            "fulfilment_fee": self.env._("Shipping cost"),
            "other_fees": self.env._("Other fees"),
            "net_margin": self.env._("Net margin"),
            "margin_rate": self.env._("Margin on revenue"),
            "margin_on_price_rate": self.env._("Margin on price"),
            "roi": self.env._("ROI"),
            "total_margin": self.env._("Margin of the quantity"),
            "monthly_margin": self.env._("Margin per month"),
            "break_even_price_taxed": self.env._("Break-even price"),
            "suggested_price_taxed": self.env._("Price for the target"),
            "max_buy_price": self.env._("Highest buying price"),
            "unknown_text": self.env._("Why unknown"),
        }

    @api.model
    def _prepare_comparison(self, columns, keys=None):
        """Return {columns, rows} for the widget.

        columns: a dictionary each: key, label, figures ({row key: value, None unknown}), and
            optionally sublabel, is_reference (the others are told from it), is_best, record
            ("model,id", opened by a click)
        keys: rows to show, in the order of ``_get_figure_rows``; those that some column knows
            when not given
        """
        labels = self._get_figure_labels()
        rows = [
            {
                "key": key,
                "label": labels[key],
                "kind": kind,
                "better": better,
                "values": [self._as_json(column["figures"].get(key)) for column in columns],
            }
            for key, kind, better in self._get_figure_rows()
            if keys is None or key in keys
        ]
        return {
            "columns": [
                {
                    "key": column["key"],
                    "label": column["label"],
                    "sublabel": column.get("sublabel") or False,
                    "is_reference": bool(column.get("is_reference")),
                    "is_best": bool(column.get("is_best")),
                    "record": column.get("record") or False,
                }
                for column in columns
            ],
            "rows": [row for row in rows if any(value is not None for value in row["values"])],
        }

    @api.model
    def _as_json(self, value):
        """Return a figure, None when it is unknown; False is what Odoo reads NULL as."""
        return None if value is False or value is None or value != value else value

    @api.model
    def _mark_best(self, columns, key="net_margin"):
        """Mark the column with the highest known figure; none when fewer than two know it."""
        known = [column for column in columns if column["figures"].get(key) is not None]
        if len(known) > 1:
            max(known, key=lambda column: column["figures"][key])["is_best"] = True
        return columns
