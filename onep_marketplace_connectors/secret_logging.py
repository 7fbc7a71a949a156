"""Keep secrets that people enter out of Odoo's own log of calls.

At its most talkative level Odoo writes down each call of a browser with its arguments, and so the
key that a manager has just typed. The names stay in that log, the values do not.
"""

import logging
import re

#: Odoo's logger that writes down calls.
CALLS = "odoo.service.model"

_NAMES = r"\w*(?:secret|token|password|_key)"
_TEXT = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_ENTERED = re.compile(rf"""(?P<name>['"]?\b{_NAMES}\b['"]?\s*[:=]\s*)(?:{_TEXT})""")


def without_secrets(text: str) -> str:
    """A text with the values of what is named like a secret struck out."""
    return _ENTERED.sub(r"\g<name>'***'", text)


class StrikeOut(logging.Filter):
    """Lets every line pass, without the secrets in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Strike out before any handler sees the line."""
        record.msg, record.args = without_secrets(record.getMessage()), ()
        return True


def install() -> None:
    """Watch Odoo's log of calls, once."""
    logger = logging.getLogger(CALLS)
    if not any(isinstance(known, StrikeOut) for known in logger.filters):
        logger.addFilter(StrikeOut())
