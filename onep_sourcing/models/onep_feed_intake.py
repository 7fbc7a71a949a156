from odoo import api, fields, models
from odoo.exceptions import UserError

from ..ingest.automap.fingerprint import Layout

SHOWN_COLUMNS = 5


class OnepFeedIntake(models.Model):
    """What becomes of a file once it is here, whatever its channel: nothing when it was imported
    before, an import when its columns are known, else it waits for a person.
    """

    _inherit = "onep.supplier.feed"

    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Is told when a file needs a look, or does not come any more.",
    )
    arrival_ids = fields.One2many("onep.feed.arrival", "feed_id", string="Files to check")
    waiting_ids = fields.One2many(
        "onep.feed.arrival",
        "feed_id",
        string="Waiting files",
        domain=[("is_waiting", "=", True)],
        readonly=True,
    )
    waiting_count = fields.Integer(compute="_compute_waiting_count")
    confirmed_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="When the supplier last gave us the very file that was imported last.",
    )

    @api.depends("arrival_ids.is_waiting")
    def _compute_waiting_count(self):
        counts = dict(
            self.env["onep.feed.arrival"]._read_group(
                [("feed_id", "in", self.ids), ("is_waiting", "=", True)], ["feed_id"], ["__count"]
            )
        )
        for feed in self:
            feed.waiting_count = counts.get(feed._origin, 0)

    def unlink(self):
        """Waiting files go through the ORM, so that their attachments go too."""
        self.sudo().arrival_ids.unlink()
        return super().unlink()

    def action_check_columns(self):
        """Open the mapping screen on the newest file that waits."""
        return self._get_newest_waiting().action_check_columns()

    def _get_newest_waiting(self):
        self.ensure_one()
        waiting = self._get_waiting()[:1].sudo(False)
        if not waiting:
            raise UserError(self.env._("No file of this feed is waiting."))
        return waiting

    def _get_responsible(self):
        """Who is told: the responsible, else who made the feed, else the administrator."""
        self.ensure_one()
        for user in (self.user_id, self.create_uid):
            if user.active and not user.share and user.id != self.env.ref("base.user_root").id:
                return user
        return self.env.ref("base.user_admin")

    def _receive(self, name, data, checksum=None):
        """A file came through the channel.

        :return: what became of it, as an entry
        """
        self.ensure_one()
        arrivals = self.env["onep.feed.arrival"]
        checksum = checksum or arrivals._get_checksum(data)
        if self._find_last_good_import().checksum == checksum:
            self._confirm_prices(checksum)
            return self._describe_waiting() or {"rule": "file-same", "params": {"file": name}}
        if self._get_waiting().filtered(lambda arrival: arrival.checksum == checksum):
            return {"rule": "file-waits", "params": {"file": name}}
        if self.is_fetched and (refusal := self._find_refusal(checksum)):
            return refusal
        upload, reason = self._prepare_upload(name, data)
        if not reason:
            run = upload._create_import()
            run.action_import()
            self._file_imported(run)
            return {"rule": "file-imported", "params": {"file": name, "size_bytes": len(data)}}
        upload.unlink()  # the mapping screen nobody opened, with its copy of the file
        arrivals._hold(self, name, data, checksum, reason)
        return {"rule": "file-held", "params": {"file": name, "reason": reason}}

    def _confirm_prices(self, checksum=None):
        """The source still gives this file: nothing is confirmed unless it is the published one.

        :param checksum: of the file, when known
        """
        latest = self._find_latest_import()
        is_published = latest.state == "done" and checksum in (None, latest.checksum)
        if is_published and not self._get_waiting():
            self.sudo().confirmed_at = fields.Datetime.now()

    def _describe_waiting(self):
        """The file or the import that a person has to look at, as an entry; None without any."""
        if waiting := self._get_waiting()[:1]:
            return {"rule": "file-waits", "params": {"file": waiting.name}}
        # of files with changes the oldest is decided first, of catalogues the newest counts
        order = "id" if self.kind == "delta" else "id desc"
        held = (
            self.env["onep.import"]
            .sudo()
            .search([("feed_id", "=", self.id), ("state", "=", "held")], order=order, limit=1)
        )
        return {"rule": "import-waits", "params": {"file": held.file_name}} if held else None

    def _get_waiting(self):
        """Files of this feed that wait for a person, newest first."""
        self.ensure_one()
        return (
            self.env["onep.feed.arrival"]
            .sudo()
            .search([("feed_id", "=", self.id), ("is_waiting", "=", True)])
        )

    def _find_latest_import(self):
        """The latest import of this feed, whatever became of it."""
        self.ensure_one()
        return self.env["onep.import"].sudo().search([("feed_id", "=", self.id)], limit=1)

    def _find_last_good_import(self):
        """The latest import of this feed that did its work, or is about to."""
        return self.env["onep.import"].search(
            [("feed_id", "=", self.id), ("state", "in", ("queued", "running", "held", "done"))],
            limit=1,
        )

    def _prepare_upload(self, name, data):
        """The file on the mapping screen, read as this feed's files are.

        :return: (upload, None) when it can be imported without asking, else (upload, reason)
        """
        # what the screen keeps as text is for the responsible, not for the job's own user
        lang = self._get_responsible().lang
        uploads = self.env["onep.feed.upload"].with_context(lang=lang)
        try:
            with self.env.cr.savepoint():
                upload = uploads._create_from_file(name, data, self)
        except UserError as error:
            return uploads, {"rule": "file-unreadable", "params": {"detail": str(error)}}
        upload.is_unattended = True
        self._read_the_usual_sheet(upload)
        if upload.error_message:
            detail = {"detail": upload.error_message}
            return upload, {"rule": "file-unreadable", "params": detail}
        reason = self._compare_upload(upload)
        if reason:
            return upload, reason
        upload._take_over_layout()
        if not upload.is_ready:
            detail = {"detail": " ".join((upload.missing or "").split("\n"))}
            return upload, {"rule": "mapping-incomplete", "params": detail}
        return upload, None

    def _read_the_usual_sheet(self, upload):
        """A workbook with other columns may hold ours in the sheet of the last import."""
        sheet = (self._find_last_good_import().shape or {}).get("sheet")
        shape = upload.shape or {}
        if not sheet or sheet == shape.get("sheet") or sheet not in (shape.get("sheets") or ()):
            return
        if self._compare_upload(upload):
            upload.sheet = sheet
            upload._analyse()

    def _compare_upload(self, upload):
        """Whether a file can be read by the confirmed mapping.

        :return: None when it can, else the reason why a person has to look
        """
        if not self.mapping_ids:
            return {"rule": "first-file", "params": {}}
        return self._describe_changes(upload._get_changes())

    def _compare_columns(self, columns, file_format):
        """The same of columns whose content nobody has seen yet."""
        if not self.mapping_ids:
            return {"rule": "first-file", "params": {}}
        found = self._compare_layout(Layout(tuple(columns)), file_format)
        return self._describe_changes([change.to_json() for change in found.changes])

    @api.model
    def _shorten(self, columns):
        more = ", …" if len(columns) > SHOWN_COLUMNS else ""
        return ", ".join(columns[:SHOWN_COLUMNS]) + more if columns else "–"

    def _file_imported(self, run):
        """A file of this feed became an import: files that waited for a person are settled.

        Those with the same bytes are done; in a full catalogue, those that came before are
        replaced. What came after an imported file goes on waiting.
        """
        for feed in self.sudo():
            if feed.kind == "full":
                taken = feed.arrival_ids.filtered(lambda arrival: arrival.import_id == run)
                latest = max(taken.ids, default=None)
                feed._get_waiting().filtered(
                    lambda arrival, latest=latest: latest is None or arrival.id < latest
                ).is_dismissed = True
            feed._settle_arrivals()

    def _settle_arrivals(self):
        """Close the to-dos of files that wait no longer, and say so on their feeds.

        Called on no feed for all of them.
        """
        settled = self.env["onep.feed.arrival"].search(
            [
                ("is_waiting", "=", False),
                ("activity_id", "!=", False),
                *([("feed_id", "in", self.ids)] if self else []),
            ]
        )
        settled._close_activity()
        feeds = self or self.search([("check_state", "=", "waiting")])
        feeds.filtered(
            lambda feed: feed.check_state == "waiting" and not feed._describe_waiting()
        ).check_state = "ok"
