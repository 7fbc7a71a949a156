"""Cross-validation of the column mapper, its calibration and thresholds; the fit of its weights."""

import dataclasses
import datetime
import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import minimize

from launcher import pure

from . import automap_fit
from .automap_layouts import Layout

lexicon = pure.load("onep_sourcing.ingest.automap.lexicon")
model = pure.load("onep_sourcing.ingest.automap.model")
assign = pure.load("onep_sourcing.ingest.automap.assign")
propose = pure.load("onep_sourcing.ingest.automap.propose")
target_fields = pure.load("onep_sourcing.ingest.fields")

#: Rounds from the model of the invented layouts to that of all but one supplier; none starts from
#: what knows the supplier.
FOLD_ROUNDS = 40
GATHERED_FOLDS, INVENTED_FOLDS = 8, 4
#: Share of columns that may be mapped wrongly without asking: below the 1 % that are aimed at,
#: since files that nobody had looked at were wrong more often than cross-validation said.
WRONG = 0.008
#: What a right answer is worth: of a field that an import needs, of another one.
WORTH = {"needed": 3.0, "other": 1.0}
#: No kind asks above this: a few columns of the layouts would decide, and people be asked in vain.
HIGHEST_BAR = 0.92
RESAMPLES = 40
#: (field, probability, right) of a column that was given a field.
Choice = tuple[str, float, bool]


def evidence(layout: Layout, book) -> automap_fit.Evidence:
    """Return what is known of the columns of a layout by a lexicon, and what is right."""
    columns, _texts = propose.examine(layout.names, layout.sample, book)
    return automap_fit.gather(columns, layout.answers)


def without(suppliers: Collection[str], layouts: list[Layout]):
    """Return the lexicon without the synonyms that only these suppliers' headers are word for
    word, and that were written by someone who had read them.
    """
    book = lexicon.load()
    theirs: dict[tuple[str, ...], bool] = {}
    for layout in layouts:
        for name in layout.names:
            words = lexicon.words(name)
            theirs[words] = theirs.get(words, True) and layout.supplier in suppliers
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
    folds: by name, the lexicon and the model without the suppliers of the fold
    fold_of: supplier → fold that is without it
    choices: (field, probability, right) of each column that was given a field, by supplier
    columns: how many columns each has
    invented: choices of the invented layouts and their columns, from folds of their own
    """

    whole: object
    folds: dict[str, tuple]
    fold_of: dict[str, str]
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
    choices = propose.beside_look_alikes(columns, choices)
    return [
        (choice.field, choice.probability, _target(choice.field) in answer)
        for column, choice, answer in zip(columns, choices, layout.answers, strict=True)
        if choice.field and choice.rival is None and not propose.is_doubted(column, choice.field)
    ]


def cross_validate(
    layouts: list[Layout], gathered: list[Layout], taught: list[Layout]
) -> Validation:
    """Fit once for each supplier, without its files.

    layouts: measured on, a fold for each supplier; gathered: of other suppliers, which share a few
    folds; taught: invented ones, always learned of

    Those are learned of in folds as well, to hear how sure choices are on files never seen.
    """
    book, plain = lexicon.load(), of_trade()
    real = [*layouts, *gathered]
    fold_of = _folds(layouts, gathered)
    members: dict[str, set[str]] = defaultdict(set)
    for supplier, fold in fold_of.items():
        members[fold].add(supplier)
    books = {fold: without(suppliers, real) for fold, suppliers in members.items()}
    given = {
        layout.id: (evidence(layout, book), evidence(layout, books[fold_of[layout.supplier]]))
        for layout in real
    }
    invented = [(evidence(layout, book), evidence(layout, plain)) for layout in taught]
    bare = [evidence(layout, book) for layout in _headers_alone(taught)]
    always = [*(item for both in invented for item in both), *bare]
    start = automap_fit.fitted(always)
    whole = automap_fit.fitted([*(item for both in given.values() for item in both), *always])
    folds, choices, columns = {}, {}, {}
    for fold, suppliers in members.items():
        known = [
            item for layout in real if layout.supplier not in suppliers for item in given[layout.id]
        ]
        weighed = automap_fit.fitted([*known, *always], start=start, rounds=FOLD_ROUNDS)
        folds[fold] = (books[fold], weighed)
        for supplier in suppliers:
            own = [layout for layout in real if layout.supplier == supplier]
            choices[supplier] = [
                choice for layout in own for choice in judge(layout, books[fold], weighed)
            ]
            columns[supplier] = sum(len(layout.names) for layout in own)
    unseen = _of_invented(taught, invented, given)
    return Validation(whole, folds, fold_of, choices, columns, unseen)


def _folds(layouts: list[Layout], gathered: list[Layout]) -> dict[str, str]:
    """Return supplier → name of the fold that is without it."""
    found = {layout.supplier: layout.supplier for layout in layouts}
    others = list(dict.fromkeys(item.supplier for item in gathered if item.supplier not in found))
    return found | {
        supplier: f"gathered {place % GATHERED_FOLDS}" for place, supplier in enumerate(others)
    }


def _of_invented(
    taught: list[Layout], invented: list[tuple], given: dict[str, tuple]
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
    while one without another field is. Single columns would move the answer by several points, so
    it is the mean of those of RESAMPLES samples of the choices.
    """
    said = weighed.calibrated(np.array([chosen for _field, chosen, _right in choices]))
    said = np.round(said, 2)  # as it is compared
    right = np.array([is_right for _field, _chosen, is_right in choices])
    kinds = np.array([model.kind(name) for name, _chosen, _right in choices])
    random = np.random.default_rng(0)
    samples = [random.integers(0, len(choices), len(choices)) for _sample in range(RESAMPLES)]
    found = [_thresholds(said[sample], right[sample], kinds[sample], columns) for sample in samples]
    return {name: round(float(np.mean([bars[name] for bars in found])), 2) for name in WORTH}


def _thresholds(
    said: np.ndarray, right: np.ndarray, kinds: np.ndarray, columns: int
) -> dict[str, float]:
    grid = np.round(np.arange(0.5, HIGHEST_BAR + 0.005, 0.01), 2)
    above = {name: said[kinds == name, None] >= grid for name in WORTH}
    hits = {name: (above[name] & right[kinds == name, None]).sum(axis=0) for name in WORTH}
    misses = {name: (above[name] & ~right[kinds == name, None]).sum(axis=0) for name in WORTH}
    places: dict[str, int] = {}
    for cost in np.arange(1.0, 200.0, 0.25):
        places = {
            name: int(np.argmax(worth * hits[name] - cost * misses[name]))
            for name, worth in WORTH.items()
        }
        if sum(misses[name][place] for name, place in places.items()) <= WRONG * columns:
            break
    return {name: float(grid[place]) for name, place in places.items()}


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


def fit(count: int, validation: Validation) -> None:
    """Fit the addon's weights on all layouts, its calibration on the cross-validated choices.

    count: how many layouts of suppliers there are
    """
    choices, columns = validation.others()
    weighed = settled(validation.whole, choices, columns)
    points = curve(choices, weighed)
    values = {
        "fitted_on": datetime.date.today().isoformat(),  # noqa: DTZ011 a date for people
        "layouts": count,
        **weighed.to_json(),
        "curve": points,
    }
    model.PATH.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    model.load.cache_clear()
    print(f"Weights fitted on {count} layouts; how sure choices are said to be, and are:")
    for point in points:
        print(f"  said {point['said']:.1%}  right {point['right']:.1%}  {point['columns']} columns")
