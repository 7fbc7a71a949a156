import json
import os

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import config, str2bool

from ..channels import address, folder, ftp, http, proxy, rest, sftp, web
from ..channels.base import Limits
from ..channels.errors import BadSettings, ChannelError
from .channel_messages import get_channel_message

MANAGER = "onep_sourcing.group_sourcing_manager"
FOLDERS_VARIABLE = "ONEP_FEED_FOLDERS"
PROXY_VARIABLE = "ONEP_FEED_PROXY"
PROXY_RESOLVES_VARIABLE = "ONEP_FEED_PROXY_RESOLVES"
MAX_MB_PARAMETER = "onep_sourcing.feed_max_mb"

#: Channels that we ask; the others bring their file themselves.
FETCHED_CHANNELS = ("http", "rest", "sftp", "ftp", "folder")


class OnepFeedSource(models.Model):
    """Where a feed's file is, and what asks for it.

    All of it is for managers: whoever could change the host of a source could send its password
    elsewhere.
    """

    _inherit = "onep.supplier.feed"

    source_url = fields.Char(
        string="Address",
        groups=MANAGER,
        copy=False,
        help="Starts with https:// or http://. Login and password have fields of their own.",
    )
    source_certificate = fields.Text(
        string="Certificate of the server",
        groups=MANAGER,
        help="Only for a server whose certificate no public authority signed: its text, from "
        "BEGIN CERTIFICATE to END CERTIFICATE.",
    )
    source_host = fields.Char(string="Host", groups=MANAGER, copy=False)
    source_port = fields.Integer(
        string="Port",
        groups=MANAGER,
        help="0: the usual one (22 for SFTP, 21 for FTP, 990 for implicit FTPS).",
    )
    source_host_key = fields.Char(
        string="Server key",
        groups=MANAGER,
        copy=False,
        help="What the server must show, as SHA256:… Leave empty to accept what it shows at the "
        "first contact, and only that from then on.",
    )
    source_encryption = fields.Selection(
        [
            ("explicit", "Explicit FTPS (the usual one)"),
            ("implicit", "Implicit FTPS (port 990)"),
            ("none", "None: FTP in clear"),
        ],
        string="Encryption",
        default="explicit",
        groups=MANAGER,
        help="Explicit: asked for after the connection. Implicit: from the first byte on, on a "
        "port of its own; only older servers need it.",
    )
    source_folder = fields.Char(string="Folder", groups=MANAGER)
    source_newest_only = fields.Boolean(
        string="Newest file only",
        default=True,
        help="Else every new file is taken, the oldest first.",
    )
    source_move = fields.Boolean(
        string="Move taken files to “processed”",
        groups=MANAGER,
        help="Else they stay and are remembered.",
    )
    file_pattern = fields.Char(
        string="File pattern",
        help="Such as tarif_*.csv; several are separated by semicolons. Empty: any file.",
    )
    rest_method = fields.Selection(
        [("GET", "GET"), ("POST", "POST")], string="Method", default="GET", groups=MANAGER
    )
    rest_headers = fields.Text(
        string="Headers", groups=MANAGER, copy=False, help="One a line, as Name: value."
    )
    rest_body = fields.Text(string="Body (JSON)", groups=MANAGER, copy=False)
    rest_records_path = fields.Char(
        string="Path of the records",
        groups=MANAGER,
        help="Such as data.items. Empty: the answer is the list, or holds only one list.",
    )
    rest_paging = fields.Selection(
        [
            ("none", "One answer holds everything"),
            ("page", "Page number"),
            ("offset", "Offset"),
            ("cursor", "Cursor of the answer"),
            ("link", "Link to the next page"),
        ],
        string="Pages",
        default="none",
        groups=MANAGER,
    )
    rest_page_parameter = fields.Char(
        string="Parameter", groups=MANAGER, help="Name of the page number, offset or cursor."
    )
    rest_first_page = fields.Integer(string="First page", default=1, groups=MANAGER)
    rest_size_parameter = fields.Char(string="Size parameter", groups=MANAGER)
    rest_page_size = fields.Integer(
        string="Records a page", groups=MANAGER, help="0: not asked for, and not known."
    )
    rest_next_path = fields.Char(
        string="Path of the next page",
        groups=MANAGER,
        help="Where the answer holds the next cursor or link. Empty for links: the Link header.",
    )
    is_fetched = fields.Boolean(compute="_compute_is_fetched")
    source_text = fields.Char(string="Source", compute="_compute_source_text", compute_sudo=True)
    # what the channel remembers: validators, files taken before
    source_state = fields.Json(groups="base.group_system", copy=False)
    # the part that a try left before a quota was spent, for the next one to go on
    source_partial = fields.Binary(groups="base.group_system", copy=False, attachment=True)

    @api.depends("channel")
    def _compute_is_fetched(self):
        for feed in self:
            feed.is_fetched = feed.channel in FETCHED_CHANNELS

    @api.depends("channel", "source_url", "source_host", "source_folder", "file_pattern")
    def _compute_source_text(self):
        """Where files come from, in words that hold no secret: hosts, never whole addresses."""
        for feed in self:
            place = False
            if feed.channel in ("http", "rest") and feed.source_url:
                place = web.host_of(feed.source_url)
            elif feed.channel in ("sftp", "ftp") and feed.source_host:
                place = feed.source_host
            elif feed.channel == "folder":
                place = feed.source_folder
            feed.source_text = place

    @api.constrains(
        "source_url", "source_token_url", "source_host_key", "rest_headers", "rest_body"
    )
    def _check_source_settings(self):
        for feed in self.sudo():
            try:
                if feed.source_url:
                    web.check_url(feed.source_url.strip())
                if feed.source_token_url:
                    web.check_url(feed.source_token_url.strip())
                if feed.source_host_key:
                    sftp.check_host_key(feed.source_host_key)
                feed._get_rest_request()
            except ChannelError as error:
                raise ValidationError(feed._get_error_text(error)) from None

    def write(self, vals):
        """Other settings make the last test worthless."""
        if vals.keys() & (self._get_source_fields() - {"source_host_key"}):
            vals = {"test_entries": False, "tested_at": False, "is_test_ok": False} | vals
        return super().write(vals)

    @api.model
    def _get_source_fields(self):
        """Fields whose change makes the last test and a suspension worthless."""
        return {
            "channel",
            "file_pattern",
            *(name for name in self._fields if name.startswith(("source_", "rest_"))),
        } - {"source_state", "source_partial"}

    @api.model
    def _get_entry(self, error):
        """An error of a channel as a feed keeps it."""
        return {"rule": error.rule, "params": error.params}

    @api.model
    def _get_error_text(self, error):
        return get_channel_message(self.env, self._get_entry(error))

    def _get_limits(self):
        """How large a file may be; an administrator decides."""
        value = self.env["ir.config_parameter"].sudo().get_param(MAX_MB_PARAMETER)
        try:
            return Limits(max_bytes=int(float(value) * 1024 * 1024)) if value else Limits()
        except (ValueError, OverflowError):
            return Limits()

    def _get_guard(self, with_proxy=False):
        """Which hosts may be reached, and how: the open Internet, and what an administrator
        allows.

        with_proxy: by the proxy that the server's administrator set, if any
        """
        allowed = self.env["ir.config_parameter"].sudo().get_param(address.PARAMETER) or ""
        way = self._get_proxy() if with_proxy else None
        return address.AddressGuard(allowed.replace(";", ",").split(","), proxy=way)

    @api.model
    def _get_proxy(self):
        """The proxy of web sources: of the server's configuration, as its login is no matter of
        the database; None without one.
        """
        value = config.get(proxy.OPTION) or os.environ.get(PROXY_VARIABLE)
        if not value:
            return None
        resolves = config.get(proxy.RESOLVES_OPTION) or os.environ.get(PROXY_RESOLVES_VARIABLE)
        return proxy.Proxy.parse(value, resolves=str2bool(resolves or "", False))

    @api.model
    def _get_allowed_folders(self):
        """Folders that the server's administrator opened to feeds: not a setting of the database,
        so that nobody can open one from a screen.
        """
        value = config.get(folder.OPTION) or os.environ.get(FOLDERS_VARIABLE) or ""
        return [path.strip() for path in value.split(",") if path.strip()]

    def _open_channel(self, limits=None):
        """The channel of this feed, ready to be used in a `with`.

        Raises ChannelError when its settings cannot work.
        """
        self.ensure_one()
        feed = self.sudo()
        limits = limits or feed._get_limits()
        if feed.channel in ("http", "rest"):
            return feed._open_web_channel(limits)
        if feed.channel == "folder":
            return folder.FolderChannel(
                feed.source_folder or "",
                feed._get_allowed_folders(),
                limits,
                move_processed=feed.source_move,
            )
        if not feed.source_host:
            raise BadSettings("bad-address")
        if feed.channel == "sftp":
            login = sftp.SftpLogin(
                feed.source_login or "",
                feed._get_secret("source_password"),
                feed._get_secret("source_private_key"),
            )
            return sftp.SftpChannel(
                feed.source_host,
                feed.source_port,
                login,
                feed._get_guard(),
                folder=feed.source_folder or "",
                host_key=feed.source_host_key or "",
                limits=limits,
            )
        return ftp.FtpChannel(
            feed.source_host,
            feed.source_port,
            feed.source_login or "",
            feed._get_secret("source_password"),
            feed._get_guard(),
            folder=feed.source_folder or "",
            encryption=feed.source_encryption or "explicit",
            certificate=feed.source_certificate or "",
            limits=limits,
        )

    def _open_web_channel(self, limits):
        url = (self.source_url or "").strip()
        auth, guard = self._get_web_auth(), self._get_guard(with_proxy=True)
        certificate = self.source_certificate or ""
        if self.channel == "http":
            return http.HttpChannel(url, guard, auth, limits, certificate)
        paging = rest.Paging(
            kind=self.rest_paging or "none",
            parameter=self.rest_page_parameter or "",
            first=self.rest_first_page,
            size_parameter=self.rest_size_parameter or "",
            size=max(self.rest_page_size, 0),
            cursor_path=self.rest_next_path or "",
        )
        return rest.RestChannel(
            url, guard, auth, self._get_rest_request(), paging, limits, certificate
        )

    def _get_rest_request(self):
        """Method, headers and body as typed; raises BadSettings when they cannot be read."""
        headers = {}
        for line in (self.rest_headers or "").splitlines():
            name, colon, value = line.partition(":")
            if line.strip() and (not colon or not name.strip().isascii() or " " in name.strip()):
                raise BadSettings("bad-headers")
            if line.strip():
                headers[name.strip()] = value.strip()
        body = None
        if (self.rest_body or "").strip():
            try:
                body = json.loads(self.rest_body)
            except ValueError:
                body = None
            if not isinstance(body, dict):
                raise BadSettings("bad-body")
        return rest.RestRequest(
            self.rest_method or "GET", headers, body, self.rest_records_path or ""
        )
