"""Leave nothing behind."""

from odoo.tools import SQL

from .clients.rate_limit_postgres import DROP_TABLES


def uninstall_hook(env):
    """Drop the jobs and parameters that would point at models that are gone."""
    env["queue.job"].sudo().search(
        [
            (
                "model_name",
                "in",
                ["onep.marketplace", "onep.market.sync", "onep.marketplace.reading"],
            )
        ]
    ).unlink()
    # one per account; the parent is the addon's own record and goes with it
    env["queue.job.channel"].sudo().search(
        [("complete_name", "=like", "root.onep_market.%")]
    ).unlink()
    env["ir.config_parameter"].sudo().search(
        [("key", "=like", "onep_marketplace_connectors.%")]
    ).unlink()
    env.cr.execute(SQL(DROP_TABLES))
