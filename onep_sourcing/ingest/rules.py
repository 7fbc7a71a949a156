"""Every rule of the import, by its stable code, with its English text.

Codes are stored with issues and translated by Odoo; a text may change, a code may not. Files have
rules of their own: they stop the whole reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ...onep_marketplace_connectors.clients import gtin

Severity = Literal["refuse", "warn", "fix"]


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
    "identifier-missing": ("refuse", "The row has neither a supplier SKU nor an EAN."),
    "ean-invalid": ("refuse", "The EAN cannot be used and the row has no supplier SKU."),
    "sku-from-ean": ("fix", "The row has no supplier SKU; its EAN stands for it."),
    "duplicate-identifier": (
        "refuse",
        "Line %(first_line)s already has this supplier SKU; the first one was kept.",
    ),
    "ean-shared": ("warn", "Line %(first_line)s has the same EAN under another supplier SKU."),
    # purchase price
    "price-missing": ("refuse", "The row has no purchase price."),
    "price-zero": ("refuse", "The purchase price is zero."),
    "price-negative": ("refuse", "The purchase price is negative."),
    "price-not-a-number": ("refuse", "The purchase price is not a number."),
    "price-unit-unknown": ("refuse", "The quantity the price is for is not understood."),
    "price-per-unit": ("fix", "The price was for %(per)s pieces; it was brought to one."),
    "price-without-vat": ("fix", "VAT of %(rate)s %% was taken out of the purchase price."),
    "price-from-discount": ("fix", "The purchase price is the list price less its discount."),
    "price-scaled": ("fix", "The price was in hundredths of the currency."),
    "vat-missing": ("refuse", "The price includes VAT and the VAT rate is not known."),
    "currency-unknown": ("refuse", "The currency is not known."),
    # other figures
    "stock-not-a-number": ("warn", "The stock is not a number; it is unknown."),
    "stock-negative": ("fix", "The stock was negative; it was set to zero."),
    "stock-at-least": ("fix", "The stock is given as “more than”; the lower bound was kept."),
    "stock-at-most": ("fix", "The stock is given as “less than”; one piece was kept."),
    "stock-in-words": ("fix", "The stock was given in words."),
    "number-not-read": ("warn", "The value is not a number; it is unknown."),
    "number-negative": ("warn", "The value is negative; it is unknown."),
    "number-other-style": (
        "fix",
        "The decimal sign differs from the rest of the column; it could be read in one way only.",
    ),
    "rate-out-of-range": ("warn", "A rate is between 0 and 100 %%; it is unknown."),
    "lead-time-not-read": ("warn", "The lead time is not understood; it is unknown."),
    "pack-not-read": ("warn", "The quantity is not understood; it is unknown."),
    "unit-not-read": ("warn", "The measure is not understood; it is unknown."),
    "retail-below-purchase": ("warn", "The retail price is below the purchase price."),
    # texts
    "text-damaged": ("warn", "Some characters could not be decoded."),
    "text-cleaned": ("fix", "HTML was taken out of the text."),
    # lines that are no article
    "row-total": ("refuse", "The line is a total, not an article."),
    "row-section": ("refuse", "The line is a section title, not an article."),
    "row-header": ("refuse", "The line repeats the header."),
    "row-deleted": ("refuse", "The supplier marks the article as deleted."),
    "row-too-long": ("refuse", "The line has more values than the header: they may have shifted."),
    "row-short": ("fix", "The line has fewer values than the header; the missing ones are empty."),
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
    "empty-file": "The file is empty.",
    "binary-file": "The file is not a table: it holds binary data.",
    "unsupported-format": (
        "Files of type %(format)s cannot be read. Supported: CSV and other delimited text, XLSX, "
        "XLS, XLSB, ODS, JSON, XML, and one of these in a ZIP or GZ."
    ),
    "damaged-file": "The %(format)s file is damaged or protected by a password.",
    "wrong-encoding": "The file cannot be read as %(encoding)s. Choose another encoding.",
    "unknown-encoding": "The encoding %(encoding)s is not known.",
    "unknown-sheet": "There is no sheet called %(sheet)s. Sheets: %(sheets)s.",
    "unknown-records": "There are no records at %(path)s.",
    "no-header": (
        "No header was found: no line names the columns. Add a header line, or say that the file "
        "has none."
    ),
    "no-rows": "The file has a header but no rows.",
    "line-too-long": "A line is longer than %(limit)s MB: the file is not a table.",
    "archive-many": "The archive holds several files (%(names)s); send one at a time.",
    "archive-too-large": "The archive would unpack to more than %(limit)s MB.",
    "mapping-unknown-column": "The file has no column “%(column)s”, which the mapping expects.",
    "mapping-unknown-field": "There is no field “%(field)s”.",
    "mapping-field-twice": "Two columns are mapped to %(field)s: %(columns)s.",
    "unsafe-xml": "The XML file declares entities, which is not allowed.",
}

#: Why a person must look before a file is imported.
HELD_RULES: dict[str, str] = {
    "no-identifier-column": "No column was recognised as a supplier SKU or an EAN.",
    "unsure-identifier-column": "The column of the identifier is not certain: %(columns)s.",
    "no-price-column": "No column was recognised as the purchase price.",
    "unsure-price-column": "The column of the purchase price is not certain: %(columns)s.",
    "vat-rate-needed": "Prices include VAT and no VAT rate is known.",
    "no-row-accepted": "No row could be accepted.",
    "currency-needed": "No currency is known.",
}

#: Why a column is thought to be a field, or is not.
WHY_RULES: dict[str, str] = {
    "header-is": "The header is “%(term)s”.",
    "header-resembles": "The header resembles “%(term)s”.",
    "memory": "Mapped so %(count)s times before.",
    "memory-ignored": "Left out %(count)s times before.",
    "content-gtin": "%(share)s %% of the values are valid article numbers.",
    "content-image": "The values are addresses of pictures.",
    "content-currency": "The values are currencies.",
    "content-numbers": "Numbers from %(low)s to %(high)s.",
    "content-availability": "The values say whether the article is available.",
    "content-vat": "The values are VAT rates.",
    "content-against": "The values do not look like it.",
    "below-retail": "It is below the retail price on %(share)s %% of the rows.",
    "above-retail": "It is above the retail price on %(share)s %% of the rows.",
    "look-alike": "The column “%(column)s” looks the same.",
    "header-repeated": "Several columns have this header.",
    "best-name": "No other column names the article.",
    "price-is-per": "It says for how many pieces the price is.",
    "ignored": "This kind of column fills no field.",
    "nothing": "Nothing tells what this column holds.",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A statement in words: its rule, the values inside, and its English text."""

    rule: str
    params: dict[str, Any]

    @property
    def message(self) -> str:
        """The English text."""
        template = WHY_RULES.get(self.rule) or HELD_RULES.get(self.rule) or FILE_RULES[self.rule]
        return template % self.params

    def to_json(self) -> dict[str, Any]:
        """Return rule, params and English text as plain values."""
        return {"rule": self.rule, "params": self.params, "message": self.message}


def message(rule: str, params: dict | None = None) -> str:
    """Return the English text of a row rule with its params."""
    template = RULES[rule].message
    return template % params if params else template.replace("%%", "%")
