"""What must hold, and what is raised where it does not."""

from __future__ import annotations


class Broken(AssertionError):
    """Something that must hold does not."""


def hold(holds: bool, otherwise: str) -> None:
    """Raise Broken unless it holds."""
    if not holds:
        raise Broken(otherwise)
