"""What the column mapper learns from, and that it learns."""

import dataclasses

import numpy as np
import pytest

from launcher import pure

from .benchmarks import automap_bench, automap_fit, automap_validation

assign = pure.load("onep_sourcing.ingest.automap.assign")
features = pure.load("onep_sourcing.ingest.automap.features")
fields = pure.load("onep_sourcing.ingest.fields")
lexicon = pure.load("onep_sourcing.ingest.automap.lexicon")
LANGUAGES = {"de", "en", "es", "fr", "it", "nl", "pl", "pt"}


@pytest.fixture(scope="module")
def invented():
    return automap_bench.read_text(automap_bench.INVENTED)


def right(evidence, weighed):
    """Share of the columns that a model fills rightly."""
    choices = assign.choose(weighed.weigh(evidence.features, evidence.cells))
    return np.mean([
        evidence.answers[row, features.place(choice.field)] for row, choice in enumerate(choices)
    ])  # fmt: skip


@pytest.fixture(scope="module")
def gathered():
    return automap_bench.read_text(automap_bench.GATHERED)


def test_gathered_layouts_are_whole(gathered):
    assert {layout.language for layout in gathered} == LANGUAGES
    assert len({layout.id for layout in gathered}) == len(gathered)
    for layout in gathered:
        answers = {name for answer in layout.answers for name in answer}
        assert answers <= {None, *fields.FIELDS}, layout.id


def test_a_supplier_is_measured_without_its_gathered_files():
    layouts = automap_bench.read_layouts(automap_bench.LAYOUTS)[:2]
    other = dataclasses.replace(layouts[0], id=f"fr-{layouts[0].supplier}-other")
    stranger = dataclasses.replace(layouts[0], id="fr-stranger")
    folds = automap_validation._folds(layouts, [other, stranger])
    assert folds[other.supplier] == other.supplier
    assert folds["stranger"] not in {layout.supplier for layout in layouts}


def test_invented_layouts_are_whole(invented):
    assert {layout.language for layout in invented} == LANGUAGES
    assert len({layout.id for layout in invented}) == len(invented)
    for layout in invented:
        answers = {name for answer in layout.answers for name in answer}
        assert answers <= {None, *fields.FIELDS}, layout.id
        assert answers & {"supplier_sku", "ean"}, layout.id
        assert len(layout.sample) >= 3, layout.id


def test_no_layout_is_learned_of_that_it_is_measured_on(invented, gathered):
    measured = {tuple(item.names) for item in automap_bench.read_layouts(automap_bench.LAYOUTS)}
    assert not measured & {tuple(layout.names) for layout in [*invented, *gathered]}


def test_a_field_of_which_one_column_is_best_is_no_fault_of_the_others(invented):
    layout = next(item for item in invented if item.id == "en-basket-pim")
    evidence = automap_validation.evidence(layout, lexicon.load())
    place = features.place("supplier_sku")
    own, other = (layout.names.index(name) for name in ("supplier_sku", "sku"))
    assert evidence.free[own, place]
    assert evidence.answers[other, place]
    row = list(fields.FIELDS).index("supplier_sku")
    assert evidence.columns[row, own]
    assert not evidence.columns[row, other]


def test_the_fit_learns(invented):
    known = [automap_validation.evidence(layout, lexicon.load()) for layout in invented[:12]]
    learned = automap_fit.fitted(known)
    untaught = automap_fit.fitted(known, rounds=0)
    before = np.mean([right(item, untaught) for item in known])
    after = np.mean([right(item, learned) for item in known])
    assert after > 0.95 > before
