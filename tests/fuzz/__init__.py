"""Files nobody would send, made by chance, read until something breaks.

Run by hand: ``python -m tests.fuzz --minutes 5``. Every file must end in rows that are accepted or
quarantined, or in a refusal with a clear message; what does not is written to a folder, ready for
a test.
"""
