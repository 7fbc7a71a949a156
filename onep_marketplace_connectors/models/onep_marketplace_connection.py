from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..clients.base import Account
from ..clients.errors import MarketplaceError, RateLimited
from ..messages import NOTES, error_message, wait_words

#: Notes of a test without which nothing can be sold there.
CLOSED = frozenset({"marketplace-not-open", "shop-not-open"})
DEMO_URL_PARAMETER = "onep_marketplace_connectors.demo_market_url"


class OnepMarketplace(models.Model):
    """How an account reaches its marketplace: addresses, keys, and the test of both."""

    _inherit = "onep.marketplace"

    environment = fields.Selection(
        [("production", "Production"), ("sandbox", "Sandbox"), ("demo", "Demo market")],
        required=True,
        default="production",
        tracking=True,
        help="The sandbox is the platform's own test system. The demo market is a simulator that"
        " runs beside Odoo: its figures are invented.",
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
    secret_ids = fields.One2many(
        "onep.marketplace.secret", "marketplace_id", groups="base.group_system"
    )
    is_configured = fields.Boolean(compute="_compute_is_configured")
    connection_state = fields.Selection(
        [
            ("unchecked", "Not tested"),
            ("ok", "Connected"),
            ("limited", "Rights missing"),
            ("failed", "Not connected"),
        ],
        default="unchecked",
        readonly=True,
        required=True,
        copy=False,
    )
    last_check_at = fields.Datetime("Last Test", readonly=True, copy=False)
    last_check_message = fields.Text("Result of the Last Test", readonly=True, copy=False)
    seller_name = fields.Char(
        "Known as", readonly=True, copy=False, help="What the marketplace calls this account."
    )
    # what the marketplace taught about itself, such as how many EANs a call may hold
    learned_settings = fields.Json(copy=False, groups="base.group_system")
    open_channels = fields.Char(
        "Marketplaces Served",
        readonly=True,
        copy=False,
        help="Where this account may sell, as the last test of the connection found.",
    )

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
            for address in filter(None, (marketplace.endpoint_url, marketplace.token_url)):
                marketplace._check_address(address)

    def _check_address(self, address):
        """Refuse an address to which this account's keys must not be sent."""
        url = urlsplit(address)
        allowed = ("http", "https") if self.is_demo else ("https",)
        if url.scheme not in allowed or not url.hostname or url.username:
            raise ValidationError(
                self.env._(
                    "%(address)s cannot be the address of %(marketplace)s: it has to begin"
                    " with %(start)s, since the account's keys are sent there.",
                    address=address,
                    marketplace=self.name,
                    start=f"{allowed[-1]}://",
                )
            )

    @api.constrains("environment", "platform")
    def _check_environment(self):
        for marketplace in self:
            if marketplace.environment not in marketplace._get_environments():
                raise ValidationError(
                    self.env._(
                        "%(platform)s has no sandbox: choose production, or the demo market to"
                        " look around.",
                        platform=marketplace._get_platform_names()[marketplace.platform],
                    )
                )

    def action_check_connection(self):
        """Call the marketplace and say in plain words what came back."""
        self.ensure_one()
        self.check_access("write")
        try:
            with self._get_client() as client:
                report = client.check()
                self._remember(client.learned)
        except RateLimited as error:
            # says nothing about the keys
            self.sudo().last_check_message = self.env._(
                "Not tested: the marketplace allows few of these calls, the next one in %(wait)s."
                " Nothing is said against the keys.",
                wait=wait_words(error.seconds),
            )
        except MarketplaceError as error:
            self._note_check(False, self._get_failure_message(error))
        except UserError as error:
            self._note_check(False, error.args[0])
        else:
            self._note_report(report)
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

    def _note_report(self, report):
        """Keep the result of a test that reached the marketplace."""
        self.sudo().write(
            {
                "seller_name": report.seller or False,
                "open_channels": ", ".join(report.marketplaces) or False,
            }
        )
        is_limited = bool(report.missing) or not CLOSED.isdisjoint(report.notes)
        self._note_check(True, self._get_check_message(report), limited=is_limited)

    def _note_check(self, connected, message, limited=False):
        """Keep the outcome of a test, or of a run that met refused keys.

        limited: connected, without all the rights the hub makes use of
        """
        self.sudo().write(
            {
                "connection_state": ("limited" if limited else "ok") if connected else "failed",
                "last_check_at": fields.Datetime.now(),
                "last_check_message": message,
            }
        )

    def _get_check_message(self, report):
        """A test that reached the marketplace, in words: one fact a line."""
        lines = [
            self.env._("Connected as %(seller)s.", seller=report.seller)
            if report.seller
            else self.env._("Connected.")
        ]
        if report.marketplaces:
            lines.append(
                self.env._("Open channels: %(names)s.", names=", ".join(report.marketplaces))
            )
        lines += [self.env._(NOTES[note]) for note in report.notes if note in NOTES]
        lines += self._get_missing_rights_lines(report)
        lines += self._get_expiry_lines()
        if self.is_demo:
            lines.append(self.env._("This is the demo market: its figures are invented."))
        return "\n".join(lines)

    def _get_missing_rights_lines(self, report):
        """Which rights this account lacks, what for, and whom to ask."""
        if not report.missing:
            return []
        names = self._get_step_names()
        lines = [
            self.env._("Not allowed: %(step)s.", step=names.get(str(step), step))
            for step in report.missing
        ]
        return [*lines, self._get_rights_advice()]

    @api.model
    def _get_step_names(self):
        """What each right is for, in words, by step of the funnel."""
        return {
            "identity": self.env._("recognise an EAN (name, brand, category, size)"),
            "wide": self.env._("read prices and the number of offers"),
            "detail": self.env._("read each offer and who holds the buy box"),
            "rights": self.env._("ask whether you may sell an article"),
            "fees": self.env._("read the marketplace's own estimate of its fees"),
        }

    def _get_rights_advice(self):
        """Where a missing right is asked for (hook)."""
        return self.env._("Ask the marketplace for these rights, then test the connection again.")

    def _get_failure_message(self, error):
        """A test that failed, in words, with what to do (hook)."""
        return error_message(self.env, error)

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
                user_id=self._get_responsible().id,
            )

    def _get_responsible(self):
        """Who is told when this account needs somebody."""
        return self.user_id or self.create_uid or self.env.user

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
        secrets = {key: secrets[key] for key in marketplace._get_secret_keys()}
        return replace(marketplace._describe_account(), secrets=secrets)

    def _describe_account(self):
        """The account without its secrets: where it calls, and as whom."""
        self.ensure_one()
        marketplace = self.sudo()
        endpoint_url, token_url = marketplace._get_addresses()
        scope = {"quota_scope": "account"} if marketplace.has_own_quotas else {}
        learned = marketplace.learned_settings or {}
        return Account(
            key=marketplace._get_account_key(),
            endpoint_url=endpoint_url,
            token_url=token_url,
            country=marketplace.country_id.code or "",
            currency=marketplace.currency_id.name,
            sandbox=marketplace.environment == "sandbox",
            settings=learned | marketplace._get_client_settings() | scope,
        )

    def _remember(self, learned):
        """Keep what the marketplace taught about itself, for the next run (hook)."""
        marketplace = self.sudo()
        kept = marketplace.learned_settings or {}
        # an empty word: as it was by default
        wanted = {name: text for name, text in (kept | learned).items() if text}
        if wanted != kept:
            marketplace.learned_settings = wanted

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

    def _get_environments(self):
        """Environments that this platform has (hook)."""
        return {"production", "sandbox", "demo"}

    @api.model
    def _get_connection_fields(self):
        """Fields whose change asks for a new test (hook)."""
        return {"platform", "environment", "endpoint_url", "token_url", "country_id"} | set(
            self._get_all_secret_keys()
        )
