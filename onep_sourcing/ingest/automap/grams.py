"""What the letters of a header say, when its words are not those of any synonym.

A naive Bayes over words and their pieces of three to five letters, taught by the synonyms of the
lexicon: `produktindeling` has pieces of `indeling`, `MinBestel` of `minimum bestelhoeveelheid`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

_SMALLEST, _LARGEST = 3, 5
_SMOOTHING = 0.05
#: Pieces overlap, so each says less than if it stood alone.
_SHARE = 0.35


def pieces(words: Sequence[str]) -> set[str]:
    """Return the words of a header and their pieces; `^` and `$` mark where a word begins, ends."""
    found: set[str] = set()
    for word in words:
        if word.isdigit():
            continue
        marked = f"^{word}$"
        found.add(marked)
        for size in range(_SMALLEST, _LARGEST + 1):
            found.update(marked[start : start + size] for start in range(len(marked) - size + 1))
    found.update(f"{first} {second}" for first, second in pairwise(words))
    return found


class Letters:
    """Probabilities of labels given the pieces of a header."""

    def __init__(self, examples: Iterable[tuple[str, Sequence[str], float]]) -> None:
        """examples: (label, words, how much it counts)."""
        seen: dict[str, Counter[str]] = defaultdict(Counter)
        for label, words, weight in examples:
            for piece in pieces(words):
                seen[label][piece] += weight
        self.labels = tuple(sorted(seen))
        known = sorted({piece for counts in seen.values() for piece in counts})
        self._place = {piece: place for place, piece in enumerate(known)}
        counts = np.zeros((len(known), len(self.labels)))
        for column, label in enumerate(self.labels):
            for piece, count in seen[label].items():
                counts[self._place[piece], column] = count
        totals = counts.sum(axis=0) + _SMOOTHING * len(known)
        self._logs = np.log((counts + _SMOOTHING) / totals)

    def probabilities(self, words: Sequence[str]) -> dict[str, float]:
        """Return label → probability, all alike when no piece is known."""
        places = [self._place[piece] for piece in pieces(words) if piece in self._place]
        total = _SHARE * self._logs[places].sum(axis=0) if places else np.zeros(len(self.labels))
        raised = np.exp(total - total.max())
        return dict(zip(self.labels, (raised / raised.sum()).tolist(), strict=True))
