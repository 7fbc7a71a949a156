"""Sentences that count: one article is said otherwise than several."""


def counted(count, one, many):
    """Return the sentence for a count, both already in the reader's language.

    :param one: of a single one, many: of none or of several
    """
    return one if count == 1 else many
