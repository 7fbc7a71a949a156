"""How many items one call may hold: learned from what a marketplace refuses.

One wrong item, or one too many, makes a marketplace refuse a whole call. The call is then made
again with half the items, until the wrong one stands alone. The size outlives the ask and, through
``MarketplaceClient.learned``, the job: with a quota of one call at a time each half may have to
wait for the next token.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from .errors import RejectedRequest, WrongAddress

#: Single items refused in a row before it is believed that it is not the items.
MOST_REFUSED = 2


class Batches:
    """Sizes of one account's calls, by operation.

    usual: most items of a call; sizes: what less was accepted lately
    about: told what the next call asks for
    patience: full batches that pass before a larger one is tried; many, where the size is the
        marketplace's own limit rather than one bad item's doing
    """

    def __init__(
        self,
        usual: Mapping[str, int],
        sizes: Mapping[str, int] | None = None,
        about: Callable[[list], None] = lambda _keys: None,
        patience: int = 1,
    ):
        self._usual = dict(usual)
        self._sizes = dict(sizes or {})
        self.about = about
        self._patience: dict[str, int] = dict.fromkeys(usual, patience)
        self._full: Counter[str] = Counter()
        self._passed: set[str] = set()
        self._refused: Counter[str] = Counter()

    def size(self, operation: str) -> int:
        """Items a call may hold at the moment."""
        usual = self._usual[operation]
        return max(1, min(self._sizes.get(operation, usual), usual))

    @property
    def sizes(self) -> dict[str, int]:
        """Sizes that differ from the usual, by operation."""
        return {name: size for name in self._sizes if (size := self.size(name)) < self._usual[name]}

    def shrink(self, operation: str, count: int, patience: int | None = None) -> None:
        """A call of `count` items did not do: the next ones hold half."""
        self._sizes[operation] = max(1, count // 2)
        self._patience[operation] = patience or self._patience[operation]
        self._full[operation] = 0

    def grow(self, operation: str, count: int) -> None:
        """A call of `count` items passed; full ones make the size return to the usual."""
        self._passed.add(operation)
        self._refused[operation] = 0
        if count != self.size(operation) or count >= self._usual[operation]:
            return
        self._full[operation] += 1
        if self._full[operation] >= self._patience[operation]:
            self._full[operation] = 0
            self._sizes[operation] = count * 2

    def run(
        self,
        operation: str,
        keys: Sequence,
        ask: Callable[[list], Sequence | None],
        refuse: Callable[[object, str], None],
    ) -> None:
        """Ask batch by batch; a batch refused as a whole is asked again in halves.

        ask: makes one call; may return keys that have to be asked again in smaller company
        refuse: told of the single key that is refused, with the marketplace's words

        Raises RejectedRequest when one single item after the other is refused and none passed.
        """
        left = list(keys)
        while left:
            part = left[: self.size(operation)]
            self.about(part)
            again: list = []
            try:
                again = list(ask(part) or ())
            except WrongAddress:
                raise
            except RejectedRequest as error:
                if len(part) > 1:
                    self.shrink(operation, len(part))
                    continue
                self._refused[operation] += 1
                if self._refused[operation] > MOST_REFUSED and operation not in self._passed:
                    # the next ask begins anew: two bad items more are no dead end
                    self._refused[operation] = 0
                    raise
                refuse(part[0], str(error.params.get("detail") or ""))
            else:
                if again:
                    self.shrink(operation, len(part))
                else:
                    self.grow(operation, len(part))
            left = again + left[len(part) :]
