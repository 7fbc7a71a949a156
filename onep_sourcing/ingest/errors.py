"""What stops a file from being read at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .rules import FILE_RULES


class UnreadableFile(ValueError):
    """A file no row can be read from.

    rule: a code of `rules.FILE_RULES`
    message: what is wrong and what to do, in English
    params: the values inside the message, for a translation
    """

    def __init__(self, rule: str, **params: Any) -> None:
        self.rule = rule
        self.params: Mapping[str, Any] = params
        self.message = FILE_RULES[rule] % params
        super().__init__(self.message)
