"""Names that differ only in what the eye passes over: capitals, spaces, dashes, accents, letters of another alphabet."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator

_LATIN = str.maketrans("авекмнорстухіјѕԁԛԝαεηικνορτυχ0", "abekmhopctyxijsdqwaenikvoptyxo")
"""Cyrillic and Greek letters, and the digit 0 → Latin letters that look like them, or whose capitals do."""


def found(names: Collection[str], known: Collection[str]) -> Iterator[str]:
    """For each name that only looks like a known one, in order: ``'Alby förskola' is not 'Alby Förskola'``."""
    looks = {looked_at(name): name for name in sorted(known, reverse=True)}
    for name in sorted(names):
        other = looks.get(looked_at(name))
        if other is not None:
            yield f"'{name}' is not '{other}'"


def looked_at(name: str) -> str:
    """A name as the eye sees it."""
    plain = unicodedata.normalize("NFKD", name).casefold().translate(_LATIN)
    return "".join(char for char in plain if char.isalnum())
