"""Which source computed a determination: the product's version, and the SHA-256 of what measures savings."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path


@cache
def computed_by() -> str:
    """For example ``soc-ledger 0.1.0, source 3f2a…``: version, and a fingerprint of the files that compute savings."""
    import projections

    folder = Path(projections.__file__).parent
    names = ["absences.py", "columns.py", "evidence.py", "measured.py", "numbering.py", "savings.py", "trend.py", "workforce.py"]
    files = [folder / name for name in names] + sorted((folder / "rules").glob("*.py"))
    digest = hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
    return f"soc-ledger {version('soc-ledger')}, source {digest[:16]}"
