"""Measures of the suite: ratios only, both sides of each in one run."""
