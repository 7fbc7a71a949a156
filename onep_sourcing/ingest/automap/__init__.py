"""Which column of a supplier's file is which field, and how sure that is."""

from .propose import ColumnProposal, Knowledge, Proposal, propose

__all__ = ["ColumnProposal", "Knowledge", "Proposal", "propose"]
