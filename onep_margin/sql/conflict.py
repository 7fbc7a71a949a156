"""Two rules that answer for the same case, found in one statement."""

from collections.abc import Sequence

from odoo.tools import SQL


def select_conflict(
    table: str,
    ids: Sequence[int],
    keys: Sequence[tuple[str, str]],
    spans: Sequence[tuple[str, str, str]],
) -> SQL:
    """First pair (id among ``ids``, id of the other) of rows that answer together; none: no row.

    Rows of one write that clash with each other are found too. Leans on the gist index of the
    table's exclusion constraint where the planner finds it worth it, else on that of the parent.

    keys: (column, kind) that are the same in both; an empty one only equals an empty one. Kinds:
        number, flag, text, words (translated)
    spans: (first column, last column, kind) that overlap; an empty or zero last one has no end.
        Kinds: days (both included), above (the first one excluded)
    """
    conditions = [
        *(SQL("%s = %s", _key("mine", *key), _key("other", *key)) for key in keys),
        *(SQL("(%s) && (%s)", _span("mine", *span), _span("other", *span)) for span in spans),
    ]
    return SQL(
        """
        SELECT mine.id, other.id
          FROM %(table)s AS mine
          JOIN %(table)s AS other ON other.id <> mine.id AND other.active AND %(conditions)s
         WHERE mine.id = ANY(%(ids)s) AND mine.active
         ORDER BY mine.id, other.id
         LIMIT 1
        """,
        table=SQL.identifier(table),
        conditions=SQL(" AND ").join(conditions),
        ids=list(ids),
    )


def select_exclusions(table: str) -> SQL:
    """Quoted names of the deferred exclusion constraints of a table."""
    return SQL(
        """
        SELECT quote_ident(conname) FROM pg_constraint
         WHERE conrelid = %s::regclass AND contype = 'x' AND condeferrable
        """,
        table,
    )


def check_exclusions(names: Sequence[str]) -> SQL:
    """Check these deferred constraints now, against what other transactions wrote meanwhile.

    They wait for the end again afterwards, so that the next write can name what it clashes with.
    """
    listed = SQL(", ").join(SQL(name) for name in names)
    return SQL("SET CONSTRAINTS %s IMMEDIATE; SET CONSTRAINTS %s DEFERRED", listed, listed)


def _key(alias: str, column: str, kind: str) -> SQL:
    name = SQL.identifier(alias, column)
    if kind == "number":
        return SQL("coalesce(%s, 0)", name)
    if kind == "flag":
        return SQL("coalesce(%s, FALSE)", name)
    if kind == "words":
        return SQL("coalesce(%s ->> 'en_US', '')", name)
    return SQL("coalesce(%s, '')", name)


def _span(alias: str, first: str, last: str, kind: str) -> SQL:
    lower, upper = SQL.identifier(alias, first), SQL.identifier(alias, last)
    if kind == "days":
        # Dates the wrong way round are refused elsewhere, with words.
        return SQL(
            "CASE WHEN %s < %s THEN 'empty' ELSE daterange(%s, %s, '[]') END",
            upper,
            lower,
            lower,
            upper,
        )
    return SQL(
        "numrange(coalesce(%s, 0)::numeric, nullif(coalesce(%s, 0), 0)::numeric, '(]')",
        lower,
        upper,
    )
