"""Values of supplier offers as a buyer reads them, in the user's language."""

import json

from odoo.tools.misc import get_lang

from .column_labels import get_column_labels

# Decimals that are shown at most: prices of one piece of a thousand need them.
MOST_DECIMALS = 6
_NO_BREAK = "\N{NO-BREAK SPACE}"


def format_number(env, value, least=0, most=MOST_DECIMALS):
    """A number with the decimals it has.

    :param least: decimals to show even when they are zero, most: where it is rounded
    """
    text = f"{value:.{most}f}"
    decimals = max(len(text.partition(".")[2].rstrip("0")), least)
    lang = env["res.lang"].browse(get_lang(env).id)
    return lang.format(f"%.{decimals}f", round(value, most), grouping=True)


def format_amount(env, value, currency):
    """An amount with its currency; a price of less than a cent keeps its decimals."""
    text = format_number(env, value, least=currency.decimal_places)
    symbol = currency.symbol or currency.name or ""
    parts = (symbol, text) if currency.position == "before" else (text, symbol)
    return _NO_BREAK.join(part for part in parts if part)


def format_percent(env, rate):
    """A share of one: 0.055 as 5.5 %."""
    return f"{format_number(env, 100 * rate, most=4)}{_NO_BREAK}%"


def format_value(env, name, value, currency):
    """A value of a column of supplier offers.

    :param value: of the column's type, or its text as PostgreSQL writes it
    """
    field = env["onep.supplier.offer"]._fields[name]
    if value is None or value is False or value == "":
        return ""
    if field.type == "monetary":
        return format_amount(env, float(value), currency)
    if name == "vat_rate":
        return format_percent(env, float(value))
    if field.type == "float":
        return format_number(env, float(value))
    if field.type == "selection":
        return dict(field._description_selection(env)).get(value, value)
    if field.type == "json":
        content = json.loads(value) if isinstance(value, str) else value
        if name == "tiers":
            return " · ".join(_format_step(env, step, currency) for step in content)
        labels = get_column_labels(env, content)
        return " · ".join(f"{labels.get(key, key)}: {text}" for key, text in content.items())
    return str(value)


def _format_step(env, step, currency):
    return env._(
        "from %(quantity)s: %(price)s",
        quantity=format_number(env, step["quantity"]),
        price=format_amount(env, step["price"], currency),
    )
