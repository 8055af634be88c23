"""Which source computed a determination: the product's version, and the SHA-256 of what measures, or values and divides."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

_MEASURING = (
    *("absences.py", "columns.py", "evidence.py", "measured.py", "numbering.py", "savings.py", "trend.py", "workforce.py"),
    *("rules/*.py",),
)


@cache
def computed_by() -> str:
    """For example ``soc-ledger 0.1.0, source 3f2a…``: version, and a fingerprint of the files that compute savings."""
    import projections

    folder = Path(projections.__file__).parent
    return _told(file for name in _MEASURING for file in sorted(folder.glob(name)))


@cache
def divided_by() -> str:
    """The same of a contract settled by tiers: of the files that value and divide."""
    from ledger import tiers
    from projections.tiered import valuation

    return _told(Path(module.__file__) for module in (tiers, valuation) if module.__file__)


def _told(files: Iterable[Path]) -> str:
    digest = hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
    return f"soc-ledger {version('soc-ledger')}, source {digest[:16]}"
