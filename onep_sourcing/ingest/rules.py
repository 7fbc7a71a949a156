"""Every rule of the import, by its stable code, with its English text.

Codes are stored with issues and translated by Odoo; a text may change, a code may not. Files have
rules of their own: they stop the whole reading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from ...onep_marketplace_connectors.clients import gtin


def _(text: str) -> str:
    """Mark an English text for extraction into the addon's .po files; returns it as it is."""
    return text


Severity = Literal["refuse", "warn", "fix"]
_PARAM = re.compile(r"%\(\w+\)\w")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the import.

    severity: `refuse` puts the row in quarantine, `warn` keeps it without the doubtful value,
        `fix` keeps it with a value that was changed
    message: English text; `%(name)s` placeholders take the params of the issue
    """

    severity: Severity
    message: str


_ROW: dict[str, tuple[Severity, str]] = {
    # identity
    "identifier-missing": ("refuse", _("The row has neither a supplier SKU nor an EAN.")),
    "ean-invalid": ("refuse", _("The EAN cannot be used and the row has no supplier SKU.")),
    "sku-from-ean": ("fix", _("The row has no supplier SKU; its EAN stands for it.")),
    "sku-scientific": (
        "warn",
        _("The supplier SKU is in scientific notation and may have lost digits."),
    ),
    "duplicate-identifier": (
        "refuse",
        _("Line %(first_line)s already has this supplier SKU; the first one was kept."),
    ),
    "quantity-step": (
        "fix",
        _("The line is a quantity step of line %(first_line)s; its price was added there."),
    ),
    "ean-shared": ("warn", _("Line %(first_line)s has the same EAN under another supplier SKU.")),
    # purchase price
    "price-missing": ("refuse", _("The row has no purchase price.")),
    "price-zero": ("refuse", _("The purchase price is zero.")),
    "price-negative": ("refuse", _("The purchase price is negative.")),
    "price-absurd": (
        "refuse",
        _("The purchase price is impossibly high; the values of the line may have shifted."),
    ),
    "price-not-a-number": ("refuse", _("The purchase price is not a number.")),
    "price-unit-unknown": ("refuse", _("The quantity the price is for is not understood.")),
    "price-per-unit": ("fix", _("The price was for %(per)s pieces; it was brought to one.")),
    "pack-size-missing": (
        "refuse",
        _("The price is that of a pack and the pack size of the row is not known."),
    ),
    "price-without-vat": ("fix", _("VAT of %(rate)s %% was taken out of the purchase price.")),
    "price-from-discount": ("fix", _("The purchase price is the list price less its discount.")),
    "price-scaled": ("fix", _("The price was in hundredths of the currency.")),
    "vat-missing": ("refuse", _("The price includes VAT and the VAT rate is not known.")),
    "currency-other": ("warn", _("The price is in another currency than the rest of its column.")),
    "currency-unknown": ("refuse", _("The currency is not known.")),
    # other figures
    "stock-not-a-number": ("warn", _("The stock is not a number; it is unknown.")),
    "stock-negative": ("fix", _("The stock was negative; it was set to zero.")),
    "stock-at-least": ("fix", _("The stock is given as “more than”; the lower bound was kept.")),
    "stock-at-most": ("fix", _("The stock is given as “less than”; one piece was kept.")),
    "stock-in-words": ("fix", _("The stock was given in words.")),
    "stock-delay": ("fix", _("The stock is given as a delay; it became the lead time.")),
    "availability-not-read": (
        "warn",
        _("The availability is not understood; it is unknown."),
    ),
    "number-not-read": ("warn", _("The value is not a number; it is unknown.")),
    "number-negative": ("warn", _("The value is negative; it is unknown.")),
    "number-other-style": (
        "fix",
        _(
            "The decimal sign differs from the rest of the column; it could be read in one way "
            "only."
        ),
    ),
    "vat-unknown": (
        "warn",
        _("The value includes VAT and the VAT rate is not known; the value is unknown."),
    ),
    "rate-in-words": ("fix", _("The rate was given in words.")),
    "rate-out-of-range": ("warn", _("There is no such rate; it is unknown.")),
    "lead-time-not-read": ("warn", _("The lead time is not understood; it is unknown.")),
    "lead-time-in-words": ("fix", _("The lead time was brought to days.")),
    "lead-time-from-date": ("fix", _("The lead time is the days from today to the date given.")),
    "pack-in-words": ("fix", _("The quantity was given in words.")),
    "pack-not-read": ("warn", _("The quantity is not understood; it is unknown.")),
    "unit-converted": (
        "fix",
        _("The measure was given in %(unit)s; it was converted to %(into)s."),
    ),
    "unit-not-read": ("warn", _("The measure is not understood; it is unknown.")),
    "retail-below-purchase": ("warn", _("The retail price is below the purchase price.")),
    # texts
    "text-damaged": ("warn", _("Some characters could not be decoded.")),
    "text-formula": (
        "fix",
        _("The value was a formula that only holds a text; the text was kept."),
    ),
    "text-cleaned": ("fix", _("HTML was taken out of the text.")),
    "line-wrapped": ("fix", _("The whole line was enclosed in quotes, which were taken off.")),
    "xml-ampersand": (
        "fix",
        _("An “&” that the XML file did not write as “&amp;” was read as text."),
    ),
    "xml-entity": (
        "fix",
        _("A sign that the XML names as HTML does (“&eacute;”) was read as that sign."),
    ),
    "xml-control": ("fix", _("A control character, which XML forbids, was left out.")),
    "xml-repeated": (
        "fix",
        _("An element that stands several times in the record was read once; the first counted."),
    ),
    # lines that are no article, or no longer one
    "article-deleted": ("refuse", _("The supplier marks the article as deleted.")),
    "row-total": ("refuse", _("The line is a total, not an article.")),
    "row-charge": ("refuse", _("The line is a tax, a charge or a discount, not an article.")),
    "row-section": ("refuse", _("The line is a title or a note, not an article.")),
    "row-header": ("refuse", _("The line repeats the header.")),
    "row-too-long": (
        "refuse",
        _("The line has more values than the header: they may have shifted."),
    ),
    "row-short": (
        "fix",
        _("The line has fewer values than the header; the missing ones are empty."),
    ),
}

_GTIN_SEVERITY: dict[str, Severity] = (
    dict.fromkeys(gtin.REPAIRS, "fix")
    | dict.fromkeys(gtin.REFUSALS, "warn")
    | {"gtin-restricted": "warn", "gtin-completed": "warn"}
)

RULES: dict[str, Rule] = {code: Rule(*definition) for code, definition in _ROW.items()} | {
    code: Rule(_GTIN_SEVERITY[code], message) for code, message in gtin.RULES.items()
}

#: Why no row of a file can be read.
FILE_RULES: dict[str, str] = {
    "empty-file": _("The file is empty: ask the supplier for it again."),
    "binary-file": _(
        "The file is not a table: it holds binary data. Ask the supplier for CSV or Excel."
    ),
    "unsupported-format": (
        _(
            "Files of type %(format)s cannot be read. Supported: CSV and other delimited text, "
            "XLSX, "
            "XLS, XLSB, ODS, HTML tables, JSON, XML, and these in a ZIP or GZ."
        )
    ),
    "damaged-file": _("The %(format)s file is damaged or protected by a password."),
    "not-well-formed": _(
        "The %(format)s file is not well formed at line %(line)s: nothing of it can be read until "
        "its supplier mends that line."
    ),
    "archive-nested": _("The archive holds another archive: unpack it and send what is inside."),
    "wrong-encoding": _("The file cannot be read as %(encoding)s. Choose another encoding."),
    "unknown-encoding": _("The encoding %(encoding)s is not known."),
    "unknown-sheet": _("There is no sheet called %(sheet)s. Sheets: %(sheets)s."),
    "unknown-records": _("There are no records at %(path)s."),
    "no-header": (
        _(
            "No header was found: no line names the columns. Add a header line, or say that the "
            "file "
            "has none."
        )
    ),
    "no-rows": _("The file has a header but no rows: ask the supplier for it again."),
    "line-too-long": _("A line is longer than %(limit)s MB: the file is not a table."),
    "archive-crowded": _("The archive holds more than %(limit)s files; send the price list alone."),
    "unsafe-archive": _("The archive names files outside its own folder, which is not allowed."),
    "unknown-member": _("The archive holds no file called %(member)s. Files: %(members)s."),
    "no-table": _("The page holds no table."),
    "sheet-too-large": _(
        "The sheet claims far more cells than a price list has: copy the list into a new workbook."
    ),
    "archive-too-large": _("The archive would unpack to more than %(limit)s MB."),
    "mapping-unknown-column": _("The file has no column “%(column)s”, which the mapping expects."),
    "mapping-unknown-field": _("There is no field “%(field)s”."),
    "mapping-field-twice": _("Two columns are mapped to %(field)s: %(columns)s."),
    "expression-no-column": _(
        "Name a column in brackets, such as “LEG-” + [Reference]: a text alone is a constant."
    ),
    "expression-not-figures": _(
        "“%(text)s” is not understood. Write what is done to the figure: × 0.95, + 1.50, - 5 %%."
    ),
    "expression-factor": _("“%(text)s” would leave no figure: a factor is above zero."),
    "expression-not-texts": _(
        "“%(text)s” is not understood. Join texts in quotes and columns in brackets by a plus "
        "sign: “LEG-” + [Reference]."
    ),
    "expression-unknown-column": _(
        "The file has no column “%(column)s”. Put texts in quotes and names of columns in brackets."
    ),
    "expression-not-here": _(
        "%(field)s is read as it is: only prices, quantities, codes and texts can be adjusted."
    ),
    "constant-not-here": _("%(field)s differs from article to article: choose its column."),
    "constant-empty": _("Type the value of %(field)s for all rows, or take the line away."),
    "constant-no-currency": _("“%(text)s” is no currency. Type its code, such as EUR."),
    "constant-not-a-number": _("“%(text)s” is no figure that %(field)s can take."),
    "unsafe-xml": _("The XML file declares entities, which is not allowed."),
}

#: Why a person must look before a file is imported.
HELD_RULES: dict[str, str] = {
    "columns-guessed": _(
        "The file has no header: its columns were named by what they hold. Check them."
    ),
    "no-identifier-column": _("No column was recognised as a supplier SKU or an EAN."),
    "unsure-identifier-column": _("The column of the identifier is not certain: %(columns)s."),
    "no-price-column": _("No column was recognised as the purchase price."),
    "unsure-price-column": _("The column of the purchase price is not certain: %(columns)s."),
    "vat-rate-needed": _("Prices include VAT and no VAT rate is known."),
    "meaning-open": _("How the figures are meant is not certain: %(meanings)s."),
    "no-row-accepted": _("No row could be accepted."),
}

#: Why a column is thought to be a field, or is not.
WHY_RULES: dict[str, str] = {
    "header-is": _("The header is “%(term)s”."),
    "header-resembles": _("The header resembles “%(term)s”."),
    "memory-supplier": _("Mapped so for this supplier %(count)s times."),
    "memory-supplier-once": _("Mapped so for this supplier once."),
    "memory-supplier-person": _("Set so by a person for this supplier."),
    "memory-others": _("Mapped so for %(count)s other suppliers."),
    "memory-others-once": _("Mapped so for one other supplier."),
    "memory-otherwise": _("Earlier files used this column otherwise."),
    "memory-ignored": _("Left out %(count)s times before."),
    "memory-ignored-once": _("Left out once before."),
    "memory-ignored-person": _("Left out by a person for this supplier."),
    "memory-ignored-others": _("Left out for %(count)s other suppliers."),
    "memory-ignored-others-once": _("Left out for one other supplier."),
    "content-gtin": _("%(share)s %% of the values are valid article numbers."),
    "content-image": _("The values are addresses of pictures."),
    "content-currency": _("The values are currencies."),
    "content-numbers": _("Numbers from %(low)s to %(high)s."),
    "content-availability": _("The values say whether the article is available."),
    "content-vat": _("The values are VAT rates."),
    "content-brand": _("%(share)s %% of the values are known brands."),
    "content-country": _("The values are countries."),
    "content-condition": _("The values say whether the article is new or used."),
    "content-against": _("The values do not look like it."),
    "below-retail": _("It is below the retail price on %(share)s %% of the rows."),
    "above-retail": _("It is above the retail price on %(share)s %% of the rows."),
    "look-alike": _("The column “%(column)s” looks the same."),
    "likelier": _("The column “%(column)s” is likelier for the field it resembles."),
    "header-repeated": _("Several columns have this header."),
    "best-name": _("No other column names the article."),
    "price-is-per": _("It says for how many pieces the price is."),
    "named-by-content": _("The file has no header; the column is named by what it holds."),
    "header-names-step": _("The header names a price from %(quantity)s pieces on."),
    "rows-are-steps": _("The rows of an article differ by it, and the more the cheaper."),
    "sides-joined": _(
        "Several sides stand in one cell: chosen as the length, it fills width and height too."
    ),
    "ignored": _("This kind of column fills no field."),
    "nothing": _("Nothing tells what this column holds."),
}

#: What changed since the file that was accepted last, and what tells.
DRIFT_RULES: dict[str, str] = {
    "drift-renamed": _("“%(before)s” is called “%(after)s” now."),
    "drift-kept": _("“%(column)s” still has this name."),
    "drift-moved": _("“%(column)s” moved from place %(before)s to place %(after)s."),
    "drift-new": _("“%(column)s” is new."),
    "drift-gone": _("“%(column)s” is gone."),
    "drift-unit": _("“%(column)s” may be in another unit (%(before)s → %(after)s)."),
    "drift-content": _("“%(column)s” holds other values (%(before)s → %(after)s)."),
    "drift-same-words": _("Only a date, the case or the spelling of its name differs."),
    "drift-same-words-twice": _(
        "Several columns have these words, and only a date or the spelling tells them apart."
    ),
    "drift-same-values": _("%(share)s %% of the articles have the same value in it."),
    "drift-similar-values": _("Its values look the same."),
    "drift-similar-header": _("The two names resemble each other, or mean the same."),
    "drift-by-name": _("Columns are found by their names: nothing else changes."),
    "drift-by-place": _("Several columns have this name, and only their order tells them apart."),
    "drift-fills-nothing": _("It fills no field."),
    "drift-filled": _("It filled %(field)s."),
    "drift-looks-like": _("It looks like %(field)s, which “%(other)s” fills."),
    "drift-looks-free": _("It looks like %(field)s, which no column fills yet."),
    "drift-holds-other": _("It holds what “%(other)s” held."),
    "drift-other-kind": _("They are no longer of the same kind."),
    "drift-currency": _("The prices are in another currency."),
    "drift-header-unit": _("Its name says another unit."),
    "drift-header-package": _("Its name speaks of a package now, not of a piece."),
    "drift-header-piece": _("Its name speaks of a piece now, not of a package."),
    "drift-vat-in": _("The file says that these prices include VAT now."),
    "drift-vat-out": _("The file no longer says that these prices include VAT."),
    "drift-vat-added": _(
        "The same articles cost exactly the VAT rate of %(rate)s %% more. If their prices include "
        "VAT now, say so on the mapping screen before you accept."
    ),
    "drift-vat-left": _(
        "The same articles cost exactly the VAT rate of %(rate)s %% less. If their prices are "
        "without VAT now, say so on the mapping screen before you accept."
    ),
    "drift-per-package": _(
        "The same articles cost a whole number of times more (most often %(factor)s): are their "
        "prices for a package now?"
    ),
    "drift-per-piece": _(
        "The prices of the same articles were divided by a whole number (most often %(factor)s): "
        "are they for one piece now?"
    ),
    "drift-ratio-up": _("The same articles have %(factor)s times the value."),
    "drift-ratio-down": _("The values of the same articles were divided by %(factor)s."),
    "drift-magnitude-up": _("The values are about %(factor)s times what they were."),
    "drift-magnitude-down": _("The values were divided by about %(factor)s."),
}

#: Why figures are thought to mean what they are read as.
MEANING_RULES: dict[str, str] = {
    "meaning-confirmed": _("Confirmed by a person."),
    "meaning-set": _("As the feed's settings say."),
    "vat-in-header": _("“%(column)s” says so."),
    "vat-in-cells": _("The cells of “%(column)s” say so."),
    "vat-cells-differ": _("%(count)s cells say the contrary of their header."),
    "vat-twin-taxed": _("“%(column)s” is the same with VAT of %(rate)s %%."),
    "vat-twin-untaxed": _("“%(column)s” is the same without VAT of %(rate)s %%."),
    "vat-retail-beside": _("“%(column)s” is beside it: what a supplier asks is without VAT."),
    "vat-shelf-prices": _("%(share)s %% of the prices end like those of a shelf (9.99, 14.95)."),
    "vat-usual": _("Nothing says it; suppliers give prices without VAT."),
    "basis-in-header": _("“%(column)s” says so."),
    "basis-column": _("“%(column)s” says it row by row."),
    "basis-no-pack": _("Nothing speaks of packs."),
    "basis-pack-unknown": _(
        "“%(column)s” is the price of a pack, and no column or value gives the pack size."
    ),
    "basis-twin-pack": _("“%(column)s” is the same times the pack size."),
    "basis-twin-piece": _("“%(column)s” is the same divided by the pack size."),
    "basis-above-retail": _(
        "It is above the retail price on %(share)s %% of the rows, and below once divided by the "
        "pack size."
    ),
    "basis-above-anyhow": _(
        "It is above the retail price on %(share)s %% of the rows: for several pieces, or in cents?"
    ),
    "basis-below-retail": _("As the price of one piece it is below the retail price."),
    "basis-usual": _("Nothing says it, though “%(column)s” counts packs."),
    "currency-in-column": _("“%(column)s” gives %(codes)s."),
    "currency-in-header": _("“%(column)s” names %(code)s."),
    "currency-in-cells": _("The cells of “%(column)s” are in %(code)s."),
    "currency-sign-shared": _("Several currencies have this sign: %(codes)s."),
    "currency-of-country-too": _("The supplier's country pays in %(code)s."),
    "currency-of-feed": _("%(code)s is the feed's currency."),
    "currency-mixed": _("Several currencies stand beside the figures: %(codes)s."),
    "currency-of-country": _("The file names none; the supplier's country pays in %(code)s."),
    "currency-usual-and-country": _("The file names none; the supplier's country pays in it."),
    "currency-usual": _("The file names none; %(code)s is the feed's."),
    "decimal-none": _("The prices have no decimals."),
    "decimal-told": _("Written like %(example)s."),
    "decimal-as-others": _("%(example)s can be read in two ways; the other columns decide."),
    "decimal-open": _("%(example)s can be read in two ways, and nothing decides."),
    "decimal-differs": _("The cells look otherwise: %(example)s."),
    "decimal-three": _("All have three digits behind the sign, like %(example)s."),
    "decimal-mixed": _("%(count)s cells are written with the other sign."),
    "unit-in-header": _("“%(column)s” names %(unit)s."),
    "unit-in-cells": _("Each cell gives its unit."),
    "unit-range": _("A middle weight of %(value)s %(unit)s."),
    "unit-open": _("A middle weight of %(value)s could be grams or kilograms."),
    "lead-time-in-header": _("“%(column)s” says so."),
    "lead-time-hours": _("All are whole days in hours: 24, 48, 72."),
    "lead-time-long": _("Nothing says it, though %(value)s would be long."),
    "lead-time-usual": _("Nothing says it; suppliers give days. The longest: %(value)s."),
    "rate-percent": _("Figures from %(low)s to %(high)s, without a sign."),
    "rate-share": _("All figures are below one: from %(low)s to %(high)s."),
    "rate-mixed": _("Some figures are below one, others above: from %(low)s to %(high)s."),
    "scope-name": _("The file's name says “%(word)s”."),
    "scope-flag": _("“%(column)s” marks what was added, changed or deleted."),
    "scope-as-many": _("%(rows)s rows, %(known)s articles known."),
    "scope-few": _("Only %(rows)s rows, of %(known)s articles known."),
    "scope-usual-full": _("Nothing says otherwise; most lists are whole."),
    "scope-usual-delta": _("As the files of this feed are."),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A statement in words: its rule, the values inside, and its English text."""

    rule: str
    params: dict[str, Any]

    @property
    def message(self) -> str:
        """The English text."""
        template = next(
            rules[self.rule]
            for rules in (WHY_RULES, MEANING_RULES, HELD_RULES, DRIFT_RULES, FILE_RULES)
            if self.rule in rules
        )
        return template % self.params

    def to_json(self) -> dict[str, Any]:
        """Return rule, params and English text as plain values."""
        return {"rule": self.rule, "params": self.params, "message": self.message}


def message(rule: str, params: dict | None = None) -> str:
    """Return the English text of a row rule with its params, `…` for them when none is given."""
    template = RULES[rule].message
    return template % params if params else _PARAM.sub("…", template).replace("%%", "%")
