"""Which column of a supplier's file is which field, and how sure that is."""

from .memory import Memory
from .propose import ColumnProposal, Knowledge, Proposal, propose

__all__ = ["ColumnProposal", "Knowledge", "Memory", "Proposal", "propose"]
