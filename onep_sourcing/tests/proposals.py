"""The mapper asked about a file of a few cells."""

import pandas as pd

from ..ingest import automap
from ..ingest.automap.assign import choose
from ..ingest.automap.features import place
from ..ingest.automap.propose import Knowledge, examine

EANS = ["4006381333931", "5901234123457", "3760456000012", "9780306406157"]


def propose(columns, memory=None):
    """Propose for header → cells."""
    frame = pd.DataFrame(columns, dtype=str)
    return automap.propose(list(columns), frame, memory)


def fields(proposal):
    """Return column → field."""
    return {item.column: item.field for item in proposal}


def odds(columns, column, field):
    """Return the odds of a field for a column, against everything else it may be."""
    knowledge = Knowledge.load()
    frame = pd.DataFrame(columns, dtype=str)
    found, _texts = examine(list(columns), frame, knowledge.lexicon)
    choices = choose(knowledge.model.utilities(found))
    probability = choices[list(columns).index(column)].options[place(field)]
    return probability / (1 - probability)
