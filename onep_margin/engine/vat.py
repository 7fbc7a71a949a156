"""Taxed ↔ untaxed amounts."""

import numpy as np


def untaxed(taxed: np.ndarray, vat_rate: np.ndarray) -> np.ndarray:
    """Return amounts without the VAT they include; ``vat_rate`` is a share [0-1]."""
    return taxed / (1.0 + vat_rate)


def taxed(untaxed_amounts: np.ndarray, vat_rate: np.ndarray) -> np.ndarray:
    """Return amounts with VAT added; ``vat_rate`` is a share [0-1]."""
    return untaxed_amounts * (1.0 + vat_rate)
