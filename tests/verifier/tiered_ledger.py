"""Contracts settled by tiers, told to the product's rules in memory: random ones, and Norrköping's."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from ledger import merkle, tiered, tiered_rules
from ledger.canonical import canonical, fingerprint
from ledger.commands import Context, Decided
from ledger.errors import LedgerError
from ledger.events import Actor, LedgerOpened, MetricRow
from ledger.facts import OPENED, Facts, tiered_stream
from ledger.periods import day_in_stockholm
from ledger.record import Recorded
from ledger.tiered_terms import TieredTerms, read_tiered_terms
from projections.tiered.proposals import determination
from tests.tiered_spec import of_fund

STARTS, ENDS = date(2020, 1, 1), date(2022, 12, 31)
BEGINS = datetime(2023, 5, 1, 8, tzinfo=UTC)
ROLES = ("payer", "investor", "partner", "manager")
ID = "random"


@dataclass
class TieredLedger:
    """Records in memory, and a source of facts."""

    records: list[Recorded[Any]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    id: str = ID

    def append(self, stream: str, one: Decided, by: Actor) -> None:
        """One record more, a minute after the last."""
        position = len(self.records) + 1
        record: Recorded[Any] = Recorded(
            position=position,
            stream=stream,
            version=len(self.stream(stream)) + 1,
            type=one.event.TYPE,
            recorded_at=BEGINS + timedelta(minutes=position),
            effective_on=one.effective_on,
            recorded_by=by,
            evidence=(),
            submission=fingerprint([position]),
            data=one.event,
        )
        self.records.append(record)
        self.bodies.append(canonical(record.model_dump(mode="json", by_alias=True, exclude_none=True)))

    def tell(self, command: tiered.TieredCommand, role: str) -> bool:
        """Whether the rules took a command."""
        by, today = Actor(name="N. N.", role=role), day_in_stockholm(BEGINS + timedelta(minutes=len(self.records) + 1))
        try:
            decided = tiered_rules.decide(command, self.state, Context(by, today))
        except LedgerError:
            return False
        for one in decided:
            self.append(tiered_stream(self.id), one, by)
        return True

    @property
    def plain(self) -> list[dict[str, Any]]:
        """The bodies as another reader decodes them."""
        return [json.loads(body) for body in self.bodies]

    @property
    def state(self) -> tiered.TieredState:
        """What the contract's decider remembers."""
        return tiered.fold(self.stream(tiered_stream(self.id)))

    @property
    def facts(self) -> Facts:
        """All of it."""
        return Facts(self, len(self.records), self.records[-1].recorded_at)

    def stream(self, name: str) -> Sequence[Recorded[Any]]:
        return [record for record in self.records if record.stream == name]

    def stored_lines(self, stream: str) -> Mapping[int, bytes]:
        return {}

    def contracts(self) -> Sequence[str]:
        return []

    def named(self, kind: str) -> Sequence[str]:
        return [self.id] if kind == "tiered" and self.stream(tiered_stream(self.id)) else []

    def root(self, position: int) -> bytes:
        return merkle.root_of([merkle.leaf_hash(body) for body in self.bodies[:position]])

    def recorded_at(self, position: int) -> datetime:
        return self.records[position - 1].recorded_at


def opened(contract_id: str = ID) -> TieredLedger:
    """A ledger with nothing but its opening."""
    ledger = TieredLedger(id=contract_id)
    ledger.append(OPENED, Decided(BEGINS.date(), LedgerOpened(simulated=True, seed="s")), Actor(name="N. N.", role="manager"))
    return ledger


# ── Terms ────────────────────────────────────────────────────────────────────────────────────────────────────────────

METRICS = [
    {"id": "activity", "name": "Activity", "unit": "money", "better": "lower", "source": "made up"},
    {"id": "costs", "name": "Costs", "unit": "money", "better": "lower", "source": "made up"},
    {"id": "places", "name": "Places", "unit": "count", "better": "higher", "source": "made up"},
    {"id": "school", "name": "School", "unit": "per cent", "better": "higher", "source": "made up"},
]
VALUATIONS = [
    {"kind": "reported-amount@1", "id": "activity", "metric": "activity", "group": "all"},
    {
        "kind": "cost-difference@1",
        "id": "savings",
        "metric": "costs",
        "baseline": "before",
        "group": "all",
        "parts": ["y1", "y2"],
    },
    {"kind": "price-per-unit@1", "id": "worth", "metric": "places", "group": "all", "price": "1234.57"},
]
AMOUNTS = [{"id": "most", "what": "the most", "amount": "50000.00"}]
ORE = st.integers(0, 9_000_000)
LENT = {"kind": "outcome@1", "id": "variable", "what": "repaid by outcomes", "principal": "1000.00"}
BOND = {"holder": "investor", "issuer": "payer", "issued_on": STARTS, "matures_on": date(2024, 6, 30), "parts": (LENT,)}
LOAN = {"kind": "loan@1", "id": "loan", "what": "repaid whatever comes", "principal": "5000.00", "rate": "0.05"}
LOAN |= {"day_count": "30E/360", "interest_months": 6}
MATURED = {**BOND, "matures_on": date(2023, 1, 1), "parts": (LOAN, LENT), "least_return": "0.00", "most_return": "1.50"}


@st.composite
def limits(draw: DrawFn) -> dict[str, Any]:
    """An amount, or times another."""
    if draw(st.booleans()):
        ore = draw(ORE)
        return {"amount": f"{ore // 100}.{ore % 100:02d}"}
    return {
        "times": draw(st.sampled_from(["0", "0.2", "1", "1.333333"])),
        "of": draw(st.sampled_from(["activity", "savings", "most"])),
    }


@st.composite
def tiers(draw: DrawFn) -> list[dict[str, Any]]:
    """One to five tiers of random slices."""
    found = []
    for number in range(draw(st.integers(1, 5))):
        parties = draw(st.lists(st.sampled_from(ROLES[:3]), min_size=1, max_size=3, unique=True))
        shares = [{"party": one, "share": draw(st.sampled_from(["0.3", "0.333333", "0.07", "0.125"]))} for one in parties]
        tier: dict[str, Any] = {
            "name": f"t{number}",
            "what": "a slice",
            "of": draw(st.sampled_from(["activity", "savings", "worth"])),
        }
        for share in shares:
            if draw(st.integers(0, 3)) == 0:
                share["most"] = draw(limits())
        if draw(st.booleans()):
            tier["up_to"] = draw(limits())
        if draw(st.integers(0, 2)) == 0:
            bound = draw(st.sampled_from(["at_least", "at_most"]))
            tier["only_if"] = {"metric": "school", "group": "all", "part": "y1", bound: draw(st.sampled_from(["50", "50.5"]))}
        found.append({**tier, "shares": tuple(shares)})
    return found


@st.composite
def terms(draw: DrawFn) -> TieredTerms:
    """Terms of a random waterfall."""
    every = draw(tiers())
    governance = {
        "signs": ("payer",),
        "records": ("manager",),
        "determines": "manager",
        "pays": "payer",
        "agrees": draw(st.sampled_from([("payer",), ("payer", "investor")])),
    }
    divided = dict.fromkeys(tier["of"] for tier in every)
    said: dict[str, Any] = {
        "form": "tiered",
        "id": ID,
        "name": "Random",
        "currency": "SEK",
        "vat": "excluded",
        "starts_on": STARTS,
        "ends_on": ENDS,
        "parties": {role: role.title() for role in ROLES},
        "amounts": tuple(AMOUNTS),
        "metrics": tuple(METRICS),
        "valuations": tuple({**one, "parts": tuple(one["parts"])} if "parts" in one else one for one in VALUATIONS),
        "waterfall": {
            "tiers": tuple(every),
            "remainder": tuple({"of": of, "party": draw(st.sampled_from(ROLES[:3]))} for of in divided),
        },
        "payment_days": draw(st.sampled_from([0, 30])),
        "governance": governance,
    }
    gives = {share["party"] for tier in every for share in tier["shares"]}
    rests = {one["party"] for one in said["waterfall"]["remainder"]}
    if "investor" in gives - rests and draw(st.booleans()):
        said["bond"] = draw(st.sampled_from([BOND, MATURED]))
    return TieredTerms.model_validate(said)


# ── Steps ────────────────────────────────────────────────────────────────────────────────────────────────────────────

DAYS = st.sampled_from([date(2019, 6, 1), date(2020, 6, 30), date(2021, 6, 30), date(2022, 6, 30), ENDS, date(2023, 4, 30)])
AGREED_ON = date(2023, 4, 30)
UNTIL = st.sampled_from([date(2019, 12, 31), date(2020, 6, 30), date(2021, 6, 30), date(2022, 6, 30)])


@st.composite
def rows(draw: DrawFn) -> tuple[MetricRow, ...]:
    """Rows of every metric, now and then the same again."""
    found = {}
    for _ in range(draw(st.integers(1, 6))):
        metric = draw(st.sampled_from(["activity", "costs", "costs", "places", "school"]))
        group = draw(st.sampled_from(["all", "before"])) if metric == "costs" else "all"
        part, until = draw(st.sampled_from(["y1", "y2"])), draw(UNTIL)
        if metric in ("activity", "costs"):
            persons = draw(st.integers(1, 70))
            row = MetricRow(metric=metric, group=group, part=part, until=until, persons=persons, amount_ore=draw(ORE))
        else:
            value = draw(st.sampled_from(["0", "3", "7.25", "50", "50.5", "-1.5"]))
            row = MetricRow(metric=metric, group=group, part=part, until=until, value=value)
        found[metric, group, part] = row
    return tuple(found.values())


STEPS = ("report", "report", "settle", "settle", "settle", "determine", "redo", "agree", "pay", "correct", "amend")


@st.composite
def histories(draw: DrawFn) -> TieredLedger:
    """A contract signed, and what was told of it after; what the rules refuse is left out."""
    ledger = opened()
    assert ledger.tell(tiered.SignTiered(draw(terms()), draw(st.sampled_from([STARTS, date(2019, 6, 1)]))), "payer")
    for part in draw(st.sampled_from([("y1",), ("y1", "y2")])):
        ledger.tell(tiered.ReportMetrics(_whole(part)), "manager")
    for step in draw(st.lists(st.sampled_from(STEPS), min_size=4, max_size=14)):
        _step(draw, ledger, step)
    return ledger


def _whole(part: str) -> tuple[MetricRow, ...]:
    """Rows that make everything determinable of a year."""
    until = date(2019, 12, 31)
    said = [("activity", "all", {"amount_ore": 1_234_567}), ("places", "all", {"value": "3"})]
    said += [("costs", group, {"amount_ore": 7_654_321, "persons": 61}) for group in ("all", "before")]
    return tuple(
        MetricRow(metric=metric, group=group, part=part, until=until, **more)  # type: ignore[arg-type]
        for metric, group, more in said
    )


def _step(draw: DrawFn, ledger: TieredLedger, step: str) -> None:
    if step == "report":
        ledger.tell(tiered.ReportMetrics(draw(rows())), "manager")
    elif step in ("determine", "settle", "redo"):
        _determine(draw, ledger, redo=step == "redo")
        for role in ("payer", "investor") if step == "settle" else ():
            ledger.tell(tiered.AgreeTiers(len(ledger.state.determinations), role, AGREED_ON), role)
    elif step == "agree":
        role = draw(st.sampled_from(["payer", "investor"]))
        ledger.tell(tiered.AgreeTiers(len(ledger.state.determinations), role, AGREED_ON), "manager")
    elif step in ("pay", "correct"):
        kind = draw(st.sampled_from(["investment", "outcome", "recovery", "issue", "interest", "redemption"]))
        payer, payee = ("investor", "payer") if kind in ("investment", "recovery", "issue") else ("payer", "investor")
        ledger.tell(tiered.PayTiered(kind, payer, payee, draw(ORE), draw(DAYS), "B"), "payer")  # type: ignore[arg-type]
        if step == "correct":
            amount, number = draw(st.one_of(st.none(), ORE)), len(ledger.state.payments)
            ledger.tell(tiered.CorrectTieredPayment(number, "wrong", amount), "payer")
    else:
        ledger.tell(tiered.AmendTiered(draw(terms()), draw(DAYS), ("payer", "investor"), "agreed"), "payer")


def _determine(draw: DrawFn, ledger: TieredLedger, *, redo: bool) -> None:
    before = ledger.state.determinations
    on = before[-1].event.on if redo and before else draw(DAYS)
    why = "another look" if redo and before else None
    try:
        proposed = determination(ledger.facts, ID, on, computed_by="soc-ledger", redo=why).command
    except LedgerError:
        return
    ledger.tell(proposed, "manager")


# ── A story ──────────────────────────────────────────────────────────────────────────────────────────────────────────

FIXTURES = Path(__file__).parents[2] / "fixtures"


def norrkoping() -> TieredLedger:
    """Norrköping's contract with its synthetic reports: determined twice, agreed to, paid, a payment corrected."""
    ledger = opened("norrkoping")
    signed = read_tiered_terms((FIXTURES / "contracts" / "norrkoping.toml").read_bytes(), "norrkoping.toml")
    commands: list[tuple[str, tiered.TieredCommand | date]] = [
        ("performance_manager", tiered.SignTiered(signed, date(2016, 2, 15))),
        ("payer", tiered.PayTiered("investment", "investor", "payer", 958_600_000, date(2018, 3, 15), "B1")),
        *(("performance_manager", tiered.ReportMetrics(sent(name))) for name in ("activity-cost", "social-costs")),
        ("performance_manager", date(2019, 3, 31)),
        ("payer", tiered.AgreeTiers(1, "payer", date(2019, 4, 30))),
        ("investor", tiered.AgreeTiers(1, "investor", date(2019, 4, 30))),
        ("payer", tiered.PayTiered("outcome", "payer", "investor", 383_440_000, date(2019, 6, 3), "B2")),
        ("payer", tiered.CorrectTieredPayment(2, "the bank's date", on=date(2019, 6, 4))),
        ("performance_manager", tiered.ReportMetrics(sent("school-results"))),
        ("performance_manager", date(2021, 2, 28)),
    ]
    for role, command in commands:
        if isinstance(command, date):
            command = determination(ledger.facts, ledger.id, command, computed_by="soc-ledger").command
        assert ledger.tell(command, role), command
    return ledger


def assigned() -> TieredLedger:
    """Norrköping's, with a fund in the investor's place from the day after its end."""
    ledger = norrkoping()
    terms = of_fund(ledger.state.signed)
    assert ledger.tell(tiered.AmendTiered(terms, date(2021, 3, 1), ("payer", "investor"), "assigned"), "payer")
    return ledger


def sent(name: str) -> tuple[MetricRow, ...]:
    """The rows of a file of Norrköping's."""
    said = csv.DictReader((FIXTURES / "norrkoping" / f"{name}-synthetic.csv").read_text(encoding="utf-8").splitlines())
    return tuple(
        MetricRow(
            metric=row["metric"],
            group=row["group"],
            part=row["part"],
            until=date.fromisoformat(row["until"]),
            persons=int(row["persons"]) if row["persons"] else None,
            amount_ore=int(row["amount"].replace(".", "")) if row["amount"] else None,
            value=row["value"] or None,
        )
        for row in said
    )
