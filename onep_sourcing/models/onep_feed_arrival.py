import hashlib

from odoo import api, fields, models
from odoo.tools import plaintext2html

from .channel_messages import get_channel_message

KEPT_DAYS = 30
#: Reasons to wait that one click can settle.
DRIFT_RULES = {"layout-drifted", "layout-drifted-more"}


class OnepFeedArrival(models.Model):
    """A file that came through a feed's channel and waits for someone to look at it.

    Files whose columns are known never wait: they become imports at once. Only code writes here:
    whoever could choose the attachment could read any file.
    """

    _name = "onep.feed.arrival"
    _description = "File to check"
    _order = "id desc"

    name = fields.Char(string="File", required=True, readonly=True)
    feed_id = fields.Many2one(
        "onep.supplier.feed", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="feed_id.company_id", store=True, index=True)
    attachment_id = fields.Many2one(
        "ir.attachment", required=True, readonly=True, ondelete="restrict"
    )
    file_size = fields.Integer(related="attachment_id.file_size")
    checksum = fields.Char(readonly=True, help="SHA-256 of the file.")
    reason = fields.Json(readonly=True)
    reason_text = fields.Char(string="Why it waits", compute="_compute_reason_text")
    import_id = fields.Many2one(
        "onep.import", compute="_compute_import", store=True, string="Imported by"
    )
    is_dismissed = fields.Boolean(readonly=True)
    refused_as = fields.Char(
        readonly=True, help="How its feed was read when someone said that it is not needed."
    )
    is_drifted = fields.Boolean(compute="_compute_is_drifted")
    is_waiting = fields.Boolean(compute="_compute_is_waiting", store=True)
    activity_id = fields.Many2one("mail.activity", readonly=True, ondelete="set null")

    @api.depends("reason")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        for arrival in self:
            text = get_channel_message(self.env, arrival.reason) if arrival.reason else ""
            arrival.reason_text = text[:1].upper() + text[1:]

    @api.depends("reason")
    def _compute_is_drifted(self):
        for arrival in self:
            arrival.is_drifted = (arrival.reason or {}).get("rule") in DRIFT_RULES

    @api.depends("checksum", "feed_id.import_ids.checksum")
    def _compute_import(self):
        """The import that took these bytes after they came, whoever started it."""
        for arrival in self:
            arrival.import_id = arrival.feed_id.import_ids.filtered(
                lambda run, arrival=arrival: (
                    run.checksum == arrival.checksum
                    and (not arrival.create_date or run.create_date >= arrival.create_date)
                )
            )[:1]

    @api.depends("import_id", "is_dismissed")
    def _compute_is_waiting(self):
        for arrival in self:
            arrival.is_waiting = not arrival.import_id and not arrival.is_dismissed

    def unlink(self):
        """The to-do goes with what waited; its file does by itself."""
        self._close_activity()
        return super().unlink()

    def action_check_columns(self):
        """Open the mapping screen on this file."""
        return self._create_upload()._get_form_action()

    def action_accept_changes(self):
        """Take the renamed columns over and import.

        The mapping screen opens when more is missing, when prices may be in another unit, or when
        the reason to wait does not tell all.
        """
        return self._create_upload()._accept_told_changes()

    def _create_upload(self):
        """This file on the mapping screen."""
        self.ensure_one()
        self.check_access("read")
        feed = self.feed_id.with_company(self.company_id)
        feed.check_access("write")
        data = self.sudo().attachment_id.raw or b""
        upload = feed.env["onep.feed.upload"]._create_from_file(self.name, data, feed)
        feed._read_the_usual_sheet(upload)
        return upload

    def action_dismiss(self):
        """Nobody needs this file."""
        self.check_access("read")
        self.feed_id.check_access("write")
        for arrival in self.sudo():
            refused_as = arrival.feed_id._get_reading_print()
            arrival.write({"is_dismissed": True, "refused_as": refused_as})
        self.feed_id.sudo()._settle_arrivals()

    def _close_activity(self):
        """The to-do of files that wait no longer."""
        self.sudo().activity_id.unlink()

    @api.model
    def _hold(self, feed, name, data, checksum, reason):
        """Keep a file until someone looks at it, and tell the feed's responsible."""
        attachment = self.env["ir.attachment"].sudo().create({"name": name, "raw": data})
        arrival = self.sudo().create(
            {
                "name": name,
                "feed_id": feed.id,
                "attachment_id": attachment.id,
                "checksum": checksum,
                "reason": reason,
            }
        )
        attachment.write({"res_model": self._name, "res_id": arrival.id})
        person = feed._get_responsible()
        words = feed.with_context(lang=person.lang)
        arrival.activity_id = feed.sudo().activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=person.id,
            summary=words.env._("Check the columns of %(file)s", file=name),
            note=plaintext2html(
                get_channel_message(
                    words.env,
                    {"rule": "file-held", "params": {"file": name, "reason": reason}},
                )
            ),
        )
        return arrival

    @api.model
    def _get_checksum(self, data):
        return hashlib.sha256(data).hexdigest()

    @api.autovacuum
    def _gc_settled(self):
        """Files that wait no longer: their import keeps its own copy. One that nobody needs is
        known by its bytes as long as its source may give it again.
        """
        before = fields.Datetime.subtract(fields.Datetime.now(), days=KEPT_DAYS)
        settled = self.search([("is_waiting", "=", False), ("write_date", "<", before)], limit=500)
        settled.filtered(
            lambda arrival: not arrival.refused_as or arrival != arrival.feed_id.arrival_ids[:1]
        ).unlink()
