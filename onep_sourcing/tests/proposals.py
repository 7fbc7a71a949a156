"""The mapper asked about a file of a few cells."""

import pandas as pd

from ..ingest import automap

EANS = ["4006381333931", "5901234123457", "3760456000012", "9780306406157"]


def propose(columns, memory=None):
    """Propose for header → cells."""
    frame = pd.DataFrame(columns, dtype=str)
    return automap.propose(list(columns), frame, memory)


def fields(proposal):
    """Return column → field."""
    return {item.column: item.field for item in proposal}
