"""How long what marketplaces said is kept, by setting (Settings ▸ Marketplaces ▸ Retention)."""

from typing import NamedTuple


class Retention(NamedTuple):
    """parameter: where the setting is kept; days: by default; least: fewest days that serve."""

    parameter: str
    days: int
    least: int


#: Each call, a line.
CALLS = Retention("onep_marketplace_connectors.call_log_days", 14, 1)
#: Their summary by the hour.
HOURS = Retention("onep_marketplace_connectors.call_summary_days", 400, 1)
#: Former figures of market offers; trends look back 90 days.
HISTORY = Retention("onep_marketplace_connectors.market_history_days", 730, 90)

#: Rows removed in one transaction.
AT_ONCE = 20_000


def get_days(env, retention):
    """Days to keep, at least the fewest that serve; an unreadable setting is the default."""
    text = env["ir.config_parameter"].sudo().get_param(retention.parameter) or ""
    days = int(text) if text.strip().isdecimal() else retention.days
    return max(retention.least, days)


def remove_in_parts(env, remove):
    """Call a removal until nothing old is left, each part in a transaction of a scheduled action.

    remove: drops a part of what is old; returns whether there may be more
    """
    has_more = True
    while has_more:
        has_more = remove()
        if not env["ir.cron"]._commit_progress(1, remaining=int(has_more)):
            break
