"""What a staged row says of an offer: values and conditions, as SQL over `staged` and `offer`."""

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from odoo.tools import SQL

from ..ingest.fields import TARGET_COLUMNS

# Columns of the staging table that an offer has otherwise, or not at all.
_OTHERWISE = {
    "line", "supplier_sku", "purchase_price", "currency", "discount_percent", "availability"
}  # fmt: skip
# Columns copied as they are from the staging table, in the offer's own names.
COPIED = tuple(name for name in TARGET_COLUMNS if name not in _OTHERWISE)
COMPARED = ("availability", *COPIED)


@dataclass(frozen=True, slots=True)
class Currencies:
    """Currencies of staged rows, as expressions: a join would mislead the planner.

    rows: (ISO code, currency id, company currency units for one unit or None)
    default: ISO code of the rows that name none
    """

    rows: tuple[tuple[str, int, float | None], ...]
    default: str

    @property
    def id(self) -> SQL:
        """Id of the staged row's currency."""
        return self._case(SQL("%s::integer", id_) for _code, id_, _rate in self.rows)

    @property
    def rate(self) -> SQL:
        """Company currency units for one unit of the staged row's currency; NULL unknown."""
        return self._case(SQL("%s::numeric", rate) for _code, _id, rate in self.rows)

    @property
    def values(self) -> SQL:
        """VALUES rows (id, rate)."""
        return SQL(", ").join(
            SQL("(%s::integer, %s::numeric)", id_, rate) for _code, id_, rate in self.rows
        )

    def _case(self, results) -> SQL:
        cases = SQL(" ").join(
            SQL("WHEN %s THEN %s", row[0], result)
            for row, result in zip(self.rows, results, strict=True)
        )
        return SQL("CASE coalesce(staged.currency, %s) %s END", self.default, cases)


def staged_value(name: str, currency: Currencies) -> SQL:
    """A staged row's value of an offer's column."""
    if name == "availability":
        return SQL(
            "CASE WHEN staged.availability THEN 'yes' WHEN NOT staged.availability THEN 'no' END"
        )
    if name == "price_untaxed":
        return SQL("staged.purchase_price")
    if name == "currency_id":
        return currency.id
    return SQL.identifier("staged", name)


@dataclass(frozen=True, slots=True)
class Carried:
    """What a file says of an offer; the rest of a known offer stays as it is.

    names: columns of offers that it fills; a full catalogue fills them all, as its silence counts
    own_columns: the supplier's own columns it has, where those that the offer has from other files
        stay; None: it has them all
    beside: those of the names that a row may leave alone: its silence changes nothing
    gaps: those of the names that are filled only where the offer has nothing, or the former value
        for all rows of this feed or of one that has none any more
    constants: those of the names that have one value for all rows
    elsewhere: other feeds that have one value for all rows, by the names
    feed_id: whose values for all rows they are
    """

    names: tuple[str, ...]
    own_columns: tuple[str, ...] | None = None
    beside: frozenset[str] = frozenset()
    gaps: frozenset[str] = frozenset()
    constants: frozenset[str] = frozenset()
    elsewhere: Mapping[str, Set[int]] = field(default_factory=dict)
    feed_id: int = 0

    def value(self, name: str, currency: Currencies) -> SQL:
        """A known offer's column as it is after the file."""
        value = staged_value(name, currency)
        if name in self.beside:
            return SQL("coalesce(%s, offer.%s)", value, SQL.identifier(name))
        if name in self.gaps:
            known = SQL("offer.%s", SQL.identifier(name))
            return SQL(
                "CASE WHEN %s THEN %s ELSE coalesce(%s, %s) END",
                self._is_free(name, value),
                value,
                known,
                value,
            )
        if name != "extra" or self.own_columns is None:
            return value
        return SQL(
            "nullif(coalesce(offer.extra, '{}') - %s::text[] || coalesce(%s, '{}'), '{}')",
            list(self.own_columns),
            value,
        )

    def is_moved(self, name: str, currency: Currencies) -> SQL:
        """Condition: the file changes a column of a known offer."""
        value = self.value(name, currency)
        return SQL("offer.%s IS DISTINCT FROM %s", SQL.identifier(name), value)

    def _is_free(self, name: str, value: SQL) -> SQL:
        """Condition: what a known offer has in a column is this feed's value for all rows, or that
        of a feed that has none any more, where this one has another.
        """
        others = [str(feed_id) for feed_id in sorted(self.elsewhere.get(name, ()))]
        return SQL(
            """(offer.constant_feeds->>%(name)s = %(own)s OR offer.constant_feeds ? %(name)s
                AND offer.constant_feeds->>%(name)s <> ALL(%(others)s::text[])
                AND %(value)s IS NOT NULL)""",
            name=name,
            own=str(self.feed_id),
            others=others,
            value=value,
        )

    @property
    def new_constant_feeds(self) -> SQL:
        """Whose values for all rows a new offer has: {column: feed}, NULL for none."""
        if not self.constants:
            return SQL("NULL::jsonb")
        return SQL("%s::jsonb", json.dumps(dict.fromkeys(sorted(self.constants), self.feed_id)))

    def constant_feeds(self, currency: Currencies) -> SQL:
        """The same of a known offer: what a column of the file says is nobody's value for all.

        A file without such values makes no JSON of the offers that have none, which are most.
        """
        if self.own_columns is None:
            return self.new_constant_feeds
        kept = self._kept_constant_feeds(currency)
        if self.gaps:
            return kept
        return SQL("CASE WHEN offer.constant_feeds IS NOT NULL THEN %s END", kept)

    def _kept_constant_feeds(self, currency: Currencies) -> SQL:
        said = [name for name in self.names if name not in self.gaps | self.beside]
        told = [
            SQL("CASE WHEN %s IS NOT NULL THEN %s END", staged_value(name, currency), name)
            for name in sorted(self.beside)
        ]
        filled = [
            SQL(
                "%s, CASE WHEN offer.%s IS NULL OR %s THEN %s END",
                name,
                SQL.identifier(name),
                self._is_free(name, staged_value(name, currency)),
                self.feed_id,
            )
            for name in sorted(self.gaps)
        ]
        return SQL(
            """nullif(
                (coalesce(offer.constant_feeds, '{}') - %s::text[]
                    - array_remove(ARRAY[%s]::text[], NULL))
                || jsonb_strip_nulls(jsonb_build_object(%s)), '{}')""",
            said,
            SQL(", ").join(told),
            SQL(", ").join(filled),
        )


def is_moved(carried: Carried, currency: Currencies) -> SQL:
    """Condition: the staged row differs from the offer in a column that its file carries."""
    return SQL(" OR ").join(
        carried.is_moved(name, currency)
        for name in ("price_untaxed", "currency_id", *carried.names)
    )
