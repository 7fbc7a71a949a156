"""An answer being filled: one row per asked GTIN, frozen into columns at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .errors import MarketplaceError
from .records import (
    ERROR,
    NOT_FOUND,
    Answer,
    Batch,
    CandidateBatch,
    FeeBatch,
    FigureBatch,
    IdentityBatch,
    RightsBatch,
)
from .steps import Step, Subjects

_KINDS: dict[Step, type[Batch]] = {
    Step.IDENTITY: IdentityBatch,
    Step.WIDE: FigureBatch,
    Step.DETAIL: FigureBatch,
    Step.RIGHTS: RightsBatch,
    Step.FEES: FeeBatch,
}
_DEFAULTS: dict[str, dict] = {
    "IdentityBatch": {"is_doubtful": False},
    "FigureBatch": {"retailer_present": "unknown"},
    "RightsBatch": {"may_sell": "unknown", "may_be_stored": "unknown"},
    "FeeBatch": {},
}


class Draft:
    """Rows of one answer.

    subjects: what was asked; a GTIN asked twice has one row
    silent: columns this answer does not speak of (figures only)

    A row that was never answered is not part of the result: it is still to be asked.
    """

    def __init__(self, step: Step, subjects: Subjects, silent: Iterable[str] = ()):
        self.step = step
        self.subjects = subjects.once()
        self.silent = set(silent)
        self.candidates: list[dict] = []
        self._kind = _KINDS[step]
        self._index = {gtin: row for row, gtin in enumerate(self.subjects.gtin)}
        self._rows: list[dict | None] = [None] * len(self._index)

    def answer(self, gtin: str, state: str, *reasons: str, **values) -> None:
        """Answer a GTIN; KeyError for one that was not asked. A later answer replaces it.

        reasons: keys of :data:`.records.REASONS`
        """
        values["gtin"] = gtin
        values["state"] = state
        values["reason_codes"] = ",".join(dict.fromkeys(reasons)) if reasons else None
        self._rows[self._index[gtin]] = values

    def refuse(self, gtin: str, reason: str = "item-refused", detail: str | None = None) -> None:
        """Answer a GTIN by an error of its own.

        detail: the marketplace's words
        """
        self.answer(
            gtin, ERROR, reason, reason_detail=detail, external_id=self.asked("external_id", gtin)
        )

    def unknown(self, gtin: str) -> None:
        """Answer that the marketplace does not know the GTIN."""
        values = {"candidate_count": 0} if self.step == Step.IDENTITY else {}
        self.answer(gtin, NOT_FOUND, "unknown-gtin", **values)

    def asked(self, column: str, gtin: str):
        """What was asked with a GTIN, None where nothing was."""
        return getattr(self.subjects, column)[self._index[gtin]]

    def __contains__(self, gtin: str) -> bool:
        return gtin in self._index

    def is_answered(self, gtin: str) -> bool:
        """Whether a GTIN has its row."""
        return self._rows[self._index[gtin]] is not None

    def pending(self) -> list[str]:
        """GTINs without an answer, in the order asked."""
        return [gtin for gtin, row in zip(self._index, self._rows, strict=True) if row is None]

    def by_external_id(self) -> dict[str, list[str]]:
        """GTINs by product of the marketplace, in the order asked; those without are refused."""
        found: dict[str, list[str]] = {}
        for gtin, external_id in zip(self.subjects.gtin, self.subjects.external_id, strict=True):
            if external_id:
                found.setdefault(external_id, []).append(gtin)
            else:
                self.refuse(gtin, "identity-unknown")
        return found

    def freeze(self, error: MarketplaceError | None = None) -> Answer:
        """The answered rows as columns, and what is left."""
        defaults = _DEFAULTS[self._kind.__name__]
        rows = [defaults | row for row in self._rows if row is not None]
        others = {}
        if self._kind is FigureBatch:
            silent = frozenset(self.silent)
            for row in rows:
                for name in silent:
                    row[name] = None
            others["silent"] = silent
        pending = tuple(self.pending())
        return Answer(
            self.step,
            self._kind.from_rows(rows, **others),
            CandidateBatch.from_rows(list(self._ranked())) if self.step == Step.IDENTITY else None,
            pending,
            error if pending else None,
        )

    def _ranked(self) -> Iterator[dict]:
        """Candidates of answered GTINs."""
        return (one for one in self.candidates if self.is_answered(one["gtin"]))
