"""Which column of a supplier's file is which field, and how sure that is."""

from .memory import Memory
from .proposal import ColumnProposal, Proposal
from .propose import Knowledge, propose

__all__ = ["ColumnProposal", "Knowledge", "Memory", "Proposal", "propose"]
