"""Weights of the column mapper, fitted on layouts whose answers are known.

The mapper gives each field to one column at most. The weights make likeliest, for each column, the
right one of the fields that are not another's, and for each field the right one of the columns
that are not another's: the pseudo-likelihood of such an assignment.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import minimize

from launcher import pure

features = pure.load("onep_sourcing.ingest.automap.features")
model = pure.load("onep_sourcing.ingest.automap.model")
traits = pure.load("onep_sourcing.ingest.automap.traits")
target_fields = pure.load("onep_sourcing.ingest.fields")

#: What it costs to leave the prior: the weights of features, those of what cells are like.
RIDGE, TRAITS_RIDGE = 0.2, 0.4
#: Weights from which the fit starts and which it leaves only where layouts say otherwise: of
#: evidence that few of them hold (numbered steps, codes of others, cells without a header).
PRIOR = {
    "step": 5.0,
    "from": 4.5,
    "stepped": -2.5,
    "theirs": 2.0,
    "held": 2.0,
    "holds": 2.0,
    "coded": -4.0,
    "coded-text": -1.0,
    "piece-twin": 2.0,
    "money-twin": -3.0,
    "over": -2.0,
    "suits": 3.5,
    "proven": 4.0,
    "disproven": -2.0,
    "lag": -3.5,
    "alone": 2.0,
    "rises": 4.5,
    "level": -3.5,
    "counts": -2.0,
    "currency-beside": 0.5,
    "record": -2.0,
    "named": 1.0,
    "named-twin": -1.0,
    "none-told": 2.0,
}
_START = np.array([PRIOR.get(name, 0.0) for name in features.NAMES])
_SHARED = np.array(
    [name in target_fields.REPEATABLE | target_fields.AUXILIARY for name in target_fields.FIELDS]
)
_EXCLUSIVE = np.flatnonzero(~_SHARED)
_NEVER = -1e9


@dataclass(frozen=True)
class Evidence:
    """What is known of the columns of a file, and what is right.

    features: columns × OPTIONS × NAMES; cells: traits, columns × traits.NAMES
    answers: boolean (columns × OPTIONS), every option that is right
    fields, free: boolean (columns × OPTIONS), right and possible, given the other columns
    columns, able: boolean (exclusive fields × columns and none), right and possible, given the
        other fields
    """

    features: np.ndarray
    cells: np.ndarray
    answers: np.ndarray
    fields: np.ndarray
    free: np.ndarray
    columns: np.ndarray
    able: np.ndarray


def gather(found: Sequence, answers: Sequence[Sequence[str | None]]) -> Evidence:
    """Return the evidence of a file.

    found: its columns, as `columns.look_up` gives them
    answers: acceptable fields of each, the first preferred, None for leaving it out
    """
    ignored = features.IGNORED
    right = np.zeros((len(found), len(features.OPTIONS)), dtype=bool)
    best = np.zeros_like(right)  # columns that must be filled by this field
    sole = np.full(len(found), -1)
    for row, answer in enumerate(answers):
        places = [features.place(name) for name in answer]
        right[row, places] = True
        if None in answer:
            right[row, [features.place(name) for name in target_fields.AUXILIARY]] = True
        else:
            best[row, places[0]] = True
            sole[row] = places[0] if len(places) == 1 else -1
    free = np.ones_like(right)
    for field in _EXCLUSIVE:
        if best[:, field].sum() == 1:
            free[:, field] = right[:, field]
    fields = right & free
    fields[~fields.any(axis=1)] = right[~fields.any(axis=1)]
    able = np.ones((len(_EXCLUSIVE), len(found) + 1), dtype=bool)
    columns = np.zeros_like(able)
    for place, field in enumerate(_EXCLUSIVE):
        able[place, :-1] = (sole == -1) | (sole == field)
        must = best[:, field]
        columns[place, :-1] = must if must.any() else right[:, field]
        columns[place, -1] = not must.any()
    assert right[:, : ignored + 1].any(axis=1).all()
    return Evidence(
        features.matrix(found),
        model.told_by_cells(found),
        right,
        fields,
        free | fields,
        columns,
        able | columns,
    )


def fitted(files: Sequence[Evidence], start: object = None, rounds: int = 200) -> object:
    """Return the model that makes the answers likeliest; start: a model that is near it."""
    count = len(features.NAMES)
    shape = (len(traits.NAMES), len(target_fields.FIELDS))
    prior = np.concatenate([_START, np.zeros(shape[0] * shape[1])])
    cost = _cost(files, prior, count, shape)
    first = prior if start is None else np.concatenate([start.weights, start.traits.ravel()])
    found = minimize(cost, first, jac=True, method="L-BFGS-B", options={"maxiter": rounds})
    return model.Model(found.x[:count], found.x[count:].reshape(shape))


def _cost(files: Sequence[Evidence], prior: np.ndarray, count: int, shape: tuple[int, int]):
    """Return the function of the weights that is made smallest, with its slope."""
    inputs = np.concatenate([file.features for file in files])
    shape_of_utilities = inputs.shape[:2]
    inputs = sparse.csr_array(inputs.reshape(-1, count))  # most evidence is of few options
    turned = inputs.T.tocsr()
    cells = np.concatenate([file.cells for file in files])
    fields = np.concatenate([file.fields for file in files])
    free = np.concatenate([file.free for file in files])
    starts = np.cumsum([0, *(len(file.features) for file in files)])[:-1]
    owners = np.repeat(np.arange(len(files)), [len(file.features) for file in files])
    columns = np.concatenate([file.columns[:, :-1].T for file in files])
    able = np.concatenate([file.able[:, :-1].T for file in files])
    no_column = np.array([file.columns[:, -1] for file in files])
    may_lack = np.array([file.able[:, -1] for file in files])
    ridges = np.concatenate([np.full(count, RIDGE), np.full(shape[0] * shape[1], TRAITS_RIDGE)])
    ignored = features.IGNORED

    def cost(weights: np.ndarray) -> tuple[float, np.ndarray]:
        utilities = (inputs @ weights[:count]).reshape(shape_of_utilities)
        utilities[:, :ignored] += cells @ weights[count:].reshape(shape)
        loss, slopes = _surprise(utilities, free, fields)
        against = utilities[:, _EXCLUSIVE] - utilities[:, [ignored]]
        among = np.where(able, against, _NEVER)
        top = np.maximum(np.maximum.reduceat(among, starts), np.where(may_lack, 0.0, _NEVER))
        raised = np.exp(among - top[owners])
        given = np.where(columns, raised, 0.0)
        none = np.where(may_lack, np.exp(-top), 0.0)
        total = np.add.reduceat(raised, starts) + none
        mass = np.add.reduceat(given, starts) + np.where(no_column, none, 0.0)
        mass = np.maximum(mass, 1e-300)
        more = float((np.log(total) - np.log(mass)).sum())
        back = raised / total[owners] - given / mass[owners]
        slopes[:, _EXCLUSIVE] += back
        slopes[:, ignored] -= back.sum(axis=1)
        moved = weights - prior
        slope = np.concatenate(
            [
                turned @ slopes.ravel(),
                (cells.T @ slopes[:, :ignored]).ravel(),
            ]
        )
        return loss + more + (ridges * moved**2).sum(), slope + 2 * ridges * moved

    return cost


def _surprise(
    utilities: np.ndarray, possible: np.ndarray, right: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return -log of the probability of what is right, along the last axis, and its slopes."""
    among = np.where(possible, utilities, _NEVER)
    top = among.max(axis=-1, keepdims=True)
    raised = np.exp(among - top)
    given = np.where(right, raised, 0.0)
    mass, total = given.sum(axis=-1, keepdims=True), raised.sum(axis=-1, keepdims=True)
    mass = np.maximum(mass, 1e-300)
    return float((np.log(total) - np.log(mass)).sum()), raised / total - given / mass
