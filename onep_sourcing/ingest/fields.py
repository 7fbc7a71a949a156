"""The fields a supplier's column can become, and the columns a normalised frame has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "code",
    "text",
    "gtin",
    "price",
    "percent",
    "quantity",
    "availability",
    "currency",
    "lead_time",
    "weight",
    "size",
    "pack",
    "url",
    "price_per",
]


@dataclass(frozen=True, slots=True)
class Field:
    """One target field.

    name: how mappings call it
    kind: how its cells are read
    columns: the columns of the normalised frame it fills
    label: English label, for messages
    """

    name: str
    kind: Kind
    columns: tuple[str, ...]
    label: str


_TABLE: tuple[tuple[str, Kind, str, str], ...] = (
    ("supplier_sku", "code", "supplier_sku", "supplier SKU"),
    ("ean", "gtin", "gtin", "EAN"),
    ("manufacturer_part_number", "code", "manufacturer_part_number", "manufacturer reference"),
    ("name", "text", "name", "name"),
    ("description", "text", "description", "description"),
    ("brand", "text", "brand", "brand"),
    ("category", "text", "category", "category"),
    ("purchase_price", "price", "purchase_price", "purchase price"),
    ("recommended_retail_price", "price", "recommended_retail_price", "retail price"),
    ("currency", "currency", "currency", "currency"),
    ("discount_percent", "percent", "discount_percent", "discount"),
    ("stock_quantity", "quantity", "stock_quantity", "stock"),
    ("availability", "availability", "availability", "availability"),
    ("minimum_order_quantity", "pack", "minimum_order_quantity", "minimum quantity"),
    ("pack_size", "pack", "pack_size", "pack size"),
    ("lead_time_days", "lead_time", "lead_time_days", "lead time"),
    ("weight", "weight", "weight_g", "weight"),
    ("length", "size", "length_mm", "length"),
    ("width", "size", "width_mm", "width"),
    ("height", "size", "height_mm", "height"),
    ("vat_rate", "percent", "vat_rate", "VAT rate"),
    ("eco_tax", "price", "eco_tax", "eco-contribution"),
    ("image_url", "url", "image_url", "image"),
    ("tier_qty", "pack", "", "tier quantity"),
    ("tier_price", "price", "", "tier price"),
    ("condition", "text", "condition", "condition"),
    ("country_of_origin", "code", "country_of_origin", "country of origin"),
    ("hs_code", "code", "hs_code", "customs code"),
    ("price_per", "price_per", "", "quantity the price is for"),
)
FIELDS: dict[str, Field] = {
    name: Field(name, kind, (column,) if column else (), label)
    for name, kind, column, label in _TABLE
}

#: They change how another field is read and are no property of the offer.
AUXILIARY = frozenset({"price_per"})
#: Several columns of a file may carry them.
REPEATABLE = frozenset({"tier_qty", "tier_price"})
#: Several columns may be mapped to them by hand: stocks of warehouses are added up.
SUMMED = frozenset({"stock_quantity"})
IDENTIFIERS = ("supplier_sku", "ean")
#: Columns that the cells of a field may fill beside its own: stocks in words, `10x20x5` as a size.
BESIDE: dict[str, tuple[str, ...]] = {
    "stock_quantity": ("availability", "lead_time_days"),
    "availability": ("lead_time_days",),
    "length": ("width_mm", "height_mm"),
    "width": ("length_mm", "height_mm"),
    "height": ("length_mm", "width_mm"),
}

#: Columns of every normalised frame, in this order, whatever the file held, and what they hold.
_TARGETS = {
    "line": "line",
    "supplier_sku": "text",
    "gtin": "text",
    "manufacturer_part_number": "text",
    "name": "text",
    "description": "text",
    "brand": "text",
    "category": "text",
    "purchase_price": "number",
    "recommended_retail_price": "number",
    "recommended_retail_price_taxed": "number",
    "discount_percent": "number",
    "currency": "text",
    "stock_quantity": "number",
    "availability": "boolean",
    "minimum_order_quantity": "number",
    "pack_size": "number",
    "lead_time_days": "number",
    "weight_g": "number",
    "length_mm": "number",
    "width_mm": "number",
    "height_mm": "number",
    "vat_rate": "number",
    "eco_tax": "number",
    "image_url": "text",
    "condition": "text",
    "country_of_origin": "text",
    "hs_code": "text",
    "tiers": "text",
    "extra": "text",
}
TARGET_COLUMNS = tuple(_TARGETS)
TEXT_COLUMNS = tuple(name for name, kind in _TARGETS.items() if kind == "text")
NUMBER_COLUMNS = tuple(name for name, kind in _TARGETS.items() if kind == "number")
#: Target field of each normalised column, where the two names differ.
FIELD_OF_COLUMN = {column: field.name for field in FIELDS.values() for column in field.columns}
