"""Names of columns that a file gives none, as the reader says them; what is stored stays."""

import re
import textwrap

from ..ingest.headless import FIELD_OF_NAME

#: A column without a header, as `ingest.shape.unique_names` calls it.
_NUMBERED = re.compile(r"Column (\d+)(?: \((\d+)\))?")
#: Values of messages that are names of columns.
_PARAMS = ("column", "other", "before", "after")
#: Letters of a column's name inside of a sentence.
_LONG = 80


def get_column_labels(env, columns, shape=None):
    """What columns are called on screen, of those that are called otherwise than in the file.

    :param shape: of the file (JSON): of one without a header, columns are named by what they hold
    :return: {name: label}
    """
    labels = {}
    if (shape or {}).get("guessed"):
        field = env["onep.feed.mapping"]._fields["field"]
        said = dict(field._description_selection(env))
        labels = {name: said[target] for name, target in FIELD_OF_NAME.items() if name in columns}
    for name in columns:
        if found := _NUMBERED.fullmatch(name or ""):
            labels[name] = env._("Column %(place)s", place=found[1])
    return {name: label for name, label in labels.items() if label != name}


def label_params(params, labels=None):
    """Values of a message, the columns among them as they are called on screen, cut when long."""
    labels = labels or {}
    return params | {
        name: textwrap.shorten(labels.get(params[name], params[name]), _LONG, placeholder="…")
        for name in _PARAMS
        if isinstance(params.get(name), str)
    }


def name_columns(text, labels):
    """What a person typed of columns as they are called on screen, by the names they have."""
    for name, label in labels.items():
        text = text.replace(f"[{label}]", f"[{name}]")
    return text
