"""Which column of a supplier's file is which field, and how sure that is."""

from .propose import ColumnProposal, Proposal, propose

__all__ = ["ColumnProposal", "Proposal", "propose"]
