from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.onep_marketplace_connectors.optional_fields import OptionalFloat

from ..sql import feed_curve
from ..sql import supplier_offer as offer_sql
from ..sql import supplier_offer_history as history_sql

# Imports that a card's curve shows.
CURVE_IMPORTS = 15


class OnepSupplierFeed(models.Model):
    """A supplier's recurring price list: how it arrives and how its columns are read."""

    _name = "onep.supplier.feed"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Supplier feed"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Supplier",
        required=True,
        index=True,
        tracking=True,
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    active = fields.Boolean(default=True)
    color = fields.Integer()
    image_128 = fields.Image(related="partner_id.image_128")
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Currency of the prices when the file names none.",
    )
    channel = fields.Selection(
        [
            ("manual", "Dropped by hand"),
            ("mail", "E-mail"),
            ("http", "Web address"),
            ("sftp", "SFTP"),
            ("ftp", "FTP / FTPS"),
            ("rest", "REST API"),
            ("folder", "Folder of the server"),
        ],
        string="Arrives by",
        required=True,
        default="manual",
        tracking=True,
    )
    kind = fields.Selection(
        [("full", "Full catalogue"), ("delta", "Only what changed")],
        string="Content",
        required=True,
        default="full",
        help="In a full catalogue, an article that is no longer listed is marked as gone.",
    )
    prices_include_vat = fields.Boolean(
        string="Purchase prices include VAT",
        help="They are converted to untaxed prices with the VAT rate of the row, else the one "
        "below.",
    )
    vat_rate = fields.Float(
        string="VAT rate (%)", digits=(5, 2), help="Used when the file gives no VAT rate."
    )
    mapping_ids = fields.One2many("onep.feed.mapping", "feed_id", string="Columns")
    import_ids = fields.One2many("onep.import", "feed_id", string="Imports")
    last_import_id = fields.Many2one(
        "onep.import", compute="_compute_last_import", store=True, string="Last import"
    )
    published_import_id = fields.Many2one(
        "onep.import",
        string="Last good import",
        ondelete="set null",
        readonly=True,
        copy=False,
        help="The one that last changed the catalogue.",
    )
    gone_limit = OptionalFloat(
        string="Hold when more goes than",
        digits=(6, 4),
        help="Share of the catalogue, 0.3 for 30 %. An import that would mark more of it as gone "
        "waits for a person. Empty: the company's setting.",
    )
    last_import_state = fields.Selection(related="last_import_id.state", string="State")
    last_import_at = fields.Datetime(related="last_import_id.finished_at", string="Imported on")
    last_import_progress = fields.Float(related="last_import_id.progress")
    # the running import, so that a card can show its progress
    done_count = fields.Integer(related="last_import_id.done_count")
    total_count = fields.Integer(related="last_import_id.total_count")
    rate_per_second = fields.Float(related="last_import_id.rate_per_second")
    remaining_seconds = fields.Integer(related="last_import_id.remaining_seconds")
    last_row_count = fields.Integer(related="last_import_id.row_count", string="Rows")
    last_new_count = fields.Integer(related="last_import_id.new_count", string="New")
    last_changed_count = fields.Integer(related="last_import_id.changed_count", string="Changed")
    last_gone_count = fields.Integer(related="last_import_id.gone_count", string="Gone")
    row_curve = fields.Json(
        compute="_compute_row_curve",
        string="Size of the files",
        help="Rows of the last imports, the oldest first.",
    )
    offer_count = fields.Integer(compute="_compute_offer_count", string="Offers")
    issue_count = fields.Integer(compute="_compute_issue_count", string="Quarantined rows")

    @api.depends("import_ids")
    def _compute_last_import(self):
        latest = dict(
            self.env["onep.import"]._read_group(
                [("feed_id", "in", self.ids)], ["feed_id"], ["id:max"]
            )
        )
        for feed in self:
            feed.last_import_id = latest.get(feed._origin, False)

    @api.depends("last_import_id.state")
    def _compute_row_curve(self):
        self.env["onep.import"].flush_model(["feed_id", "state", "row_count"])
        counts = dict(self.env.execute_query(feed_curve.select_row_counts(self.ids, CURVE_IMPORTS)))
        for feed in self:
            feed.row_curve = counts.get(feed._origin.id, [])

    def _compute_offer_count(self):
        counts = dict(
            self.env["onep.supplier.offer"]._read_group(
                [("feed_id", "in", self.ids), ("is_present", "=", True)],
                ["feed_id"],
                ["__count"],
            )
        )
        for feed in self:
            feed.offer_count = counts.get(feed._origin, 0)

    def _compute_issue_count(self):
        counts = dict(
            self.env["onep.import.issue"]._read_group(
                [
                    ("feed_id", "in", self.ids),
                    ("state", "=", "open"),
                    ("severity", "=", "refuse"),
                ],
                ["feed_id"],
                ["__count"],
            )
        )
        for feed in self:
            feed.issue_count = counts.get(feed._origin, 0)

    def write(self, vals):
        """Refuse to move a feed to another supplier or company once it has offers."""
        if "company_id" in vals and self.filtered(
            lambda feed: feed.import_ids and feed.company_id.id != vals["company_id"]
        ):
            raise UserError(
                self.env._("A feed that has imports stays in its company: create another one.")
            )
        if "partner_id" in vals:
            moved = self.filtered(
                lambda feed: feed.offer_count and feed.partner_id.id != vals["partner_id"]
            )
            if moved:
                raise UserError(
                    self.env._(
                        "%(feed)s already has offers of %(supplier)s. Create another feed for the "
                        "new supplier.",
                        feed=moved[0].name,
                        supplier=moved[0].partner_id.display_name,
                    )
                )
        return super().write(vals)

    def unlink(self):
        """Take imports with their files, offers and their history along."""
        self.check_access("unlink")
        self.import_ids.unlink()
        self.env.flush_all()
        scope = offer_sql.of_feeds(self.ids)
        self.env.cr.execute(history_sql.delete_of_offers(scope))
        self.env.cr.execute(offer_sql.delete(scope))
        self.env.cr.execute(history_sql.forget_feeds(self.ids))
        self.env.invalidate_all()
        return super().unlink()

    def action_upload(self):
        """Open the upload screen for this feed."""
        self.ensure_one()
        return self.env["onep.feed.upload"]._get_upload_action(feed=self)

    def action_open_imports(self):
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("onep_sourcing.onep_import_action"),
            "domain": [("feed_id", "=", self.id)],
            "context": {"default_feed_id": self.id},
        }

    def action_open_offers(self):
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "onep_sourcing.onep_supplier_offer_action"
            ),
            "domain": [("feed_id", "=", self.id)],
        }

    def action_open_issues(self):
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "onep_sourcing.onep_import_issue_action"
            ),
            "domain": [("feed_id", "=", self.id)],
        }

    def _get_vat_rates(self):
        """VAT rates [%] by which prices may have moved as a whole: taxes came in or went out.

        Those in force today where the supplier and the company are, and the feed's own.
        """
        self.ensure_one()
        countries = self.partner_id.country_id | self.company_id.country_id
        rates = self.env["onep.vat.rate"].sudo()
        in_force = rates.search(
            rates._get_valid_domain(fields.Date.context_today(self))
            & fields.Domain("country_id", "in", countries.ids)
        )
        found = {round(100 * rate, 3) for rate in in_force.mapped("rate")}
        return sorted(found | {self.vat_rate}, reverse=True)

    def _get_gone_limit(self):
        """Share of the catalogue that may go in one import without being asked about."""
        self.ensure_one()
        if self.gone_limit is False:
            return self.company_id.onep_gone_limit
        return self.gone_limit
