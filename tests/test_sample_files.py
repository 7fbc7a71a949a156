"""The project's own supplier files are read as their maker says, by the pure engine alone."""

import json
from collections import Counter
from pathlib import Path

import pytest

from launcher import pure

DATA = Path(__file__).resolve().parent.parent / "data"
EXPECTED = json.loads((DATA / "expected.json").read_text(encoding="utf-8"))["files"]
RULES = {
    "missing_price": {"price-missing"},
    "on_request": {"price-missing", "price-not-a-number"},
    "zero_price": {"price-zero"},
    "duplicate": {"duplicate-identifier"},
    "section": {"row-section"},
    "subtotal": {"row-total"},
}


def read(name):
    detect = pure.load("onep_sourcing.ingest.detect")
    readers = pure.load("onep_sourcing.ingest.readers")
    automap = pure.load("onep_sourcing.ingest.automap")
    mapping = pure.load("onep_sourcing.ingest.mapping")
    pipeline = pure.load("onep_sourcing.ingest.pipeline")
    path = DATA / name
    shape = detect.sniff(path)
    proposal = automap.propose(shape.columns, readers.sample(path, shape).frame)
    assert proposal.held is None, proposal.held.message
    return list(pipeline.run(path, shape, mapping.Mapping.from_proposal(proposal), 500))


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_file_is_mapped_by_itself_and_no_row_is_lost(name):
    expected = EXPECTED[name]
    batches = read(name)
    assert sum(batch.row_count for batch in batches) == expected["lines"]
    assert sum(batch.accepted_count for batch in batches) == expected["accepted"]
    refused = sum(len(batch.quarantined) for batch in batches)
    assert expected["accepted"] + refused == expected["lines"]


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_refused_rows_have_their_reason(name):
    expected = EXPECTED[name]["refused"]
    found = Counter()
    for batch in read(name):
        found.update(batch.quarantined["rule"])
    rules = set().union(*(RULES[kind] for kind in expected))
    assert set(found) <= rules
    assert sum(found.values()) == sum(expected.values())
    for kind in ("duplicate", "zero_price", "section", "subtotal"):
        if kind in expected:
            assert sum(found[rule] for rule in RULES[kind]) == expected[kind]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("empty.csv", "empty-file"),
        ("binary.csv", "binary-file"),
        ("header_only.csv", "no-rows"),
    ],
)
def test_unreadable_files_are_refused_by_name(name, rule):
    detect = pure.load("onep_sourcing.ingest.detect")
    with pytest.raises(detect.UnreadableFile) as caught:
        detect.sniff(DATA / "bad" / name)
    assert caught.value.rule == rule
    assert caught.value.message


def test_a_file_without_header_is_held():
    """Its columns are named by what they hold, so a person must look."""
    preview = pure.load("onep_sourcing.ingest.preview").preview(DATA / "bad" / "no_header.csv")
    assert preview["held_rule"] == "columns-guessed"
    assert preview["offers"][0]["purchase_price"] == "5.50"
