"""The column mapper on layouts whose answers are known.

`./onep bench automap` cross-validates on the layouts of the project: each supplier's files are
mapped by what is known without them. The weights are fitted anew, and a synonym is left out that
is word for word a header of that supplier and of no other one, when its author had read these
layouts: it may have been written because of it. Thresholds and calibration of each supplier's
files are those of the others' too. Weights are learned of each layout twice, the second time
without the synonyms that may have been written because of it: a file never seen before has
headers that no synonym is word for word. Layouts gathered since are learned of, and measured in
folds of several suppliers each.

`./onep bench automap FILE` measures what the addon holds, on other files. `--fit` fits the weights
and the calibration on the layouts and writes them to the addon.
"""

import argparse
import dataclasses
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

import pandas as pd
from rapidfuzz import fuzz, process

from launcher import pure

from . import automap_validation as validation
from .automap_layouts import GATHERED, INVENTED, LAYOUTS, Layout, read_layouts, read_text
from .figures import Figure

automap = pure.load("onep_sourcing.ingest.automap")
lexicon = pure.load("onep_sourcing.ingest.automap.lexicon")
target_fields = pure.load("onep_sourcing.ingest.fields")

NEEDS_DATABASE = False
#: What a file must have right to be usable.
KEY = frozenset(
    "supplier_sku ean name purchase_price stock_quantity minimum_order_quantity".split()
)
#: Likeness from which Odoo's import takes a header for a field: 1 - FUZZY_MATCH_DISTANCE of
#: addons/base_import/models/base_import.py.
_ODOO_LIKENESS = 0.8
_FUZZY_CUTOFF = 80


@dataclass
class Score:
    """Columns and files, by what became of them."""

    columns: int = 0
    right: int = 0
    wrong_confident: int = 0
    abstained: int = 0
    files: int = 0
    usable: int = 0
    one_touch: int = 0
    perfect: int = 0
    lost: Counter = field(default_factory=Counter)

    def add(self, layout: Layout, found: list[tuple[str | None, bool]]) -> None:
        """Count a file; found: for each column its field, and whether it is asked instead."""
        wrong = problems = confident = 0
        for answer, (target, asked) in zip(layout.answers, found, strict=True):
            right = not asked and target in answer
            wrong_confident = not asked and target is not None and not right
            self.columns += 1
            self.right += right
            self.abstained += asked
            self.wrong_confident += wrong_confident
            confident += wrong_confident
            wrong += not right
            if not right:
                needed = KEY.intersection(answer) and None not in answer
                problems += bool(needed or wrong_confident)
                self.lost[answer[0] or "ignored"] += 1
        if layout.is_priced:
            self.files += 1
            self.usable += problems == 0
            self.one_touch += problems <= 1
            self.perfect += wrong == 0

    @staticmethod
    def share(part: int, whole: int) -> float:
        return part / whole if whole else float("nan")

    def line(self, label: str) -> str:
        share = self.share
        return (
            f"{label:<22} {self.columns:>5} {share(self.right, self.columns):>7.1%} "
            f"{share(self.wrong_confident, self.columns):>7.2%} "
            f"{share(self.abstained, self.columns):>7.1%} {self.files:>5} "
            f"{share(self.usable, self.files):>7.1%} {share(self.one_touch, self.files):>9.1%} "
            f"{share(self.perfect, self.files):>8.1%}"
        )


HEADING = (
    f"{'':<22} {'cols':>5} {'right':>7} {'wrong!':>7} {'asked':>7} {'files':>5} {'usable':>7} "
    f"{'one touch':>9} {'perfect':>8}"
)


def map_file(layout: Layout, knowledge) -> list[tuple[str | None, bool]]:
    """Return what the mapper makes of each column: (field, whether it asks instead)."""
    proposal = automap.propose(layout.names, layout.sample, None, knowledge)
    return [(item.target, item.level == "asked") for item in proposal]


def map_by_fuzzy_header(layout: Layout) -> list[tuple[str | None, bool]]:
    """Baseline: the synonym that rapidfuzz finds likest to the header, each field once."""
    terms = lexicon.load().terms
    texts = [term.text for term in terms]
    taken: set[str] = set()
    found: list[tuple[str | None, bool]] = []
    for name in layout.names:
        best = process.extractOne(
            name, texts, scorer=fuzz.WRatio, processor=str.lower, score_cutoff=_FUZZY_CUTOFF
        )
        target = terms[best[2]].field if best else None
        if target in taken or target in (lexicon.IGNORE, *target_fields.AUXILIARY):
            target = None
        taken.add(target or "")
        found.append((target, False))
    return found


def map_as_odoo_does(layout: Layout, labels: dict[str, str]) -> list[tuple[str | None, bool]]:
    """Baseline: Odoo's import, which takes a header for a field by its name, its label, or text
    that is much like them.
    """
    found: list[tuple[str | None, bool]] = []
    for name in layout.names:
        header = name.lower()
        exact = labels.get(header)
        if exact is None:
            likeness = {label: SequenceMatcher(a=header, b=label).ratio() for label in labels}
            best = max(likeness, key=likeness.__getitem__)
            exact = labels[best] if likeness[best] > _ODOO_LIKENESS else None
        found.append((exact, False))
    return found


def odoo_labels() -> dict[str, str]:
    """Return names and labels of the target fields, in English and in French → field."""
    import polib

    addon = LAYOUTS.parents[2]
    french = {
        entry.msgid: entry.msgstr
        for entry in polib.pofile(str(addon / "i18n" / "fr.po"))
        if any("onep.feed.mapping,field" in name or "fields.selection" in name
               for name, _line in entry.occurrences)
    }  # fmt: skip
    found = {}
    for name, definition in target_fields.FIELDS.items():
        if name in target_fields.AUXILIARY:
            continue
        label = definition.label.lower()
        found |= {name: name, label: name}
        for english, translated in french.items():
            if english.lower() == label and translated:
                found[translated.lower()] = name
    return found


def measure(layouts: list[Layout], mapper) -> dict[str, Score]:
    """Return scores in total and by language, of what a mapper makes of layouts."""
    scores: dict[str, Score] = defaultdict(Score)
    for layout in layouts:
        found = mapper(layout)
        for label in ("total", layout.language):
            scores[label].add(layout, found)
    return scores


def time_per_file(layouts: list[Layout]) -> float:
    """Mean time to map a file [ms], everything loaded."""
    knowledge = automap.Knowledge.load()
    started = time.perf_counter()
    for layout in layouts:
        map_file(layout, knowledge)
    return (time.perf_counter() - started) / len(layouts) * 1000


def time_of_a_large_one(layouts: list[Layout]) -> float:
    """Time to map 40 columns × 1,000 sampled rows [ms], of headers never seen before: the best
    of 3.
    """
    pool = [
        (name, layout.sample[name].tolist())
        for layout in layouts
        for name in layout.names
        if not name.startswith("Column ")
    ]
    times = []
    for attempt in range(3):
        chosen = pool[attempt * 40 : attempt * 40 + 40]
        data = {
            f"{name} {attempt}{place}": [
                f"{cells[row % len(cells)]}{row if row % 7 else ''}" for row in range(1000)
            ]
            for place, (name, cells) in enumerate(chosen)
        }
        sample = pd.DataFrame(data, dtype=str)
        started = time.perf_counter()
        automap.propose(list(data), sample)
        times.append(time.perf_counter() - started)
    return min(times) * 1000


def main(argv: list[str]) -> list[Figure]:
    """Measure the mapper and two baselines on layouts."""
    parser = argparse.ArgumentParser(prog="onep bench automap", description=__doc__)
    parser.add_argument("layouts", nargs="?", type=Path, help="layouts to measure on, as they are")
    parser.add_argument("--fit", action="store_true", help="fit the addon's weights")
    parser.add_argument("--errors", action="store_true", help="list the columns that are not right")
    options = parser.parse_args(argv)
    layouts = read_layouts(options.layouts or LAYOUTS)
    gathered = read_text(GATHERED)
    own = (
        validation.cross_validate(layouts, gathered, read_text(INVENTED))
        if options.layouts is None or options.fit
        else None
    )
    if options.fit:
        validation.fit(len(layouts) + len(gathered), own)
    knowledge = automap.Knowledge.load()

    fitted: dict[str, object] = {}

    def cross_validated(layout: Layout):
        supplier = layout.supplier
        if supplier not in fitted:
            book, weighed = own.folds[own.fold_of[supplier]]
            fitted[supplier] = automap.Knowledge(
                book, validation.settled(weighed, *own.others(supplier))
            )
        return map_file(layout, fitted[supplier])

    def with_fitted_bars(layout: Layout):
        book, weighed = own.folds[own.fold_of[layout.supplier]]
        weighed = dataclasses.replace(
            knowledge.model, weights=weighed.weights, traits=weighed.traits
        )
        return map_file(layout, automap.Knowledge(book, weighed))

    def as_shipped(layout: Layout):
        return map_file(layout, knowledge)

    labels = odoo_labels()
    mapper = cross_validated if own else as_shipped
    print(HEADING)
    scores = measure(layouts, mapper)
    for label in ("total", *sorted(set(scores) - {"total"})):
        kind = "leave-one-supplier-out" if own else "as shipped"
        print(scores[label].line(kind if label == "total" else f"  {label}"))
    if own:
        print(measure(gathered, cross_validated)["total"].line("gathered, in folds"))
        print(measure(layouts, with_fitted_bars)["total"].line("bars of all suppliers"))
        print(measure(layouts, as_shipped)["total"].line("fitted (not counted)"))
    for label, baseline in (
        ("rapidfuzz on headers", map_by_fuzzy_header),
        ("Odoo's own matching", lambda layout: map_as_odoo_does(layout, labels)),
    ):
        print(measure(layouts, baseline)["total"].line(label))
    total = scores["total"]
    lost = ", ".join(f"{name} {count}" for name, count in total.lost.most_common(8))
    print(f"not right, by the right answer: {lost}")
    if options.errors:
        _print_errors(layouts, mapper)
    share = Score.share
    return [
        Figure("automap.columns_right", share(total.right, total.columns), 0.95),
        Figure(
            "automap.wrong_confident", share(total.wrong_confident, total.columns), 0.01, "lower"
        ),
        Figure("automap.abstained", share(total.abstained, total.columns), None, "lower"),
        Figure("automap.files_usable", share(total.usable, total.files), 0.85),
        Figure("automap.files_usable_one_touch", share(total.one_touch, total.files)),
        Figure("automap.files_perfect", share(total.perfect, total.files)),
        Figure("automap.ms_per_file", time_per_file(layouts), 150, "lower"),
        Figure("automap.ms_40x1000", time_of_a_large_one(layouts), 150, "lower"),
    ]


def _print_errors(layouts: list[Layout], mapper) -> None:
    for layout in layouts:
        for name, answer, (target, asked) in zip(
            layout.names, layout.answers, mapper(layout), strict=True
        ):
            if asked or target not in answer:
                told = "asked" if asked else target or "left out"
                print(f"{layout.id}: {name!r} is {answer}, {told}", file=sys.stderr)
