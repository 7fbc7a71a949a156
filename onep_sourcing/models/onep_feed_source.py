import json
import os

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import config

from odoo.addons.onep_marketplace_connectors.models.onep_secret_owner_mixin import MASK

from ..channels import address, folder, ftp, http, rest, sftp, web
from ..channels.base import Limits
from ..channels.errors import BadSettings, ChannelError
from .channel_messages import get_channel_message

MANAGER = "onep_sourcing.group_sourcing_manager"
FOLDERS_VARIABLE = "ONEP_FEED_FOLDERS"
MAX_MB_PARAMETER = "onep_sourcing.feed_max_mb"

#: Channels that we ask; the others bring their file themselves.
FETCHED_CHANNELS = ("http", "rest", "sftp", "ftp", "folder")
SECRETS = ("source_password", "source_token", "source_private_key")
#: Fields that say whom the secrets go to.
DESTINATION = {"channel", "source_url", "source_host", "source_port", "source_encryption"}


class OnepFeedSource(models.Model):
    """Where a feed's file is, and how we are let in.

    All of it is for managers: whoever could change the host of a source could send its password
    elsewhere. When the server changes, its secrets are forgotten for the same reason.
    """

    _name = "onep.supplier.feed"
    _inherit = ["onep.supplier.feed", "onep.secret.owner.mixin"]

    source_url = fields.Char(
        string="Address",
        groups=MANAGER,
        copy=False,
        help="Starts with https:// or http://. Login and password have fields of their own.",
    )
    source_auth = fields.Selection(
        [
            ("none", "No login"),
            ("basic", "Login and password (basic)"),
            ("bearer", "Token (bearer)"),
            ("header", "Key in a header"),
            ("query", "Key in the address"),
        ],
        string="Access",
        default="none",
        groups=MANAGER,
    )
    source_login = fields.Char(string="Login", groups=MANAGER, copy=False)
    source_key_name = fields.Char(
        string="Name of the key",
        groups=MANAGER,
        help="Name of the header, such as X-Api-Key, or of the parameter in the address.",
    )
    source_password = fields.Char(
        string="Password",
        compute="_compute_source_password",
        inverse="_inverse_source_password",
        groups=MANAGER,
        copy=False,
        help="With a private key: its passphrase.",
    )
    source_token = fields.Char(
        string="Key or token",
        compute="_compute_source_token",
        inverse="_inverse_source_token",
        groups=MANAGER,
        copy=False,
    )
    source_private_key = fields.Text(
        string="Private key",
        compute="_compute_source_private_key",
        inverse="_inverse_source_private_key",
        groups=MANAGER,
        copy=False,
        help="In OpenSSH or PEM form. Leave empty to log in with the password alone.",
    )
    secret_ids = fields.One2many("onep.feed.secret", "feed_id", groups="base.group_system")
    source_certificate = fields.Text(
        string="Certificate of the server",
        groups=MANAGER,
        help="Only for a server whose certificate no public authority signed: its text, from "
        "BEGIN CERTIFICATE to END CERTIFICATE.",
    )
    source_host = fields.Char(string="Host", groups=MANAGER, copy=False)
    source_port = fields.Integer(
        string="Port", groups=MANAGER, help="0: the usual one (22 for SFTP, 21 for FTP, 990 for implicit FTPS)."
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

    @api.depends("secret_ids")
    def _compute_source_password(self):
        self._compute_secret("source_password")

    def _inverse_source_password(self):
        self._inverse_secret("source_password")

    @api.depends("secret_ids")
    def _compute_source_token(self):
        self._compute_secret("source_token")

    def _inverse_source_token(self):
        self._inverse_secret("source_token")

    @api.depends("secret_ids")
    def _compute_source_private_key(self):
        self._compute_secret("source_private_key")

    def _inverse_source_private_key(self):
        self._inverse_secret("source_private_key")

    @api.constrains("source_url", "source_host_key", "rest_headers", "rest_body")
    def _check_source_settings(self):
        for feed in self.sudo():
            try:
                if feed.source_url:
                    web.check_url(feed.source_url.strip())
                if feed.source_host_key:
                    sftp.check_host_key(feed.source_host_key)
                feed._get_rest_request()
            except ChannelError as error:
                raise ValidationError(feed._get_error_text(error)) from None

    def write(self, vals):
        """Another server gets none of the secrets, and nothing is remembered of the former one."""
        vals = dict(vals)
        moved = self.browse()
        if vals.keys() & DESTINATION:
            moved = self.filtered(
                lambda feed: feed._get_destination({}) != feed._get_destination(vals)
            )
        if vals.keys() & (self._get_source_fields() - {"source_host_key"}):
            vals = {"test_entries": False, "tested_at": False, "is_test_ok": False} | vals
        if moved:
            forgotten = [key for key in SECRETS if vals.get(key) in (None, False, MASK)]
            moved.sudo().secret_ids.filtered(lambda secret: secret.key in forgotten).unlink()
            moved.sudo().write({"source_state": False, "source_partial": False})
            if "source_host_key" not in vals:
                moved.sudo().write({"source_host_key": False})
            vals = {name: value for name, value in vals.items() if value != MASK}
        return super().write(vals)

    def _get_destination(self, vals):
        """Whom the secrets go to, with these values written: a web origin, or a host and port."""
        feed = self.sudo()
        channel = vals.get("channel", feed.channel)
        if channel in ("http", "rest"):
            try:
                return web.origin_of((vals.get("source_url", feed.source_url) or "").strip())
            except ValueError:
                return None
        if channel in ("sftp", "ftp"):
            host = (vals.get("source_host", feed.source_host) or "").strip().lower()
            port = vals.get("source_port", feed.source_port)
            if channel == "sftp":
                return channel, host, port or 22
            encryption = vals.get("source_encryption", feed.source_encryption)
            usual = port in (0, False, *ftp.PORTS.values())
            return channel, host, "usual" if usual else port, encryption == "none"
        return None

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
        except ValueError:
            return Limits()

    def _get_guard(self):
        """Which hosts may be reached: the open Internet, and what an administrator allows."""
        allowed = self.env["ir.config_parameter"].sudo().get_param(address.PARAMETER) or ""
        return address.AddressGuard(allowed.replace(";", ",").split(","))

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
        kind = self.source_auth or "none"
        secret = self._get_secret("source_password" if kind == "basic" else "source_token")
        auth = web.WebAuth(kind, self.source_login or "", self.source_key_name or "", secret)
        certificate = self.source_certificate or ""
        if self.channel == "http":
            return http.HttpChannel(url, self._get_guard(), auth, limits, certificate)
        paging = rest.Paging(
            kind=self.rest_paging or "none",
            parameter=self.rest_page_parameter or "",
            first=self.rest_first_page,
            size_parameter=self.rest_size_parameter or "",
            size=max(self.rest_page_size, 0),
            cursor_path=self.rest_next_path or "",
        )
        return rest.RestChannel(
            url, self._get_guard(), auth, self._get_rest_request(), paging, limits, certificate
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
