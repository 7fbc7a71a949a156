from odoo import fields, models
from odoo.modules.module import get_manifest

from odoo.addons.onep_marketplace_connectors.clients.auth import fingerprint

from ..channels import selection

#: What decides how a file is read, beside its source and its columns.
READING_FIELDS = {
    "kind",
    "currency_id",
    "prices_include_vat",
    "vat_rate",
    "gone_limit",
    "reading",
}


class OnepFeedRefusal(models.Model):
    """Files that came to nothing for what they hold: too large, no price list, an import that
    failed for its contents, or one that someone set aside.

    The same is neither fetched nor imported again until it changes, the feed's settings or columns
    change, or someone presses “Fetch now”. A file is known by what its source says of it (ETag,
    date and size), and by its bytes once they came.
    """

    _inherit = "onep.supplier.feed"

    is_retake_asked = fields.Boolean(
        readonly=True, copy=False, help="Someone wants the next check to take refused files again."
    )

    def action_fetch_now(self):
        action = super().action_fetch_now()
        self.sudo().is_retake_asked = True
        return action

    def _get_reading_print(self):
        """Changes when a file of this feed might be read in another way."""
        self.ensure_one()
        feed = self.sudo()
        names = {name for name in feed._get_source_fields() if feed._fields[name].store}
        values = [
            (name, str(feed[name]))
            for name in sorted((names | READING_FIELDS) - {"source_host_key"})
        ]
        columns = feed.mapping_ids.sorted("column_index").mapped(
            lambda line: (line.column_index, line.column, line.field)
        )
        return fingerprint(
            repr(values),
            repr(columns),
            *(secret._get_print() for secret in feed.secret_ids.sorted("key")),
            str(feed._get_limits().max_bytes),
            get_manifest("onep_sourcing")["version"],
        )

    def _refuse(self, file, state, error):
        """Remember that a file is at fault; returns what the channel then remembers."""
        kept = {**self._get_entry(error), "as": self._get_reading_print()}
        self.source_state = selection.refuse(state, file, kept, error.mark)
        return dict(self.source_state)

    def _describe_refusal(self, file, error):
        params = {"file": file.name, "reason": self._get_entry(error)}
        return {"rule": "file-refused", "params": params}

    def _find_refusal(self, checksum):
        """Why these bytes are not taken, as an entry; None when they are."""
        self.ensure_one()
        same = [
            ("feed_id", "=", self.id),
            ("checksum", "=", checksum),
            ("refused_as", "=", self._get_reading_print()),
        ]
        failed = self.env["onep.import"].sudo().search([*same, ("state", "=", "failed")], limit=1)
        if failed:
            return self._describe_failed(failed)
        arrival = (
            self.env["onep.feed.arrival"]
            .sudo()
            .search([*same, ("is_dismissed", "=", True)], limit=1)
        )
        return {"rule": "file-dismissed", "params": {"file": arrival.name}} if arrival else None

    def _describe_failed(self, run):
        reason = {"rule": "file-unreadable", "params": {"detail": run.error_message or ""}}
        return self._describe_refused({"name": run.file_name, **reason})

    def _describe_refused(self, refused):
        """A file that was refused before, as an entry."""
        reason = {"rule": refused["rule"], "params": refused["params"]}
        return {"rule": "refused-before", "params": {"file": refused["name"], "reason": reason}}

    def _describe_refused_files(self, there, state):
        """Files that are there, and the same as when they were refused, as entries."""
        refused = selection.find_refused(state, there)
        entries = [self._describe_refused(entry) for entry in refused.values()]
        latest = self._find_latest_import()
        names = {file.name for file in selection.find_seen(state, there)}
        if latest.state == "failed" and latest.refused_as and latest.file_name in names:
            entries.append(self._describe_failed(latest))
        return entries

    def _release_refusals(self):
        """Refused files are taken again once something was done about them, or someone asks."""
        now = self._get_reading_print()
        is_asked = self.is_retake_asked
        same = [
            ("feed_id", "=", self.id),
            ("refused_as", "!=", False),
            *([] if is_asked else [("refused_as", "!=", now)]),
        ]
        runs = self.env["onep.import"].search([*same, ("state", "=", "failed")])
        arrivals = self.env["onep.feed.arrival"].search([*same, ("is_dismissed", "=", True)])
        if not (runs or arrivals or is_asked or (self.source_state or {}).get("refused")):
            return
        published = self.published_import_id
        # an older file must not come after a newer one
        later = runs.filtered(lambda run: run.id > published.id)
        later_arrivals = arrivals.filtered(
            lambda arrival: not published or arrival.create_date > published.create_date
        )
        state = dict(self.source_state or {})
        refused = {
            path
            for path, entry in (state.get("refused") or {}).items()
            if is_asked or entry.get("as") != now
        }
        for name in {*later.mapped("file_name"), *later_arrivals.mapped("name"), *refused}:
            state = selection.forget(state, name or "")
        runs.refused_as = arrivals.refused_as = False
        self.write({"source_state": state, "is_retake_asked": False})
