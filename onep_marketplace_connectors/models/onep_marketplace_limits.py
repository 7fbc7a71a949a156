import logging
import os
import threading
from datetime import UTC, datetime

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.sql_db import connection_info_for
from odoo.tools import SQL, config
from odoo.tools.misc import format_time

from ..clients.auth import TokenStore
from ..clients.rate_limit import Limit
from ..clients.rate_limit_postgres import TABLES, PostgresStore
from ..clients.rate_limit_redis import RedisStore
from ..clients.rate_limit_shared import SharedStore
from ..clients.transport import Transport
from ..sql import marketplace_call

_logger = logging.getLogger(__name__)

REDIS_OPTION = "onep_redis_url"
REDIS_VARIABLE = "ONEP_REDIS_URL"
REDIS_TIMEOUT_S = 1

# Shared by the threads of this process: access tokens, and the way to the shared quotas.
_TOKENS = TokenStore()
_STORES = {}
_STORES_LOCK = threading.Lock()


class OnepMarketplace(models.Model):
    """Quotas and breakers of an account: where all workers count them, and what they say."""

    _inherit = "onep.marketplace"

    quota_ids = fields.One2many("onep.marketplace.quota", "marketplace_id", "Quotas")
    has_own_quotas = fields.Boolean(
        "Quotas of Its Own",
        help="Calls of accounts with the same seller or shop id are counted together. Tick it where"
        " the marketplace grants this account's country quotas of its own.",
    )
    pause_message = fields.Text(
        "Paused Operations",
        compute="_compute_pause_message",
        help="Operations that failed too often and rest; they are tried again without your help.",
    )

    @api.depends("platform")
    def _compute_pause_message(self):
        for marketplace in self:
            marketplace.pause_message = "\n".join(
                self.env._(
                    "%(operation)s is paused until %(time)s: %(cause)s ×%(count)s, tries again by"
                    " itself.",
                    operation=pause["operation"],
                    time=format_time(self.env, pause["until"], time_format="short"),
                    cause=pause["cause"],
                    count=pause["failure_count"],
                )
                for pause in marketplace._get_pauses()
            )

    def init(self):
        """Buckets and breakers are no records: they are written beside every transaction."""
        self.env.cr.execute(SQL(TABLES))

    @api.model_create_multi
    def create(self, vals_list):
        marketplaces = super().create(vals_list)
        marketplaces._complete_quotas()
        return marketplaces

    def write(self, vals):
        result = super().write(vals)
        if "platform" in vals:
            self.sudo().quota_ids.unlink()
            self._complete_quotas()
        return result

    @api.model
    def _complete_all_quotas(self):
        """Give every account a row for each operation of its client; called at each update."""
        self.with_context(active_test=False).search([])._complete_quotas()

    def _complete_quotas(self):
        """Add the rows of operations that have none, drop those of operations that are gone."""
        missing = []
        for marketplace in self.sudo():
            wanted = marketplace._get_default_limits()
            known = set(marketplace.quota_ids.mapped("operation"))
            marketplace.quota_ids.filtered(
                lambda quota, wanted=wanted: quota.operation not in wanted
            ).unlink()
            missing += [
                {"marketplace_id": marketplace.id, "operation": operation}
                for operation in wanted
                if operation not in known
            ]
        self.env["onep.marketplace.quota"].sudo().create(missing)

    def _get_default_limits(self):
        """The platform's published quota by operation."""
        self.ensure_one()
        client_class = self._get_client_classes().get(self.platform)
        return dict(client_class.limits) if client_class else {}

    def _get_limits(self):
        """Quota by operation of this account, its own settings over the platform's."""
        self.ensure_one()
        limits = {quota.operation: quota._get_limit() for quota in self.sudo().quota_ids}
        return self._get_default_limits() | {
            operation: limit for operation, limit in limits.items() if limit
        }

    def _get_present_limits(self):
        """What may be used of each quota now: the rate announced, our share (to plan with)."""
        self.ensure_one()
        store = self._get_limits_store()
        present = {}
        for operation, limit in self._get_limits().items():
            limit = limit.at(store.taught(self._get_limit_key(operation)))
            present[operation] = Limit(limit.rate * limit.share, max(1, limit.burst * limit.share))
        return present

    def _get_pauses(self):
        """Operations that rest: operation, until (UTC), cause, failure_count; worst first."""
        self.ensure_one()
        if not self._origin:
            return []
        operations = set(self._get_default_limits())
        rows = self.env.execute_query(marketplace_call.select_recent_operations([self._origin.id]))
        operations |= {operation for (operation,) in rows}
        keys = {self._get_breaker_key(operation): operation for operation in operations}
        pauses = [
            {
                "operation": keys[key],
                "until": datetime.fromtimestamp(now + wait, UTC).replace(tzinfo=None),
                "cause": circuit.cause,
                "failure_count": circuit.failures,
            }
            for key, (circuit, now) in self._get_limits_store().read(keys).items()
            if (wait := circuit.wait(now)) > 0
        ]
        return sorted(pauses, key=lambda pause: pause["until"], reverse=True)

    def _get_limit_key(self, operation):
        """Name of an operation's bucket, as the client's limiter calls it."""
        return f"{self._get_quota_key()}:{operation}"

    def _get_breaker_key(self, operation):
        """Name of an operation's breaker, as the client's limiter calls it."""
        return f"{self._get_account_key()}:{operation}"

    def _get_quota_key(self):
        """Whose calls are counted together: those of all accounts of one seller."""
        try:
            return self._describe_account().quota_key()
        except UserError:
            # without an address there are no calls to count
            return self._get_account_key()

    def _get_account_key(self):
        """Name of this account in caches, quotas and logs; a renamed database keeps it."""
        return f"{self._get_database_uuid()}:{self._origin.id}"

    @api.model
    def _get_database_uuid(self):
        return self.env["ir.config_parameter"].sudo().get_param("database.uuid") or "database"

    def _get_client_tools(self, account):
        store = self._get_limits_store()
        return {
            "tokens": _TOKENS,
            "buckets": store,
            "circuits": store,
            "limits": self._get_limits(),
            "transport": Transport(
                account=account.key, on_call=self.env["onep.marketplace.call"]._get_collector()
            ),
        }

    @api.model
    def _get_limits_store(self):
        """Where quotas and breakers are counted: Redis when the server has one, else PostgreSQL."""
        database = self.env.cr.dbname
        url = config.get(REDIS_OPTION) or os.environ.get(REDIS_VARIABLE)
        with _STORES_LOCK:
            if (database, url) not in _STORES:
                _name, info = connection_info_for(database)
                postgres = PostgresStore(lambda: psycopg2.connect(**info))
                # servers may share a Redis, and have databases of one name; a copy keeps the uuid
                scope = f"{database}:{self._get_database_uuid()}"
                redis = self._connect_redis(url, scope)
                _STORES[database, url] = SharedStore(postgres, redis)
            return _STORES[database, url]

    @staticmethod
    def _connect_redis(url, scope):
        if not url:
            return None
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        server = redis.Redis.from_url(
            url,
            socket_timeout=REDIS_TIMEOUT_S,
            socket_connect_timeout=REDIS_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )
        return RedisStore(server, scope)
