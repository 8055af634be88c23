"""What an answer about a bond rests on: terms on record, or terms in a file; and the head that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from cli import output
from cli.sections import wrapped
from ledger.facts import Facts
from ledger.tiered_terms import TieredTerms

NO_VAT = {"excluded": "excluding VAT", "none": "no VAT"}


@dataclass(frozen=True)
class Ground:
    """The terms; ``facts`` and the day where they are on record, None where they came in a file."""

    terms: TieredTerms
    facts: Facts | None
    as_of: date | None

    def head(self, *, simulated: bool = False) -> str:
        """The lines above a text answer."""
        terms = self.terms
        if self.facts is None:
            rests = f"terms from a file, fingerprint {terms.sha256[:16]} · simulation: nothing of it is on record"
        else:
            rests = f"as of {self.as_of} · {output.basis_line(self.facts)}{' · simulation' if simulated else ''}"
        lines = [f"{terms.name} ({terms.id})", rests, f"{terms.currency}, {NO_VAT[terms.vat]}"]
        unknown = ("not published, parameters of these terms", terms.unpublished)
        for said, keys in (unknown, ("assumed", terms.assumed), ("derived", terms.derived)):
            lines += wrapped(f"{said}: {', '.join(keys)}") if keys else []
        return "\n".join(lines)

    def as_json(self, *, simulated: bool = False) -> dict[str, Any]:
        """The same for a program; absent values are null."""
        terms = self.terms
        rests: dict[str, Any] = {"known_at": None, "basis": None, "label": "simulation"}
        if self.facts is not None:
            rests = {**output.basis_json(self.facts), **({"label": "simulation"} if simulated else {})}
        return {
            "contract": terms.id,
            "as_of": None if self.as_of is None else str(self.as_of),
            **rests,
            "terms_sha256": terms.sha256,
            "currency": terms.currency,
            "vat": terms.vat,
            "unpublished": list(terms.unpublished),
            "assumed": list(terms.assumed),
            "derived": list(terms.derived),
        }
