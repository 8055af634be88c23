"""Where each value of an INDIGO record comes from: a clause of the terms, or a record of the ledger."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ledger.facts import Facts, contract_stream
from ledger.periods import day_in_stockholm
from ledger.record import Recorded
from ledger.terms import ContractTerms
from projections.explanation.entries import said

Json = dict[str, Any]


def value(of: Any) -> Json:
    """A value as the standard holds it."""
    return {"value": of}


def kronor(ore: int) -> Decimal:
    """Öre in kronor, exact: the standard wants numbers."""
    return Decimal(ore).scaleb(-2)


def money(ore: int) -> Json:
    """An amount with its currency."""
    return {"currency": value("SEK"), "amount": value(kronor(ore))}


class Sources:
    """The sources that a record names, each listed once. ``terms``: those in force."""

    def __init__(self, facts: Facts, terms: ContractTerms) -> None:
        self.terms = terms
        self._facts = facts
        self._records = {one.position: one for one in facts.stream(contract_stream(terms.id))}
        self._named: dict[str, Json] = {}
        self._assumed: set[str] = set()

    @property
    def records(self) -> list[Recorded[Any]]:
        """The contract's records in order."""
        return list(self._records.values())

    @property
    def assumed(self) -> list[str]:
        """The keys of the terms that were used and that no public source gives."""
        return sorted(self._assumed)

    def clauses(self, *keys: str) -> str:
        """The identifiers of the clauses that stand for keys of the terms."""
        return ",".join(map(self._clause, keys))

    def recorded(self, *positions: int) -> str:
        """The identifiers of records."""
        return ",".join(self._record(position) for position in dict.fromkeys(positions))

    def listed(self) -> list[Json]:
        """All that were named, in order of identifier."""
        return [self._named[name] for name in sorted(self._named)]

    def _clause(self, key: str) -> str:
        name, status = f"clause-{key}", self.terms.status(key)
        if status == "assumed":
            self._assumed.add(key)
        said_of = "" if status == "published" else f" It is {status}."
        self._named[name] = {
            "id": name,
            "name": value(self.terms.clauses.get(key, f"contract terms, {key}")),
            "type": value("Contract"),
            "notes": f"{key} of the terms.{said_of}",
        }
        return name

    def _record(self, position: int) -> str:
        record, name = self._records[position], f"record-{position}"
        documents = "".join(f" Rests on {one.document}{_hash(one.sha256)}." for one in record.evidence)
        by = record.recorded_by.role
        self._named[name] = {
            "id": name,
            "name": value(self.terms.parties.get(by, by)),
            "type": value("Contract" if record.type.partition("@")[0] in ("ContractSigned", "ContractAmended") else "Report"),
            "notes": f"Record {position} of the ledger, of {day_in_stockholm(record.recorded_at)}: {said(record)}.{documents}",
        }
        return name


def _hash(sha256: str | None) -> str:
    return "" if sha256 is None else f" (SHA-256 {sha256})"
