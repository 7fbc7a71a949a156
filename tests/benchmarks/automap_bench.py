"""The column mapper on layouts whose answers are known.

`./onep bench automap` cross-validates on the layouts of the project: each supplier's files are
mapped by what is known without them. The weights are fitted anew, and a synonym is left out that
is word for word a header of that supplier and of no other one, when its author had read these
layouts: it may have been written because of it. Thresholds and calibration of each supplier's
files are those of the others' too. Weights are learned of each layout twice, the second time
without the synonyms that may have been written because of it: a file never seen before has
headers that no synonym is word for word.

`./onep bench automap FILE` measures what the addon holds, on other files. `--fit` fits the weights
and the calibration on the layouts and writes them to the addon.
"""

import argparse
import dataclasses
import datetime
import json
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process
from scipy.optimize import minimize

from launcher import pure

from . import automap_fit
from .automap_layouts import INVENTED, LAYOUTS, Layout, read_invented, read_layouts
from .figures import Figure

automap = pure.load("onep_sourcing.ingest.automap")
features = pure.load("onep_sourcing.ingest.automap.features")
lexicon = pure.load("onep_sourcing.ingest.automap.lexicon")
model = pure.load("onep_sourcing.ingest.automap.model")
assign = pure.load("onep_sourcing.ingest.automap.assign")
propose = pure.load("onep_sourcing.ingest.automap.propose")
target_fields = pure.load("onep_sourcing.ingest.fields")

NEEDS_DATABASE = False
#: Rounds from the model of the invented layouts to that of all but one supplier; none starts from
#: what knows the supplier.
FOLD_ROUNDS = 40
INVENTED_FOLDS = 4
#: Share of columns that may be mapped wrongly without asking.
WRONG = 0.01
#: What a right answer is worth: of a field that an import needs, of another one.
WORTH = {"needed": 3.0, "other": 1.0}
#: No kind asks above this: a few columns of the layouts would decide, and people be asked in vain.
HIGHEST_BAR = 0.92
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


#: (field, probability, right) of a column that was given a field.
Choice = tuple[str, float, bool]


# -- fitting --------------------------------------------------------------------------------


def evidence(layout: Layout, book) -> automap_fit.Evidence:
    """Return what is known of the columns of a layout by a lexicon, and what is right."""
    columns, _texts = propose.examine(layout.names, layout.sample, book)
    return automap_fit.gather(columns, layout.answers)


def without(supplier: str, layouts: list[Layout]):
    """Return the lexicon without the synonyms that only this supplier's headers are word for
    word, and that were written by someone who had read them.
    """
    book = lexicon.load()
    theirs: dict[tuple[str, ...], bool] = {}
    for layout in layouts:
        for name in layout.names:
            words = lexicon.words(name)
            theirs[words] = theirs.get(words, True) and layout.supplier == supplier
    kept = [term for term in book.terms if term.origin == "trade" or not theirs.get(term.tokens)]
    return book if len(kept) == len(book.terms) else lexicon.Lexicon(kept, book.abbreviations)


def _headers_alone(layouts: list[Layout]) -> list[Layout]:
    """Return every third layout without its rows: headers must do where no cell helps."""
    return [
        dataclasses.replace(layout, id=f"{layout.id}-empty", sample=layout.sample.iloc[:0])
        for layout in layouts[::3]
    ]


def calibrate(choices: list[tuple[str, float, bool]]) -> tuple[float, float]:
    """Return slope and shift of the log-odds that a choice of some probability is right."""
    probability = np.clip([chosen for _field, chosen, _right in choices], 1e-6, 1 - 1e-6)
    sign = np.where([right for _field, _chosen, right in choices], 1.0, -1.0)
    odds = np.log(probability / (1 - probability))

    def cost(line: np.ndarray) -> float:
        return np.mean(np.log1p(np.exp(-sign * (line[0] * odds + line[1]))))

    slope, shift = minimize(cost, [1.0, 0.0]).x
    return float(slope), float(shift)


@dataclass(frozen=True)
class Validation:
    """Cross-validation: the model of each supplier's absence, and its choices.

    whole: the model of all layouts
    choices: (field, probability, right) of each column that was given a field, by supplier
    columns: how many columns each has
    invented: choices of the invented layouts and their columns, from folds of their own
    """

    whole: object
    folds: dict[str, object]
    choices: dict[str, list[Choice]]
    columns: dict[str, int]
    invented: tuple[list[Choice], int]

    def others(self, supplier: str | None = None) -> tuple[list[Choice], int]:
        """Return the choices and the number of columns of all but one supplier."""
        choices, columns = self.invented
        found = list(choices)
        for name, own in self.choices.items():
            if name != supplier:
                found += own
                columns += self.columns[name]
        return found, columns


def _target(field: str) -> str | None:
    """Return the field as a property of the offer: None for what only changes another value."""
    return None if field in target_fields.AUXILIARY else field


def judge(layout: Layout, book, weighed) -> list[tuple[str, float, bool]]:
    """Return (field, probability, right) of each column a model gives a field, but for those that
    are asked whatever the probability.
    """
    columns, _texts = propose.examine(layout.names, layout.sample, book)
    choices = assign.choose(weighed.utilities(columns))
    choices = propose.name_by_description(columns, choices, {})
    return [
        (choice.field, choice.probability, _target(choice.field) in answer)
        for column, choice, answer in zip(columns, choices, layout.answers, strict=True)
        if choice.field and choice.rival is None and not propose.is_doubted(column, choice.field)
    ]


def cross_validate(layouts: list[Layout], taught: list[Layout]) -> Validation:
    """Fit once for each supplier, without its files; taught: layouts that are always learned of.

    Those are learned of in folds as well, to hear how sure choices are on files never seen.
    """
    book, plain = lexicon.load(), of_trade()
    suppliers = list(dict.fromkeys(layout.supplier for layout in layouts))
    books = {supplier: without(supplier, layouts) for supplier in suppliers}
    given = {
        layout.id: (evidence(layout, book), evidence(layout, books[layout.supplier]))
        for layout in layouts
    }
    invented = [(evidence(layout, book), evidence(layout, plain)) for layout in taught]
    bare = [evidence(layout, book) for layout in _headers_alone(taught)]
    always = [*(item for both in invented for item in both), *bare]
    start = automap_fit.fitted(always)
    whole = automap_fit.fitted([*(item for both in given.values() for item in both), *always])
    folds, choices, columns = {}, {}, {}
    for supplier in suppliers:
        known = [
            item
            for layout in layouts
            if layout.supplier != supplier
            for item in given[layout.id]
        ]
        weighed = automap_fit.fitted([*known, *always], start=start, rounds=FOLD_ROUNDS)
        folds[supplier] = (books[supplier], weighed)
        own = [layout for layout in layouts if layout.supplier == supplier]
        choices[supplier] = [
            choice for layout in own for choice in judge(layout, books[supplier], weighed)
        ]
        columns[supplier] = sum(len(layout.names) for layout in own)
    return Validation(whole, folds, choices, columns, _of_invented(taught, invented, given, start))


def _of_invented(
    taught: list[Layout], invented: list[tuple], given: dict[str, tuple], start: object
) -> tuple[list[Choice], int]:
    """Return the choices of invented layouts by models without them, and their columns.

    They are read by the synonyms of who had not read the layouts.
    """
    plain, found = of_trade(), []
    known = [item for both in given.values() for item in both]
    for fold in range(INVENTED_FOLDS):
        kept = [both for place, both in enumerate(invented) if place % INVENTED_FOLDS != fold]
        learned = [*known, *(item for both in kept for item in both)]
        weighed = automap_fit.fitted(learned, start=None, rounds=2 * FOLD_ROUNDS)
        for layout in taught[fold::INVENTED_FOLDS]:
            found += judge(layout, plain, weighed)
    return found, sum(len(layout.names) for layout in taught)


def of_trade():
    """Return the lexicon without the synonyms of who had read the layouts."""
    book = lexicon.load()
    kept = [term for term in book.terms if term.origin == "trade"]
    return lexicon.Lexicon(kept, book.abbreviations)


def thresholds(choices: list[Choice], columns: int, weighed) -> dict[str, float]:
    """Return for fields that an import needs, and for the others, from where they are mapped
    without asking.

    The most right answers, with wrong ones of at most WRONG of the columns: what a wrong one
    costs is raised until that holds. A needed field counts more: a file without it is of no use,
    while one without another field is.
    """
    grid = np.round(np.arange(0.5, HIGHEST_BAR + 0.005, 0.01), 2)
    said = weighed.calibrated(np.array([chosen for _field, chosen, _right in choices]))
    said = np.round(said, 2)  # as it is compared
    right = np.array([is_right for _field, _chosen, is_right in choices])
    kinds = np.array([model.kind(name) for name, _chosen, _right in choices])
    bars: dict[str, float] = {}
    for cost in np.arange(1.0, 200.0, 0.25):
        wrong = 0
        for name, worth in WORTH.items():
            own, own_right = said[kinds == name], right[kinds == name]
            gain = [
                worth * ((own >= bar) & own_right).sum() - cost * ((own >= bar) & ~own_right).sum()
                for bar in grid
            ]
            bars[name] = float(grid[int(np.argmax(gain))])
            wrong += ((own >= bars[name]) & ~own_right).sum()
        if wrong <= WRONG * columns:
            break
    return bars


def settled(weighed, choices: list[Choice], columns: int):
    """Return a model with calibration and thresholds from such choices."""
    slope, shift = calibrate(choices)
    weighed = dataclasses.replace(weighed, slope=slope, shift=shift)
    return dataclasses.replace(weighed, bars=thresholds(choices, columns, weighed))


def curve(choices: list[tuple[str, float, bool]], weighed) -> list[dict[str, float]]:
    """Return how often choices were right, by how sure they were said to be."""
    said = weighed.calibrated(np.array([chosen for _field, chosen, _right in choices]))
    right = np.array([is_right for _field, _chosen, is_right in choices])
    edges = [0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0]
    points = []
    for low, high in pairwise(edges):
        inside = (said >= low) & (said < high if high < 1 else said <= high)
        if inside.any():
            points.append(
                {
                    "from": low,
                    "said": round(float(said[inside].mean()), 3),
                    "right": round(float(right[inside].mean()), 3),
                    "columns": int(inside.sum()),
                }
            )
    return points


def fit(layouts: list[Layout], validation: Validation) -> None:
    """Fit the addon's weights on all layouts, its calibration on the cross-validated choices."""
    choices, columns = validation.others()
    weighed = settled(validation.whole, choices, columns)
    points = curve(choices, weighed)
    values = {
        "fitted_on": datetime.date.today().isoformat(),  # noqa: DTZ011 a date for people
        "layouts": len(layouts),
        **weighed.to_json(),
        "curve": points,
    }
    model.PATH.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    model.load.cache_clear()
    print(f"Weights fitted on {len(layouts)} layouts; how sure choices are said to be, and are:")
    for point in points:
        print(f"  said {point['said']:.1%}  right {point['right']:.1%}  {point['columns']} columns")


# -- measuring ------------------------------------------------------------------------------


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
    taught = read_invented(INVENTED)
    own = cross_validate(layouts, taught) if options.layouts is None or options.fit else None
    if options.fit:
        fit(layouts, own)
    knowledge = automap.Knowledge.load()

    fitted: dict[str, object] = {}

    def cross_validated(layout: Layout):
        supplier = layout.supplier
        if supplier not in fitted:
            book, weighed = own.folds[supplier]
            fitted[supplier] = automap.Knowledge(book, settled(weighed, *own.others(supplier)))
        return map_file(layout, fitted[supplier])

    def with_fitted_bars(layout: Layout):
        book, weighed = own.folds[layout.supplier]
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
