from odoo import api, fields, models

from ..ingest import automap, detect, mapping, readers, settle, tiers
from ..ingest.fields import REPEATABLE, SUMMED
from ..ingest.rules import Reason
from ..models.column_labels import get_column_labels
from ..models.ingest_messages import get_rule_message, get_why_message

SAMPLE_ROWS = 200
#: Confidence of what only the content of a file says.
LIKELY = 0.8


class OnepFeedUpload(models.TransientModel):
    """The mapping screen: what a file is, which column fills which field, what comes out."""

    _name = "onep.feed.upload"
    _description = "Upload of a price list"
    _rec_name = "file_name"

    attachment_id = fields.Many2one("ir.attachment", required=True, readonly=True)
    file_name = fields.Char(readonly=True)
    feed_id = fields.Many2one(
        "onep.supplier.feed",
        help="Leave empty to create a feed for a supplier who sends a list for the first time.",
    )
    partner_id = fields.Many2one("res.partner", string="Supplier")
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    currency_id = fields.Many2one("res.currency", default=lambda self: self.env.company.currency_id)
    kind = fields.Selection(
        [("full", "Full catalogue"), ("delta", "Only what changed")],
        string="Content",
        required=True,
        default="full",
    )
    prices_include_vat = fields.Boolean(string="Purchase prices include VAT")
    vat_rate = fields.Float(string="VAT rate (%)", digits=(5, 2))
    shape = fields.Json(readonly=True)
    encoding = fields.Char(help="Leave empty to let the file decide.")
    sheet = fields.Char(help="The sheet of the workbook that is read.")
    sheet_choices = fields.Json(compute="_compute_choices")
    member = fields.Char(string="File of the archive", help="The file that is read.")
    member_choices = fields.Json(compute="_compute_choices")
    records = fields.Char(
        help="Path of the element that repeats, such as catalogue/product. Leave empty to let the "
        "file decide.",
    )
    header_row = fields.Integer(
        string="Header in line", help="0: let the file decide. -1: the file has no header."
    )
    sample = fields.Json(readonly=True)
    row_count = fields.Integer(readonly=True, help="About how many rows the file has; 0 unknown.")
    error_message = fields.Text(readonly=True)
    duplicate_import_id = fields.Many2one("onep.import", readonly=True)
    line_ids = fields.One2many("onep.feed.upload.line", "upload_id", string="Columns")

    @api.depends("shape")
    def _compute_choices(self):
        """What can be read of a workbook or an archive that holds several."""
        for upload in self:
            shape = upload.shape or {}
            for name in ("sheet", "member"):
                choices = shape.get(f"{name}s") or []
                upload[f"{name}_choices"] = choices if len(choices) > 1 else False

    @api.model
    def _create_from_file(self, file_name, data, feed=None):
        """Keep the bytes as an attachment, find out what the file is and propose a mapping."""
        feed = feed or self.env["onep.supplier.feed"]
        attachment = self.env["ir.attachment"].create(
            {"name": file_name or self.env._("price list"), "raw": data}
        )
        upload = self.create(
            {
                "attachment_id": attachment.id,
                "file_name": attachment.name,
                "feed_id": feed.id,
                "partner_id": feed.partner_id.id,
                "company_id": (feed.company_id or self.env.company).id,
                "currency_id": (feed.currency_id or self.env.company.currency_id).id,
                "kind": feed.kind or "full",
                "prices_include_vat": feed.prices_include_vat,
                "vat_rate": self._get_usual_vat_rate(feed, feed.partner_id),
                **self._prepare_reading_vals(feed),
            }
        )
        # the file goes with an upload that is left without importing
        attachment.write({"res_model": upload._name, "res_id": upload.id})
        upload._analyse()
        return upload

    def _analyse(self):
        """Read the first rows and propose a field for each column.

        What cannot be read leaves a message that says what to do; columns shown before wait.
        """
        self.ensure_one()
        data = self.attachment_id.raw or b""
        try:
            shape = detect.sniff(data, self.file_name or "", self._get_sniff_options())
            sample = readers.sample(data, shape, SAMPLE_ROWS)
            if not len(sample):
                raise detect.UnreadableFile("no-rows")
        except detect.UnreadableFile as error:
            self.write(
                {
                    # of an archive or a workbook another part can still be chosen
                    "shape": self.shape if self.sheet or self.member else False,
                    "sample": False,
                    "error_message": get_rule_message(
                        self.env, {"rule": error.rule, "params": dict(error.params)}
                    ),
                }
            )
            return
        if not self.feed_id and not self.partner_id:
            self._recognise_feed(shape, sample)
        self.write(
            {
                "error_message": False,
                "row_count": readers.estimate_rows(data, shape) or 0,
                "shape": shape.to_json(),
                "sheet": shape.sheet,
                "member": shape.member,
                "records": shape.records,
                "sample": {
                    "headers": list(shape.columns),
                    "rows": sample.frame.fillna("").to_numpy().tolist(),
                    "lines": sample.lines.tolist(),
                    "figures": sorted(sample.figures),
                },
                "duplicate_import_id": self._find_duplicate(data).id,
                "line_ids": [
                    fields.Command.clear(),
                    *map(fields.Command.create, self._prepare_line_vals(shape, sample)),
                ],
            }
        )

        self._place_adjustments((self.feed_id.reading or {}).get("expressions") or {})

    def _get_sniff_options(self):
        """What the person decided instead of detection."""
        return detect.SniffOptions(
            encoding=self.encoding or None,
            sheet=self.sheet or None,
            member=self.member or None,
            records=self.records or None,
            header_row=self.header_row if self.header_row > 0 else None,
            has_header=False if self.header_row < 0 else None,
        )

    def _find_duplicate(self, data):
        """The import of this feed that already took these very bytes."""
        imports = self.env["onep.import"]
        if not self.feed_id:
            return imports
        return imports.search(
            [
                ("feed_id", "=", self.feed_id.id),
                ("checksum", "=", imports._get_checksum(data)),
                ("state", "=", "done"),
            ],
            limit=1,
        )

    def _prepare_line_vals(self, shape, sample):
        """One line for each column, as the mapper proposes it."""
        memory = self._get_memory(shape.columns)
        told_before = memory.as_headers()
        result = automap.propose(shape.columns, sample.frame, memory)
        proposed = mapping.Mapping.from_proposal(result)
        if not self.feed_id:
            self._take_over(settle.settle(proposed, sample))
        steps = tiers.propose(shape.columns, sample.frame, result)
        labels = get_column_labels(self.env, shape.columns, shape.to_json())
        vals_list = []
        for proposal in result.columns:
            values = sample.frame.iloc[:, proposal.index]
            shown = [value.strip() for value in values if value and value.strip()][:3]
            remembered = proposal.column in told_before
            vals = {
                "column_index": proposal.index,
                "column": proposal.column,
                "sample": " · ".join(value[:40] for value in shown),
                "field": proposal.field,
                "confidence": proposal.confidence,
                "level": proposal.level if proposal.field else self._get_open_level(proposal),
                "alternatives": list(proposal.alternatives),
                "why": get_why_message(self.env, proposal.why, labels),
                "origin": "memory" if remembered else "proposed",
            }
            if not remembered:
                vals |= self._get_content_vals(shape, proposal, steps)
            vals_list.append(vals | {"proposed_field": vals["field"]})
        return vals_list

    def _get_content_vals(self, shape, proposal, steps):
        """What the file's content says of a column beyond its header: have a look."""
        reason = None
        vals = {"confidence": LIKELY, "level": "likely"}
        if proposal.column in steps:
            vals["field"], reason = steps[proposal.column]
        elif shape.guessed and proposal.field:
            reason = Reason("named-by-content", {})
        return vals | {"why": get_why_message(self.env, [reason])} if reason else {}

    def _get_column_labels(self):
        """{column: what it is called on screen}, of those the file itself gives no name."""
        self.ensure_one()
        return get_column_labels(self.env, self.line_ids.mapped("column"), self.shape)

    @api.model
    def _get_open_level(self, proposal):
        """A column that fills nothing is asked about only when something comes into question."""
        return "asked" if proposal.level == "asked" and proposal.alternatives else False

    @api.model
    def _get_usual_vat_rate(self, feed, partner):
        """VAT rate [%] of the feed, else the standard one where the supplier is today.

        A supplier without a country is taken to be where the company is. 0: nobody knows.
        """
        if feed.vat_rate:
            return feed.vat_rate
        company = feed.company_id or self.env.company
        rates = self.env["onep.vat.rate"].sudo()
        country = partner.country_id or company.country_id
        return 100 * rates._get_rates(country, fields.Date.context_today(self)).get("standard", 0.0)

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        """The rate of the supplier's country, until prices with VAT are read by another one."""
        if not self.feed_id and not (self.prices_include_vat and self.vat_rate):
            self.vat_rate = self._get_usual_vat_rate(self.feed_id, self.partner_id)

    def _take_over(self, settled):
        """What a first file says about itself, unless a person said it: taxes, currency."""
        decisions = self.decisions or {}
        if "vat" not in decisions:
            self.prices_include_vat = settled.prices_include_vat
            if settled.prices_include_vat and settled.vat_rate:
                self.vat_rate = 100 * settled.vat_rate
        if "currency" not in decisions:
            currency = self.env["res.currency"].search([("name", "=", settled.currency)], limit=1)
            self.currency_id = currency or self.currency_id

    @api.onchange("feed_id")
    def _onchange_feed_id(self):
        """An existing feed brings its own settings, and what its earlier files taught."""
        self.is_recognised = False
        for line in self.line_ids:
            line.adjustment = False
        if not self.feed_id:
            self.update({"value_ids": [fields.Command.clear()], "decisions": False})
            return
        self._take_over_feed()
        self.update(self._prepare_reading_vals(self.feed_id))
        memory = self._get_memory([line.column for line in self.line_ids]).as_headers()
        for line in self.line_ids:
            if line.column in memory:
                field = memory[line.column][0]
                line.update(
                    {
                        "field": field,
                        "proposed_field": field,
                        "level": "sure" if field else False,
                        "origin": "memory",
                    }
                )
        self._settle_look_alikes()
        self._place_adjustments((self.feed_id.reading or {}).get("expressions") or {})
        self.duplicate_import_id = self._find_duplicate(self.attachment_id.raw or b"")

    @api.onchange("line_ids")
    def _settle_look_alikes(self):
        """Of two look-alike prices, the choice of one answers for the other."""
        for upload in self:
            columns = {line.field: line.column for line in upload.line_ids if line.field}
            for line in upload.line_ids:
                asked = (line.alternatives or [None])[0]
                is_open = not line.field and line.level == "asked"
                if not is_open or asked in REPEATABLE | SUMMED:
                    asked = None
                taken_by = columns.get(asked) or False
                if line.taken_by != taken_by:
                    line.taken_by = taken_by

    def _take_over_feed(self):
        """Settings of the feed this file belongs to."""
        feed = self.feed_id
        self.update(
            {
                "partner_id": feed.partner_id.id,
                "currency_id": feed.currency_id.id,
                "kind": feed.kind,
                "prices_include_vat": feed.prices_include_vat,
                "vat_rate": self._get_usual_vat_rate(feed, feed.partner_id),
            }
        )

    def action_discard(self):
        """Leave without importing; the file is thrown away with its record."""
        self.unlink()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "onep_sourcing.onep_supplier_feed_action"
        )

    @api.model
    def _get_upload_action(self, feed):
        """Where a file of this feed is dropped: the feed's own form."""
        return {
            "type": "ir.actions.act_window",
            "res_model": feed._name,
            "res_id": feed.id,
            "views": [(False, "form")],
        }

    def _get_form_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Check the columns"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "current",
        }
