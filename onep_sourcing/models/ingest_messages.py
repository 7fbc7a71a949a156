"""Words of the ingest package in the user's language.

The pure package knows rules by code with an English template; the templates are marked there for
extraction, so that the addon's .po files carry their French.
"""

import re

from odoo.tools.misc import get_lang
from odoo.tools.translate import get_translation

from ..ingest.automap.recognise import RECOGNISED_RULES
from ..ingest.expressions import Expression
from ..ingest.rules import (
    DRIFT_RULES,
    FILE_RULES,
    HELD_RULES,
    MEANING_RULES,
    RULES,
    WHY_RULES,
)
from .column_labels import label_params, name_columns
from .offer_values import format_number

_ADDONS = ("onep_sourcing", "onep_marketplace_connectors")
#: Values of messages that are figures, and never a cell of the file as it is written.
_FIGURES = (
    "changed",
    "count",
    "factor",
    "gone",
    "high",
    "known",
    "limit",
    "low",
    "met",
    "moved",
    "per",
    "quantity",
    "rate",
    "rows",
    "share",
    "value",
)


def translate(env, source, params=None):
    """The English template `source` in the language of `env`, with its params filled in."""
    lang = env.lang or "en_US"
    text = source
    for addon in _ADDONS:
        text = get_translation(addon, lang, source, ())
        if text != source:
            break
    if not params:
        return text.replace("%%", "%")
    try:
        return text % params
    except (KeyError, TypeError, ValueError):
        return source


def get_rule_message(env, entry):
    """What one issue says.

    :param entry: {"rule": code, "params": {…}, "raw": original text, …}
    """
    rule = entry.get("rule")
    params = entry.get("params") or {}
    if rule in DRIFT_RULES:
        return get_drift_message(env, entry)
    if rule in RULES:
        template = RULES[rule].message
    else:
        template = FILE_RULES.get(rule) or HELD_RULES.get(rule) or _get_own_rules(env).get(rule)
        params = _format_figures(env, params)
    if template is None:
        return entry.get("message") or rule
    text = translate(env, template, params)
    raw = entry.get("raw")
    return f"{text} ({raw})" if raw else text


def get_drift_message(env, entry, labels=None):
    """What changed in a file, or what tells: figures and fields as the reader writes them.

    :param entry: {"rule": code, "params": {…}}
    :param labels: {column: what it is called on screen}, of those called otherwise
    """
    rule, params = entry["rule"], label_params(entry["params"], labels)
    if "field" in params:
        said = dict(env["onep.feed.mapping"]._fields["field"]._description_selection(env))
        params = params | {"field": said.get(params["field"], params["field"])}
    if rule == "drift-unit":
        params = params | {name: format_figure(env, params[name]) for name in ("before", "after")}
    return translate(env, DRIFT_RULES[rule], _format_figures(env, params))


def format_figure(env, text):
    """A number kept as text, as the reader writes it; what is no number stays."""
    try:
        return format_number(env, float(text), most=4)
    except ValueError:
        return text


def _format_figures(env, params):
    """The values of a message, its figures as the reader writes them."""
    return params | {
        name: format_figure(env, params[name])
        for name in _FIGURES
        if isinstance(params.get(name), int | float | str)
    }


def format_expression(env, values, own=None, labels=None):
    """An expression kept as JSON, as the reader types it beside the column `own`.

    :param labels: {column: what it is called on screen}, of those called otherwise
    """
    decimal = get_lang(env).decimal_point
    named = {label: name for name, label in (labels or {}).items()}
    return name_columns(Expression.from_json(values).written(own, decimal), named)


def get_rule_labels(env):
    """[(code, what it says)] of every rule of a row, its values left open."""
    templates = {code: rule.message for code, rule in RULES.items()} | _get_own_rules(env)
    return [(code, _leave_open(translate(env, template))) for code, template in templates.items()]


def get_repair_message(env, entry):
    """What was done to cells of a field, and to how many.

    :param entry: {"rule": code, "field": target field, "params": {…}, "count": cells}
    """
    labels = dict(env["onep.feed.mapping"]._fields["field"]._description_selection(env))
    template = RULES[entry["rule"]].message
    text = translate(env, template, _format_figures(env, entry["params"]))
    params = {
        "field": labels.get(entry["field"], env._("Line")),
        "repair": text if entry["params"] else _leave_open(text),
        "count": format_number(env, entry["count"]),
    }
    return env._("%(field)s: %(repair)s Rows: %(count)s.", **params)


def _leave_open(text):
    return re.sub(r"%\(\w+\)\w", "…", text)


def get_why_message(env, reasons, labels=None):
    """Why a column was given its field, one reason a line.

    :param reasons: `ingest.rules.Reason` objects
    :param labels: {column: what it is called on screen}, of those called otherwise
    """
    return "\n".join(_tell(env, reason, WHY_RULES | HELD_RULES, labels) for reason in reasons)


def get_meaning_message(env, reasons, labels=None):
    """Why figures are read as they are; params as of `get_why_message`."""
    return " ".join(_tell(env, reason, MEANING_RULES, labels) for reason in reasons)


def _tell(env, reason, templates, labels=None):
    params = _format_figures(env, label_params(dict(reason.params), labels))
    return translate(env, templates[reason.rule], params)


def get_whose_message(env, reasons):
    """Why a file may be of a feed.

    :param reasons: `ingest.rules.Reason` objects
    """
    return " ".join(_tell(env, reason, RECOGNISED_RULES) for reason in reasons)


def _get_own_rules(env):
    """Rules that only the database can check, beside those of the ingest package."""
    return {
        "currency-inactive": env._(
            "The currency %(currency)s is not active in Odoo: activate it, then import again."
        ),
        "price-above-known": env._(
            "The purchase price is far above all that is known of this article (%(known)s at most)."
        ),
        "price-below-known": env._(
            "The purchase price is far below all that is known of this article (%(known)s at "
            "least)."
        ),
        "quantity-step-refused": env._(
            "The line is a quantity step of line %(first_line)s, which was refused: nothing was "
            "kept of it."
        ),
        "ean-carried": env._("Another article of this supplier (%(sku)s) already has this EAN."),
        "held-older": env._(
            "An older file of this feed waits to be checked. Changes are imported in the order "
            "they came: decide on that file, and this one follows by itself."
        ),
        "held-gone": env._(
            "%(gone)s of the %(known)s articles of the feed are missing from this file: %(share)s "
            "%%, and more than %(limit)s %% is asked about."
        ),
        "held-deleted": env._(
            "This file marks %(gone)s of the %(known)s articles of the supplier as deleted: "
            "%(share)s %%, and more than %(limit)s %% is asked about."
        ),
        "held-currency": env._(
            "The currency of %(changed)s of the %(known)s known articles changed."
        ),
        "held-price-up": env._(
            "Prices as a whole are %(factor)s times what they were (%(moved)s articles moved): "
            "another unit, or a decimal sign that was lost?"
        ),
        "held-price-down": env._(
            "Prices as a whole were divided by %(factor)s (%(moved)s articles moved): another "
            "unit, or a decimal sign that moved?"
        ),
        "held-vat-added": env._(
            "Prices as a whole rose by exactly the VAT rate of %(rate)s %% (%(moved)s articles "
            "moved): do they include VAT now?"
        ),
        "held-vat-removed": env._(
            "Prices as a whole fell by exactly the VAT rate of %(rate)s %% (%(moved)s articles "
            "moved): are they without VAT now?"
        ),
    }
