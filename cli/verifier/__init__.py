"""The parts of ``verify.py``: a second opinion that shares no code with the ledger, written for the standard library alone."""
