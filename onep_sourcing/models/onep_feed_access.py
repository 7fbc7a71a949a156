from odoo import api, fields, models

from odoo.addons.onep_marketplace_connectors.models.onep_secret_owner_mixin import MASK

from ..channels import ftp, web, web_auth
from .onep_feed_source import MANAGER

SECRETS = ("source_password", "source_token", "source_private_key", "source_client_secret")
#: Fields that say whom the secrets go to.
DESTINATION = {"channel", "source_url", "source_host", "source_port", "source_encryption"}


class OnepFeedAccess(models.Model):
    """How a feed's source lets us in. When the server changes, its secrets are forgotten: nobody
    has them sent elsewhere.
    """

    _name = "onep.supplier.feed"
    _inherit = ["onep.supplier.feed", "onep.secret.owner.mixin"]

    source_auth = fields.Selection(
        [
            ("none", "No login"),
            ("basic", "Login and password (basic)"),
            ("bearer", "Token (bearer)"),
            ("header", "Key in a header"),
            ("query", "Key in the address"),
            ("oauth2", "OAuth 2.0 (client credentials)"),
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
    source_token_url = fields.Char(
        string="Address of the tokens",
        groups=MANAGER,
        copy=False,
        help="Where an access token is asked for; the client secret goes there, and nowhere else.",
    )
    source_client_id = fields.Char(string="Client id", groups=MANAGER, copy=False)
    source_client_secret = fields.Char(
        string="Client secret",
        compute="_compute_source_client_secret",
        inverse="_inverse_source_client_secret",
        groups=MANAGER,
        copy=False,
    )
    source_scope = fields.Char(
        string="Scope", groups=MANAGER, help="As the supplier gives it; several by blanks."
    )
    source_client_way = fields.Selection(
        [("header", "In a header (the standard)"), ("body", "In the form")],
        string="Id and secret are sent",
        default="header",
        groups=MANAGER,
    )
    secret_ids = fields.One2many("onep.feed.secret", "feed_id", groups="base.group_system")

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

    @api.depends("secret_ids")
    def _compute_source_client_secret(self):
        self._compute_secret("source_client_secret")

    def _inverse_source_client_secret(self):
        self._inverse_secret("source_client_secret")

    def write(self, vals):
        """Another server gets none of the secrets, and nothing is remembered of the former one."""
        moved = self.browse()
        if vals.keys() & DESTINATION:
            moved = self.filtered(
                lambda feed: feed._get_destination({}) != feed._get_destination(vals)
            )
        if "source_token_url" in vals:
            self.filtered(
                lambda feed: feed._get_token_origin({}) != feed._get_token_origin(vals)
            )._forget_secrets(["source_client_secret"], vals)
        if moved:
            moved._forget_secrets(SECRETS, vals)
            moved.sudo().write({"source_state": False, "source_partial": False})
            if "source_host_key" not in vals:
                moved.sudo().write({"source_host_key": False})
        return super().write({name: value for name, value in vals.items() if value != MASK})

    def _forget_secrets(self, keys, vals):
        """Secrets that would go elsewhere go away, save those that come with these values."""
        forgotten = [key for key in keys if vals.get(key) in (None, False, MASK)]
        self.sudo().secret_ids.filtered(lambda secret: secret.key in forgotten).unlink()

    def _get_token_origin(self, vals):
        """Whom the client secret goes to, with these values written."""
        address = vals.get("source_token_url", self.sudo().source_token_url) or ""
        try:
            return web.origin_of(address.strip())
        except ValueError:
            return None

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

    def _get_web_auth(self):
        """How this web source knows us."""
        kind = self.source_auth or "none"
        if kind == "oauth2":
            grant = web_auth.ClientCredentials(
                (self.source_token_url or "").strip(),
                self.source_client_id or "",
                self._get_secret("source_client_secret"),
                (self.source_scope or "").strip(),
                self.source_client_way or "header",
            )
            return web_auth.WebAuth(kind, grant=grant)
        secret = self._get_secret("source_password" if kind == "basic" else "source_token")
        login, name = self.source_login or "", self.source_key_name or ""
        return web_auth.WebAuth(kind, login, name, secret)
