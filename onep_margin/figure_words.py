"""Figures inside sentences and names, as the reader writes them."""

from odoo.tools.misc import get_lang


def figure_words(env, value: float) -> str:
    """Return a figure in at most six digits, with the decimal sign of the reader's language."""
    return f"{value:g}".replace(".", get_lang(env).decimal_point)
