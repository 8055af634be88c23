"""A contract settled by tiers, told step by step: what was commanded is decided by the ledger's rules and kept in memory.

::

    story = Story().signed().reported("activity-cost intervention 2017 to 2017-12-31: 9 586 000").lent("9 586 000", "2016-09-01")
    story.determined("2019-03-31").agreed(1, "2019-04-30")
    assert state(story.facts(), "norrkoping", day("2019-06-01")).parties[0].due == ore("3 834 400")

Every record must decode from its own bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from ledger import events as e
from ledger import tiered, tiered_rules
from ledger.canonical import canonical
from ledger.commands import Context
from ledger.facts import OPENED, Facts, tiered_stream
from ledger.money import parse_kronor
from ledger.record import Recorded, decode
from ledger.tiered import TieredCommand
from ledger.tiered_terms import TieredTerms, read_tiered_terms
from projections.tiered import proposals as tiered_proposals

CONTRACTS = Path(__file__).parents[1] / "fixtures" / "contracts"
MANAGER, PAYER, INVESTOR = "performance_manager", "payer", "investor"


def terms_of(name: str = "norrkoping") -> TieredTerms:
    """The terms of a contract that comes with the product."""
    return read_tiered_terms((CONTRACTS / f"{name}.toml").read_bytes(), f"{name}.toml")


def changed(terms: TieredTerms, **changes: Any) -> TieredTerms:
    """The terms with other values at the top."""
    return TieredTerms.model_validate_json(canonical({**terms.model_dump(mode="json", exclude_none=True), **changes}))


def of_fund(terms: TieredTerms) -> TieredTerms:
    """The terms with a new fund in the investor's place, a role of its own."""
    text = canonical(terms.model_dump(mode="json", exclude_none=True)).decode().replace('"investor"', '"fund"')
    named = TieredTerms.model_validate_json(text)
    return changed(named, parties={**named.parties, "fund": "The new fund"})


NORRKOPING, THREE_YEARS = terms_of(), terms_of("norrkoping-three-years")


def day(text: str) -> date:
    """A date as rows write it."""
    return date.fromisoformat(text)


def ore(kronor: str) -> int:
    """Öre of an amount as rows write it, ``−184 000.00`` included."""
    negative = kronor.startswith(("-", "−"))
    return parse_kronor(kronor.lstrip("-−")) * (-1 if negative else 1)


def row(text: str) -> e.MetricRow:
    """``social-costs baseline year-1 to 2013-12-31, 61 persons: 42 712 400.00``; a value in per cent ends with ``%``."""
    match = re.fullmatch(r"(\S+) (\S+) (\S+) to (\S+?)(?:, (\d+) persons)?: (.+)", text)
    assert match is not None, text
    metric, group, part, until, persons, found = match.groups()
    amount = None if found.endswith("%") else ore(found)
    value = found.removesuffix("%").strip() if found.endswith("%") else None
    said = {"metric": metric, "group": group, "part": part, "until": day(until), "amount_ore": amount, "value": value}
    return e.MetricRow.model_validate({**said, "persons": None if persons is None else int(persons)})


@dataclass
class Story:
    """What is on record, and the day on which the next thing is recorded."""

    terms: TieredTerms = NORRKOPING
    today: date = date(2022, 4, 20)
    records: list[Recorded[Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.records:
            self._keep(OPENED, e.LedgerOpened(simulated=True, seed="story"), self.today, MANAGER)

    # ── What is asked for ────────────────────────────────────────────────────────────────────────────────────────

    def told(self, command: TieredCommand, by: str = MANAGER) -> Story:
        """Decide a command and keep what it brings about. Raises Refused."""
        context = Context(e.Actor(name="Somebody", role=by), self.today, b"", frozenset())
        for one in tiered_rules.decide(command, self.state, context):
            self._keep(tiered_stream(self.terms.id), one.event, one.effective_on, by)
        return self

    def signed(self, on: str = "2016-02-15") -> Story:
        """The parties signed."""
        return self.told(tiered.SignTiered(self.terms, day(on)))

    def reported(self, *rows: str) -> Story:
        """These rows were reported, in one file."""
        return self.told(tiered.ReportMetrics(tuple(map(row, rows))))

    def determined(self, on: str, redo: str | None = None) -> Story:
        """Determined as of a day."""
        proposed = tiered_proposals.determination(self.facts(), self.terms.id, day(on), computed_by="a test", redo=redo)
        return self.told(proposed.command)

    def agreed(self, number: int, on: str, *roles: str) -> Story:
        """Parties agreed, both unless they are named."""
        for role in roles or self.terms.governance.agrees:
            self.told(tiered.AgreeTiers(number, role, day(on)))
        return self

    def paid(self, kind: Any, amount: str, on: str, payer: str = PAYER, payee: str = INVESTOR) -> Story:
        """Money moved."""
        return self.told(tiered.PayTiered(kind, payer, payee, ore(amount), day(on), f"BG {len(self.records)}"), by=PAYER)

    # ── What is on record ────────────────────────────────────────────────────────────────────────────────────────

    @property
    def own(self) -> list[Recorded[Any]]:
        """The contract's records."""
        return [one for one in self.records if one.stream == tiered_stream(self.terms.id)]

    @property
    def state(self) -> tiered.TieredState:
        """What the decider remembers."""
        return tiered.fold(self.own)

    def facts(self, position: int | None = None) -> Facts:
        """All that is on record, or what was at an earlier record."""
        last = self.records[-1 if position is None else position - 1]
        return Facts(_Source(tuple(self.records)), last.position, last.recorded_at)

    def _keep(self, stream: str, event: e.Event, about: date, by: str) -> None:
        noon = datetime.combine(self.today, datetime.min.time(), UTC) + timedelta(hours=10, minutes=len(self.records))
        position = len(self.records) + 1
        record: Recorded[Any] = Recorded(
            position=position,
            stream=stream,
            version=sum(one.stream == stream for one in self.records) + 1,
            type=event.TYPE,
            recorded_at=noon,
            effective_on=about,
            recorded_by=e.Actor(name="Somebody", role=by),
            submission=sha256(str(position).encode()).hexdigest(),
            data=event,
        )
        assert decode(record.type, record.body()) == record
        self.records.append(record)


@dataclass(frozen=True)
class _Source:
    """Records in memory."""

    records: tuple[Recorded[Any], ...]

    def stream(self, name: str) -> Sequence[Recorded[Any]]:
        return [one for one in self.records if one.stream == name]

    def stored_lines(self, stream: str) -> dict[int, bytes]:
        return {}

    def contracts(self) -> Sequence[str]:
        return self.named("contract")

    def named(self, kind: str) -> Sequence[str]:
        names = (one.stream.partition("/") for one in self.records)
        return sorted({name for found, _, name in names if found == kind and name})

    def root(self, position: int) -> bytes:
        return sha256(b"".join(one.body() for one in self.records[:position])).digest()

    def recorded_at(self, position: int) -> datetime:
        return self.records[position - 1].recorded_at
