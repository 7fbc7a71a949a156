import logging
import os
from datetime import timedelta
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import config

from ..clients.auth import TokenStore
from ..clients.base import Account
from ..clients.errors import MarketplaceError
from ..clients.rate_limit import MemoryBuckets, RedisBuckets
from ..messages import error_message

_logger = logging.getLogger(__name__)

REDIS_OPTION = "onep_redis_url"
REDIS_VARIABLE = "ONEP_REDIS_URL"
DEMO_URL_PARAMETER = "onep_marketplace_connectors.demo_market_url"

# Shared by the threads of this process: tokens, quota buckets, rates taught by servers.
_TOKENS = TokenStore()
_MEMORY = MemoryBuckets()
_REDIS = {}
_FACTORS = {}


class OnepMarketplace(models.Model):
    """One account on one marketplace of one country."""

    _name = "onep.marketplace"
    _description = "Marketplace"
    _inherit = ["mail.thread", "mail.activity.mixin", "onep.secret.owner.mixin"]
    _order = "sequence, name"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(
        required=True, copy=False, help="Short name, such as amazon_fr; unique in the company."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    color = fields.Integer()
    platform = fields.Selection(
        "_selection_platform", required=True, tracking=True, help="Who runs this marketplace."
    )
    country_id = fields.Many2one(
        "res.country", required=True, default=lambda self: self._default_country()
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        default=lambda self: self.env.user,
        check_company=True,
        help="Warned when this account stops working.",
    )
    environment = fields.Selection(
        [("production", "Production"), ("sandbox", "Sandbox"), ("demo", "Demo market")],
        required=True,
        default="production",
        tracking=True,
        help="The demo market is a simulator that runs beside Odoo: its figures are invented.",
    )
    is_demo = fields.Boolean(compute="_compute_is_demo", store=True)
    # the account's secrets are sent there: only the server's administrator may name another place
    endpoint_url = fields.Char(
        "Address", groups="base.group_system", help="Leave empty for the platform's own address."
    )
    token_url = fields.Char(
        "Token Address",
        groups="base.group_system",
        help="Leave empty for the platform's own address.",
    )
    identity_max_age_days = fields.Integer(
        "Identity Valid for", default=30, help="Days before asking again what an EAN is."
    )
    price_max_age_hours = fields.Integer(
        "Prices Valid for", default=24, help="Hours after which a market price is shown as old."
    )
    secret_ids = fields.One2many(
        "onep.marketplace.secret", "marketplace_id", groups="base.group_system"
    )
    is_configured = fields.Boolean(compute="_compute_is_configured")
    connection_state = fields.Selection(
        [("unchecked", "Not tested"), ("ok", "Connected"), ("failed", "Not connected")],
        default="unchecked",
        readonly=True,
        required=True,
        copy=False,
    )
    last_check_at = fields.Datetime("Last Test", readonly=True, copy=False)
    last_check_message = fields.Text("Result of the Last Test", readonly=True, copy=False)
    last_sync_at = fields.Datetime("Last Update", readonly=True, copy=False)
    offer_ids = fields.One2many("onep.marketplace.offer", "marketplace_id")
    offer_count = fields.Integer("Market Offers", compute="_compute_offer_count")
    priced_count = fields.Integer("With a Price", compute="_compute_offer_count")
    sync_ids = fields.One2many("onep.market.sync", "marketplace_id", "Updates")
    last_sync_id = fields.Many2one("onep.market.sync", "Newest Update", readonly=True, copy=False)
    last_sync_state = fields.Selection(related="last_sync_id.state", string="Last Update State")
    # the newest update's figures, so that a card shows its progress
    progress = fields.Float(related="last_sync_id.progress")
    done_count = fields.Integer(related="last_sync_id.done_count")
    total_count = fields.Integer(related="last_sync_id.total_count")
    rate_per_second = fields.Float(related="last_sync_id.rate_per_second")
    remaining_seconds = fields.Integer(related="last_sync_id.remaining_seconds")
    error_message = fields.Text(related="last_sync_id.error_message", string="Last Update Message")

    _code_unique = models.Constraint(
        "UNIQUE(company_id, code)", "This company already has a marketplace with this code."
    )

    def _default_country(self):
        return self.env.company.country_id or self.env.ref("base.fr", raise_if_not_found=False)

    @api.model
    def _selection_platform(self):
        names = self._get_platform_names()
        return [(code, names.get(code, code)) for code in self._get_client_classes()]

    @api.depends("environment")
    def _compute_is_demo(self):
        for marketplace in self:
            marketplace.is_demo = marketplace.environment == "demo"

    @api.depends("platform", "secret_ids")
    def _compute_is_configured(self):
        for marketplace in self:
            wanted = set(marketplace._get_secret_keys())
            kept = set(marketplace.sudo().secret_ids.mapped("key"))
            marketplace.is_configured = bool(wanted) and wanted <= kept

    @api.constrains("endpoint_url", "token_url", "environment")
    def _check_addresses(self):
        """Real secrets never travel in the clear."""
        for marketplace in self.sudo():
            addresses = filter(None, (marketplace.endpoint_url, marketplace.token_url))
            for address in addresses:
                url = urlsplit(address)
                allowed = ("http", "https") if marketplace.is_demo else ("https",)
                if url.scheme not in allowed or not url.hostname:
                    raise ValidationError(
                        self.env._(
                            "%(address)s cannot be the address of %(marketplace)s: it has to begin"
                            " with %(start)s, since the account's keys are sent there.",
                            address=address,
                            marketplace=marketplace.name,
                            start=f"{allowed[-1]}://",
                        )
                    )

    def _compute_offer_count(self):
        groups = self.env["onep.marketplace.offer"]._read_group(
            [("marketplace_id", "in", self.ids)],
            ["marketplace_id"],
            ["__count", "buy_box_price_taxed:count"],
        )
        counts = {marketplace: figures for marketplace, *figures in groups}
        for marketplace in self:
            marketplace.offer_count, marketplace.priced_count = counts.get(marketplace, (0, 0))

    def write(self, vals):
        """New keys or another address make the last test worthless.

        What the demo market said is forgotten when an account turns real, and the other way:
        invented figures must never pass for real ones.
        """
        if "company_id" in vals:
            self._check_company_change(vals["company_id"])
        if "environment" in vals:
            self.filtered(
                lambda marketplace: marketplace.is_demo != (vals["environment"] == "demo")
            )._forget_market()
        result = super().write(vals)
        if set(vals) & self._get_connection_fields():
            super().write({"connection_state": "unchecked", "last_check_message": False})
        return result

    def _check_company_change(self, company_id):
        """Market offers and what was made of them belong to the account's company."""
        moved = self.sudo().filtered(
            lambda marketplace: marketplace.company_id.id != company_id and marketplace.offer_count
        )
        if moved:
            raise UserError(
                self.env._(
                    "%(marketplace)s has market offers of %(company)s: create another account for"
                    " the other company.",
                    marketplace=moved[0].name,
                    company=moved[0].company_id.name,
                )
            )

    def _forget_market(self):
        """Drop every market offer of these accounts (hook: and what was made of them)."""
        self.env["onep.marketplace.offer"].sudo().search(
            [("marketplace_id", "in", self.ids)]
        ).unlink()

    def action_check_connection(self):
        """Call the marketplace and say in plain words what came back."""
        self.ensure_one()
        self.check_access("write")
        try:
            with self._get_client() as client:
                report = client.check()
        except MarketplaceError as error:
            self._note_check(False, error_message(self.env, error))
        except UserError as error:
            self._note_check(False, error.args[0])
        else:
            self._note_check(True, self._get_check_message(report))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if self.connection_state == "ok" else "warning",
                "title": self.name,
                "message": self.last_check_message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_look_up(self):
        """Ask these marketplaces about EANs typed by hand."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "onep_marketplace_connectors.onep_market_lookup_action"
        )
        return action | {"context": {"default_marketplace_ids": self.ids}}

    def action_view_offers(self):
        """Open the market offers of this marketplace."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "onep_marketplace_connectors.onep_marketplace_offer_action"
        )
        return action | {
            "domain": [("marketplace_id", "=", self.id)],
            "context": {"default_marketplace_id": self.id},
        }

    def _note_check(self, connected, message):
        self.sudo().write(
            {
                "connection_state": "ok" if connected else "failed",
                "last_check_at": fields.Datetime.now(),
                "last_check_message": message,
            }
        )

    def _get_check_message(self, report):
        """A successful test, in words."""
        parts = [
            self.env._("Connected as %(seller)s.", seller=report.seller)
            if report.seller
            else self.env._("Connected.")
        ]
        if report.marketplaces:
            parts.append(
                self.env._("Open channels: %(names)s.", names=", ".join(report.marketplaces))
            )
        if "marketplace-not-open" in report.notes:
            parts.append(
                self.env._("This account does not sell on this marketplace yet: open it first.")
            )
        if self.is_demo:
            parts.append(self.env._("This is the demo market: its figures are invented."))
        return " ".join(parts)

    def _warn_responsible(self, summary, note):
        """One open activity per marketplace and matter, for the person who can act."""
        self.ensure_one()
        xml_id = "mail.mail_activity_data_warning"
        known = self.activity_search([xml_id], additional_domain=[("summary", "=", summary)])
        if not known:
            self.activity_schedule(
                xml_id,
                date_deadline=fields.Date.context_today(self) + timedelta(days=1),
                summary=summary,
                note=note,
                user_id=(self.user_id or self.create_uid or self.env.user).id,
            )

    def _get_client(self):
        """The pure client of this account; raises UserError when something is missing."""
        self.ensure_one()
        account = self._get_account()
        return self._get_client_classes()[self.platform](
            account,
            tokens=_TOKENS,
            buckets=self._get_buckets(),
            factors=_FACTORS.setdefault(account.key, {}),
        )

    def _get_account(self):
        """The account as its client needs it."""
        self.ensure_one()
        marketplace = self.sudo()
        secrets = {secret.key: secret._decrypt() for secret in marketplace.secret_ids}
        missing = [key for key in marketplace._get_secret_keys() if not secrets.get(key)]
        if missing:
            labels = [marketplace._fields[key]._description_string(self.env) for key in missing]
            raise UserError(
                self.env._(
                    "%(marketplace)s is not set up: enter %(fields)s.",
                    marketplace=marketplace.name,
                    fields=", ".join(labels),
                )
            )
        endpoint_url, token_url = marketplace._get_addresses()
        return Account(
            key=f"{self.env.cr.dbname}:{marketplace.id}",
            endpoint_url=endpoint_url,
            token_url=token_url,
            country=marketplace.country_id.code or "",
            currency=marketplace.currency_id.name,
            sandbox=marketplace.environment == "sandbox",
            settings=marketplace._get_client_settings(),
            secrets={key: secrets[key] for key in marketplace._get_secret_keys()},
        )

    def _get_addresses(self):
        """Address of the calls and of the tokens; empty means the platform's own."""
        if self.environment != "demo" or self.endpoint_url:
            return self.endpoint_url or "", self.token_url or ""
        base = self.env["ir.config_parameter"].sudo().get_param(DEMO_URL_PARAMETER)
        if not base:
            raise UserError(
                self.env._(
                    "The demo market is not running. Start the project with its run command, or"
                    " enter the address of a simulator."
                )
            )
        return self._get_demo_addresses(base.rstrip("/"))

    def _get_buckets(self):
        """Where quotas are counted: Redis when the server has one, else this process."""
        url = config.get(REDIS_OPTION) or os.environ.get(REDIS_VARIABLE)
        if not url:
            return _MEMORY
        if url not in _REDIS:
            import redis
            from redis.backoff import NoBackoff
            from redis.retry import Retry

            server = redis.Redis.from_url(
                url, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
            )
            _REDIS[url] = RedisBuckets(server, fallback=_MEMORY)
        return _REDIS[url]

    def _remember(self, learned):
        """Keep what the marketplace taught about itself (hook)."""
        return None

    @api.model
    def _get_client_classes(self):
        """Client class by platform code (hook)."""
        return {}

    @api.model
    def _get_platform_names(self):
        """Name by platform code (hook)."""
        return {}

    @api.model
    def _get_all_secret_keys(self):
        """Names of the secret fields of all platforms (hook)."""
        return []

    def _get_secret_keys(self):
        """Secrets without which this account cannot work (hook)."""
        return []

    def _get_client_settings(self):
        """What the platform's client needs besides, as text (hook)."""
        return {}

    def _get_demo_addresses(self, base):
        """Addresses of this platform on the demo market (hook)."""
        return base, base

    @api.model
    def _get_connection_fields(self):
        """Fields whose change asks for a new test (hook)."""
        return {"platform", "environment", "endpoint_url", "token_url", "country_id"} | set(
            self._get_all_secret_keys()
        )
