import re
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import html

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, email_split

from odoo.addons.mail.tools.alias_error import AliasError
from odoo.addons.onep_marketplace_connectors.clients.auth import fingerprint

from ..channels import http, selection, web
from ..channels.base import safe_name
from ..channels.errors import BadSettings, ChannelError

#: What a price list is called, when no pattern says it.
LIST_NAMES = "*.csv; *.tsv; *.txt; *.xls; *.xlsx; *.xlsm; *.xlsb; *.ods; *.json; *.xml; *.zip; *.gz"
MAX_LINKS = 200


class OnepFeedAlias(models.Model):
    """A feed's own e-mail address: what allowed senders attach, or link to, is its file.

    Whether a sender is who it says is checked by the mail server (SPF, DKIM), not here.
    """

    _name = "onep.supplier.feed"
    _inherit = ["onep.supplier.feed", "mail.alias.mixin.optional"]

    mail_senders = fields.Text(
        string="Allowed senders",
        groups="onep_sourcing.group_sourcing_manager",
        help="Addresses or domains (@supplier.com), one a line. Empty: the addresses of the "
        "supplier and its contacts.",
    )
    mail_link_prefix = fields.Char(
        string="Links begin with",
        groups="onep_sourcing.group_sourcing_manager",
        help="Such as https://files.supplier.com/prices/. Empty: links whose name is that of a "
        "price list.",
    )

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id(self._name)
        values["alias_contact"] = "everyone"
        if self.id:
            values["alias_force_thread_id"] = self.id
        return values

    def _get_source_fields(self):
        return super()._get_source_fields() | {"mail_senders", "mail_link_prefix", "alias_name"}

    def _get_allowed_senders(self):
        """Normalised addresses, and domains that begin with @."""
        self.ensure_one()
        feed = self.sudo()
        typed = re.split(r"[\s,;]+", (feed.mail_senders or "").lower())
        if not any(typed):
            partners = feed.partner_id | feed.partner_id.child_ids
            typed = partners.mapped("email_normalized")
        return {entry for entry in typed if entry and "@" in entry}

    def _is_allowed_sender(self, address):
        """Whether a mail may come from this address."""
        address = email_normalize(address or "")
        if not address:
            return False
        return bool({address, f"@{address.partition('@')[2]}"} & self._get_allowed_senders())

    def _test_mail(self):
        """Whether files can come by mail, and from whom."""
        if not self.alias_name:
            return [{"rule": "test-no-alias", "params": {}}], False
        if not self.alias_email:
            return [{"rule": "test-no-domain", "params": {}}], False
        senders = sorted(self._get_allowed_senders())
        if not senders:
            return [{"rule": "test-no-sender", "params": {}}], False
        params = {"address": self.alias_email, "senders": ", ".join(senders[:10])}
        return [{"rule": "test-mail", "params": params}], True

    def _alias_get_error(self, message, message_dict, alias):
        """Strangers get their mail back; the feed says who it was."""
        error = super()._alias_get_error(message, message_dict, alias)
        if error or not self or alias != self.sudo().alias_id:
            return error
        sender = email_normalize(message_dict.get("email_from") or "") or "?"
        feed = self.sudo()
        if feed.active and feed.channel == "mail" and feed._is_allowed_sender(sender):
            return False
        feed.check_entries = [{"rule": "sender-refused", "params": {"sender": sender}}]
        return AliasError("error_onep_sender", self.env._("this address takes no mail from you"))

    def message_update(self, msg_dict, update_vals=None):
        """A mail came for the feed: take its file."""
        result = super().message_update(msg_dict, update_vals)
        for feed in self:
            if feed._is_mail_for_feed(msg_dict):
                feed.with_company(feed.company_id)._receive_mail(msg_dict)
        return result

    def _is_mail_for_feed(self, msg_dict):
        """Sent to the feed's own address, by someone allowed: not an answer in the chatter."""
        recipients = " ".join(
            filter(None, (msg_dict.get("recipients"), msg_dict.get("to"), msg_dict.get("cc")))
        )
        addresses = {address.lower() for address in email_split(recipients)}
        alias = self.sudo().alias_id
        own = {alias.alias_full_name, self.alias_email}
        is_addressed = bool(addresses & own) or (
            alias.alias_incoming_local
            and alias.alias_name in {address.partition("@")[0] for address in addresses}
        )
        return (
            self.active
            and self.channel == "mail"
            and is_addressed
            and self._is_allowed_sender(msg_dict.get("email_from"))
        )

    def _receive_mail(self, msg_dict):
        sender = email_normalize(msg_dict.get("email_from") or "") or "?"
        received = {
            "rule": "mail-received",
            "params": {"sender": sender, "subject": (msg_dict.get("subject") or "")[:80]},
        }
        files = self._find_mail_files(msg_dict)
        links = [] if files else self._find_mail_links(msg_dict.get("body") or "")
        names = [name for name, _data in files] or [
            unquote(urlsplit(link).path).rpartition("/")[2] for link in links
        ]
        if not names:
            self._note_failure({"rule": "mail-without-file", "params": {"sender": sender}})
        elif len(names) > 1 and self.kind == "full":
            params = {"sender": sender, "files": self._shorten(names)}
            self._note_failure({"rule": "mail-several-files", "params": params})
        elif links:
            for link in links:
                self._enqueue_link(link)
            hosts = ", ".join(sorted({web.host_of(link) for link in links}))
            self._check_succeeded(
                [
                    received,
                    {"rule": "link-followed", "params": {"host": hosts, "sender": sender}},
                ]
            )
        else:
            limit = self._get_limits().max_bytes
            entries = [received]
            for name, data in files:
                if len(data) > limit:
                    params = {"file": name, "size_bytes": len(data)}
                    entries.append({"rule": "mail-too-large", "params": params})
                else:
                    entries.append(self._receive(name, data))
            self._check_succeeded(entries)

    def _find_mail_files(self, msg_dict):
        """Attachments that are price lists by their name: (name, bytes)."""
        files = []
        for name, content, *_info in msg_dict.get("attachments") or []:
            name = safe_name(name or "")
            if isinstance(content, str):
                content = content.encode()
            if isinstance(content, bytes) and selection.fits(name, self._get_mail_pattern()):
                files.append((name, content))
        return files

    def _get_mail_pattern(self):
        return self.file_pattern or LIST_NAMES

    def _find_mail_links(self, body):
        """Addresses in a mail that lead to a price list, each once.

        A link counts by its beginning when one is set, else by the name at its end: a mail is
        full of links that do something when they are followed.
        """
        try:
            root = html.fromstring(body)
        except (ValueError, html.etree.ParserError):
            return []
        found = [link for _node, _name, link, _pos in root.iterlinks() if _name == "href"]
        found += re.findall(r"https?://[^\s<>\"']+", root.text_content())
        prefix = (self.sudo().mail_link_prefix or "").strip()
        links = []
        for link in found[:MAX_LINKS]:
            link = link.strip().rstrip(".,;)")
            try:
                web.check_url(link)
            except BadSettings:
                continue
            if link not in links and self._is_price_list_link(link, prefix):
                links.append(link)
        return links

    def _is_price_list_link(self, link, prefix):
        if prefix:
            try:
                same_origin = web.origin_of(link) == web.origin_of(prefix)
            except ValueError:
                return False
            return same_origin and urlsplit(link).path.startswith(urlsplit(prefix).path)
        name = unquote(urlsplit(link).path).rpartition("/")[2]
        return bool(name) and selection.fits(name, self._get_mail_pattern())

    def _enqueue_link(self, link):
        self.sudo().retry_count = 0
        self.with_delay(
            identity_key=f"onep_feed_link-{self.id}-{fingerprint(link)}",
            description=self.env._("File linked in a mail for %(feed)s", feed=self.name),
        )._job_fetch_link(link)

    def _job_fetch_link(self, link):
        """Fetch a file that a mail links to; no login of ours is sent there."""
        self.ensure_one()
        feed = self.with_company(self.company_id)
        try:
            entries = feed._fetch_link(link)
        except ChannelError as error:
            return feed._check_failed(error)
        except UserError as error:
            return feed._note_failure({"rule": "file-unreadable", "params": {"detail": str(error)}})
        return feed._check_succeeded(entries)

    def _fetch_link(self, link):
        limits, guard = self._get_limits(), self._get_guard(with_proxy=True)
        with (
            http.HttpChannel(link, guard, limits=limits) as channel,
            tempfile.TemporaryDirectory() as folder,
        ):
            (file,) = channel.look()
            local = channel.fetch(file, Path(folder) / "file", {})
            return [self._receive(local.name, local.path.read_bytes(), local.sha256)]
