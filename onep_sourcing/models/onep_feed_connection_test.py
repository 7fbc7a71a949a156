from odoo import api, fields, models
from odoo.exceptions import UserError

from ..channels import selection
from ..channels.base import Limits
from ..channels.errors import ChannelError
from ..ingest import detect
from .channel_messages import get_channel_message

#: A test runs while someone waits: short, and it never takes the file itself.
TEST_LIMITS = Limits(max_bytes=8 * 1024 * 1024, connect_s=8.0, read_s=15.0, total_s=30.0)
START_BYTES = 256 * 1024
SHOWN_COLUMNS = 8


class OnepFeedConnectionTest(models.Model):
    """“Test the connection”: looks at a source and tells in words what was seen."""

    _inherit = "onep.supplier.feed"

    test_entries = fields.Json(readonly=True, copy=False)
    test_text = fields.Text(string="Last test", compute="_compute_test_text")
    tested_at = fields.Datetime(string="Tested on", readonly=True, copy=False)
    is_test_ok = fields.Boolean(readonly=True, copy=False)

    @api.depends("test_entries")
    @api.depends_context("lang", "tz")
    def _compute_test_text(self):
        for feed in self:
            feed.test_text = "\n".join(
                get_channel_message(self.env, entry) for entry in feed.test_entries or []
            )

    def action_test_connection(self):
        """Look at the source and tell what was seen."""
        self.ensure_one()
        self.check_access("write")
        feed = self.with_company(self.company_id).sudo()
        try:
            entries, is_ok = feed._test_mail() if feed.channel == "mail" else feed._test_source()
        except ChannelError as error:
            entries, is_ok = [feed._get_entry(error)], False
        except UserError as error:
            entries, is_ok = [{"rule": "file-unreadable", "params": {"detail": str(error)}}], False
        feed.write(
            {"test_entries": entries, "tested_at": fields.Datetime.now(), "is_test_ok": is_ok}
        )
        if is_ok:
            feed._resume_checks()
        return True

    def _test_source(self):
        """What is there, what would be taken, how it would be read.

        :return: (entries, whether a check would work)
        """
        with self._open_channel(TEST_LIMITS) as channel:
            there = channel.look()
            chosen = selection.choose(there, self.file_pattern, {}, newest_only=True)
            entries = []
            if self.channel in ("sftp", "ftp", "folder"):
                self._refuse_when_nothing_fits(there, chosen)
                fitting = sum(selection.fits(file.name, self.file_pattern) for file in there)
                entries.append(
                    {"rule": "test-files", "params": {"count": len(there), "fitting": fitting}}
                )
            shape = None
            for file in chosen:
                peek = channel.peek(file, START_BYTES)
                entries.append(self._prepare_file_entry(peek.file))
                shape = self._sniff(channel, peek)
                entries += self._prepare_shape_entries(shape)
            self._learn_host_key(channel)
            entries += [{"rule": rule, "params": params} for rule, params in channel.notes]
        reached = {"rule": "test-reached", "params": {"host": self.source_text or "?"}}
        return [reached, *entries], not isinstance(shape, detect.UnreadableFile)

    def _refuse_when_nothing_fits(self, there, chosen):
        """A folder without a file that fits is said as what it is; one of ours may be empty."""
        if chosen or (self.channel == "folder" and not there):
            return
        self._raise_nothing_fits(there)

    def _prepare_file_entry(self, file):
        params = {"file": file.name, "size_bytes": file.size}
        if file.size is None:
            return {"rule": "test-file-unsized", "params": {"file": file.name}}
        if not file.modified_at:
            return {"rule": "test-file-undated", "params": params}
        moment = fields.Datetime.to_string(file.modified_at.replace(tzinfo=None))
        return {"rule": "test-file", "params": {**params, "modified_at": moment}}

    def _sniff(self, channel, peek):
        """How the file would be read: from its start, or whole when only the whole tells.

        :return: a shape, an UnreadableFile, or None when it is too large to be known
        """
        try:
            return detect.sniff(peek.data, peek.file.name)
        except detect.UnreadableFile as error:
            if peek.is_whole:
                return error
        whole = channel.peek(peek.file, TEST_LIMITS.max_bytes)
        if not whole.is_whole:
            return None
        try:
            return detect.sniff(whole.data, whole.file.name)
        except detect.UnreadableFile as error:
            return error

    def _prepare_shape_entries(self, shape):
        if shape is None:
            return [{"rule": "test-format-later", "params": {}}]
        if isinstance(shape, detect.UnreadableFile):
            return [{"rule": shape.rule, "params": dict(shape.params)}]
        columns = list(shape.columns)
        shown = ", ".join(columns[:SHOWN_COLUMNS]) + (", …" if columns[SHOWN_COLUMNS:] else "")
        parts = [shape.format.upper(), shape.encoding, shape.delimiter and f"« {shape.delimiter} »"]
        entries = [
            {
                "rule": "test-format",
                "params": {"format": " · ".join(filter(None, parts)), "columns": shown},
            }
        ]
        difference = self._compare_columns(columns, shape.format)
        if difference is None:
            entries.append({"rule": "test-columns-known", "params": {}})
        elif difference["rule"] == "first-file":
            entries.append({"rule": "test-columns-new", "params": {}})
        else:
            entries.append({"rule": "test-columns-differ", "params": {"reason": difference}})
        return entries
