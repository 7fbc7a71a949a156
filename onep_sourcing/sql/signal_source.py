"""What a score rests on, read from the columns that opportunities keep."""

from odoo.tools import SQL

from ..planning.signals import SOURCES

#: Flags that a veto may look at, kept with the signals.
FLAGS = ("is_suspicious", "is_unstable", "has_hidden_cost")
#: Sources that an opportunity keeps in other words, over ``known``.
_MADE = {
    "retailer_present": "CASE known.retailer_present WHEN 'yes' THEN 1 WHEN 'no' THEN 0 END",
    "sell_restriction": "CASE known.may_sell WHEN 'yes' THEN 0 WHEN 'approval' THEN 0.5 "
    "WHEN 'no' THEN 1 END",
    "assumption_count": "coalesce(cardinality(string_to_array(known.estimated_reasons, ',')), 0)",
    "freshness_days": "extract(epoch FROM known.evaluated_at - known.fetched_at) / 86400",
}


def expression(name: str) -> SQL:
    """A source or a flag as an expression over ``known``, an opportunity."""
    return SQL(_MADE[name]) if name in _MADE else SQL.identifier("known", name)


def select_page(among: SQL, after: int, most: int) -> SQL:
    """(id, *SOURCES, *FLAGS) of opportunities, numbers all, by id; NULL is unknown.

    among: subselect of ids
    after: id after which the page begins
    most: rows of a page
    """
    columns = SQL(", ").join(
        [SQL("(%s)::float8", expression(name)) for name in SOURCES]
        + [SQL("(%s)::int", expression(name)) for name in FLAGS]
    )
    return SQL(
        "SELECT known.id, %(columns)s FROM onep_opportunity AS known "
        "WHERE known.id > %(after)s AND known.id IN %(among)s ORDER BY known.id LIMIT %(most)s",
        columns=columns,
        after=after,
        among=among,
        most=most,
    )
