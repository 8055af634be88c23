"""The ledger against a second opinion that shares no code with it, to the öre, on random histories.

A failure names the seed and shows the shortest history that still fails. ``LEDGER_HISTORIES`` multiplies how many are tried:
1 under CI, else a half.
"""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import pytest

from cli.state import as_json
from ledger import contract
from ledger.canonical import canonical
from ledger.commands import (
    AcceptDetermination,
    AdoptMethodology,
    AmendTerms,
    AnswerDispute,
    CloseContract,
    Command,
    CorrectEntry,
    DrawLoan,
    NotifyDetermination,
    OfContract,
    Pay,
    ProposeMethodology,
    RaiseDispute,
    RecordDetermination,
    RejectMethodology,
    RepayLoan,
    ResolveDispute,
    ResumeFollowUp,
    SignContract,
    SuspendFollowUp,
    WithdrawDispute,
)
from ledger.contract import ContractState
from ledger.dispatch import AnyCommand
from ledger.disruption import ExcludeMonths
from ledger.errors import LedgerError
from ledger.events import (
    AbsenceReported,
    Actor,
    AnyMonth,
    ContractClosed,
    DisputeAnswered,
    DisputeRaised,
    DisputeResolved,
    DisputeWithdrawn,
    Document,
    EntryCorrected,
    Headcount,
    IndexValue,
    MonthAgreed,
    MonthDetermined,
    OtherFacts,
    Position,
    Reimbursement,
    SavingsDetermined,
    Scope,
    TrendUsed,
)
from ledger.evidence import PublishTrend, ReportReimbursements, ReportWorkforce
from ledger.facts import Facts, evidence_streams, trend_stream
from ledger.lines import Lines
from ledger.log import Log, Receipt
from ledger.methodology import Methodology
from ledger.money import kronor
from ledger.periods import Month, Period, instant_text
from ledger.record import Recorded
from ledger.terms import ContractTerms
from projections import check, check_disputes, positions, proposals, read_model, reporting
from projections.absences import in_force, reports
from projections.findings_beside import beside
from projections.postings import ENTITLED, SAVINGS, postings
from projections.rules.short_term_net_days_1 import NetDays, net_days
from projections.state import state
from tests import histories, oracle
from tests.histories import (
    Act,
    Adopt,
    Amount,
    Ask,
    Determine,
    Dispute,
    History,
    Line,
    Reimbursements,
    Report,
    Sign,
    Step,
    Trend,
    Workforce,
)
from tests.memory import Memory

TIMES = float(os.environ.get("LEDGER_HISTORIES", "1" if os.environ.get("CI") else "0.5"))
FIXTURES = Path(__file__).parents[1] / "fixtures"
CAUSES = histories.CAUSES
MANAGER = Actor(name="Manager", role="performance_manager")
DIRECTOR = Actor(name="Director", role="payer")
OPENED = datetime(2018, 1, 1, 8, tzinfo=UTC)
SEED = "histories"
OUTCOMES = ("upheld", "rejected", "settled")
EVALUATION = Document(document="final evaluation", obtained_how="from the external auditor")
LETTER = Document(document="letter", obtained_how="from the party")

counted: Counter[str] = Counter()
"""What was compared, said at the end."""


@pytest.fixture(scope="module", autouse=True)
def _say_what_was_compared(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    terminal = request.config.pluginmanager.get_plugin("terminalreporter")
    capture = request.config.pluginmanager.get_plugin("capturemanager")
    if terminal is not None and capture is not None:
        said = "\n".join(f"  {number:>9,} {what}" for what, number in sorted(counted.items()))
        with capture.global_and_fixture_disabled():
            terminal.write_line(f"\nAgainst the oracle:\n{said}")


# Playing a history


class Ledger(Protocol):
    """Where a history is played: in memory, or in a real log."""

    def submit(
        self,
        propose: Callable[[Facts], AnyCommand],
        words: dict[str, Any],
        *,
        by: Actor,
        at: datetime,
        evidence: tuple[Document, ...] = (),
    ) -> Receipt:
        """Record what the command brings about, or raise LedgerError."""
        ...

    def facts(self) -> Facts:
        """The record as it stands."""
        ...

    def state(self, contract_id: str) -> ContractState:
        """What the contract's decider remembers."""
        ...


class OnDisk:
    """A real log as a place to play in."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.submit = log.submit
        self.facts = log.facts

    def state(self, contract_id: str) -> ContractState:
        """What the contract's decider remembers."""
        facts = self.facts()
        return facts.contract(contract_id) if contract_id in facts.contracts else contract.Initial


class Nothing(Exception):
    """The step says nothing for the record as it stands: there is no such payment, no month left."""


class Player:
    """Plays steps on a ledger, one after another, each on a day no earlier than the one before."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.today = OPENED.date()
        self.id = ""
        self.steps = 0
        self.asked: Command | None = None

    @property
    def folded(self) -> ContractState:
        """The contract as it stands."""
        return self.ledger.state(self.id)

    def play(self, step: Step) -> Receipt | None:
        """What a step brought about; None where it was refused, and then nothing happened."""
        self.steps += 1
        self.asked = None
        self.today = max(self.today, getattr(step, "on", None) or self.today) + timedelta(days=getattr(step, "wait", 0))
        try:
            propose, by = self._proposal(step)
            at = datetime.combine(self.today, time(8, tzinfo=UTC))
            evidence = (EVALUATION,) if isinstance(step, Act) and step.what == "close" else ()
            evidence = (LETTER,) if isinstance(step, Dispute) and step.documented else evidence
            done = self.ledger.submit(propose, {"step": self.steps}, by=by, at=at, evidence=evidence)
        except (LedgerError, Nothing):
            counted["steps refused"] += 1
            return None
        counted["steps recorded"] += 1
        return done

    def _proposal(self, step: Step) -> tuple[Callable[[Facts], AnyCommand], Actor]:
        match step:
            case Workforce(rows=()) | Trend(values=()) | Reimbursements(rows=()):
                raise Nothing
            case Report():
                return lambda facts: reporting.report(facts, self.id, file_of(step), str), MANAGER
            case Workforce():
                rows = tuple(Headcount(month=Month.parse(month), workplace=name, employees=n) for month, name, n in step.rows)
                return self._always(ReportWorkforce(self.id, rows)), MANAGER
            case Trend():
                return self._always(PublishTrend("index", tuple(map(index_value, step.values)))), MANAGER
            case Reimbursements():
                return self._always(ReportReimbursements(self.id, tuple(map(reimbursement, step.rows)))), MANAGER
            case Determine():
                return self._determination(step), MANAGER
            case Act():
                by = DIRECTOR if step.what in ("instruct", "draw", "repay") else MANAGER
                by = Actor(name="Other", role=step.role) if step.role else by
                return self._always(OfContract(self.id, self._act(step))), by
            case Sign():
                terms = terms_of(step)
                self.id = terms.id
                self.today = max(self.today, terms.starts_on)
                return self._always(OfContract(self.id, SignContract(terms, terms.starts_on))), MANAGER
            case Dispute():
                return self._disputing(step), Actor(name="Other", role=self.role_of(step)) if step.role else MANAGER
            case Ask():
                raise Nothing
            case Adopt():
                return self._adoption(step), MANAGER

    def _always(self, command: AnyCommand) -> Callable[[Facts], AnyCommand]:
        return lambda _: command

    def _adoption(self, step: Adopt) -> Callable[[Facts], AnyCommand]:
        methodology, start = methodology_of(step), Month.parse(step.month).first_day
        if step.proposed:
            return self._always(OfContract(self.id, ProposeMethodology(methodology, start, "payer", "ours")))

        def adopt(facts: Facts) -> AnyCommand:
            found = beside(facts, self.id, methodology, start)
            accepted = tuple(one.name for one in found)
            return OfContract(self.id, AdoptMethodology(methodology, start, self._everyone, found, accepted))

        return adopt

    @property
    def _everyone(self) -> tuple[str, ...]:
        return tuple(self.folded.signed.governance.agrees) if self.folded.signed_on else ()

    def period(self, step: Determine) -> Period:
        """The period that a determination is about: the next, or that of some in force."""
        folded = self.folded
        if folded.signed_on is None:
            raise Nothing
        if step.redo:
            first = step.pick % len(folded.in_force) if folded.in_force else 0
            chosen = folded.in_force[first : first + step.width]
            if not chosen:
                raise Nothing
            return Period(chosen[0].period.first, chosen[-1].period.last)
        month = folded.next_month
        if month is None:
            raise Nothing
        last = month
        while (
            (last + 1).quarter == month.quarter
            and last + 1 <= folded.terms_of(last + 1).last_month
            and not folded.suspended(last + 1)
            and last + 1 not in folded.savings
        ):
            last = last + 1
        return Period(month, last)

    def _determination(self, step: Determine) -> Callable[[Facts], AnyCommand]:
        period = self.period(step)
        self.today = max(self.today, period.last_day + timedelta(days=step.wait))
        redo = "late facts" if step.redo else None
        if step.given is None:
            return lambda facts: proposals.determination(facts, self.id, period, today=self.today, computed_by="test", redo=redo)
        given = step.given
        return lambda facts: OfContract(self.id, self._given(facts, period, given, redo))

    def _given(self, facts: Facts, period: Period, given: tuple[Amount, ...], redo: str | None) -> RecordDetermination:
        folded = self.folded
        months: list[AnyMonth] = []
        total = sum(amount for month, amount in folded.savings.items() if month not in period)
        for month, wanted in zip(period, (given * len(period))[: len(period)], strict=True):
            terms = folded.terms_of(month)
            if isinstance(folded.methodology_of(month).agreed(month), ExcludeMonths):
                wanted = Amount(0, "excluded")
            savings = _savings(wanted, terms, total)
            total += savings
            months.append(synthetic(month, savings, terms, folded.methodology_of(month), wanted.of))
        preliminary = given[0].ore % 3 == 0
        return RecordDetermination(tuple(months), preliminary, facts.basis, "test", redo)

    def _act(self, step: Act) -> Command:
        folded, on = self.folded, self.today - timedelta(days=step.back)
        if folded.signed_on is None:
            raise Nothing
        match step.what:
            case "notify":
                return NotifyDetermination(self._number(step), on)
            case "accept":
                return AcceptDetermination(self._number(step), step.kind, on)
            case "instruct" | "made":
                kind: Any = step.kind
                limit = folded.payment_limit(kind, on)
                amount = None if step.amount is None else _ore(step.amount, folded, limit)
                return Pay(kind, amount, on, f"F{step.pick}", step.what == "made", "B" if step.what == "made" else None)
            case "draw":
                assert step.amount is not None
                return DrawLoan(_ore(step.amount, folded, 0), on, "internal")
            case "repay":
                assert step.amount is not None
                return RepayLoan(_ore(step.amount, folded, 0), on)
            case "correct":
                return self._correction(step, on)
            case "suspend" | "resume":
                through = folded.determined_through
                next_month = folded.signed.first_month if through is None else through + 1
                running = folded.suspended_from if step.what == "resume" else None
                from_month = (running or next_month) + step.pick
                agreement: Any = SuspendFollowUp if step.what == "suspend" else ResumeFollowUp
                command: Command = agreement(from_month, self._everyone, "agreed")
                return command
            case "amend":
                return self._amendment(step)
            case "reject":
                return RejectMethodology(1 + step.pick, step.kind, "not ours")
            case "close":
                return CloseContract(on)
            case _:
                raise Nothing

    def _number(self, step: Act | Dispute) -> int:
        numbers = [one.number for one in self.folded.determinations]
        if not numbers:
            raise Nothing
        return numbers[step.pick % len(numbers)]

    def _disputing(self, step: Dispute) -> Callable[[Facts], AnyCommand]:
        on, folded = self.today - timedelta(days=step.back), self.folded
        if not folded.signed_on or (step.what != "raise" and not folded.disputes):
            raise Nothing

        def propose(facts: Facts) -> AnyCommand:
            self.asked = self._objection(facts, step, on) if step.what == "raise" else self._of_dispute(facts, step, on)
            return OfContract(self.id, self.asked)

        return propose

    def _objection(self, facts: Facts, step: Dispute, on: date) -> RaiseDispute:
        folded = self.folded
        if step.payment:
            if not folded.payments:
                raise Nothing
            paid = folded.payments[step.pick % len(folded.payments)]
            position = Position(amount_ore=max(0, self._right(step.amount, paid.amount, paid.amount)))
            return RaiseDispute(step.by, on, "wrong", position, payment=paid.number, documented=step.documented)
        number = self._number(step)
        position = self.position(facts, step, number)
        return RaiseDispute(step.by, on, "wrong", position, determination=number, documented=step.documented)

    def _of_dispute(self, facts: Facts, step: Dispute, on: date) -> Command:
        raised = self.dispute(step)
        if step.what == "withdraw":
            return WithdrawDispute(raised.number, on, "settled among us", step.documented)
        position = None
        if raised.payment is not None and step.amount is not None:
            amount = self._right(step.amount, raised.was_ore, raised.position.total)
            position = Position(amount_ore=max(0, amount))
        elif raised.determination is not None and (step.amount is not None or step.facts):
            position = self.position(facts, step, raised.determination, raised.position.total)
        if step.what == "answer":
            return AnswerDispute(raised.number, step.by, on, "not so", position)
        by: Any = {"decided_by": step.third} if step.third else {"agreed_by": self._everyone}
        outcome: Any = step.outcome
        by |= {"position": position, "documented": step.documented}
        return ResolveDispute(raised.number, on, outcome, "so", facts.basis, "test", **by)

    def role_of(self, step: Dispute) -> str:
        """The role of who records a step of a dispute."""
        if step.role != "own":
            return step.role or MANAGER.role
        return step.by if step.what in ("raise", "answer") or not self.folded.disputes else self.dispute(step).by

    def dispute(self, step: Dispute) -> DisputeRaised:
        """The dispute that a step is about: the last, of those that are open, or another."""
        disputes = self.folded.disputes
        standing = [one for one in disputes if one.open] if step.pick < 0 else []
        return (standing or disputes)[step.pick % len(standing or disputes)].raised

    def position(self, facts: Facts, step: Dispute, number: int, raised: int = 0) -> Position:
        """What a step says that the months of a determination saved."""
        folded = self.folded
        one = folded.determination(number)
        if step.facts:
            methodology = None if step.methodology is None else Methodology.model_validate(tuples(step.methodology))
            return positions.computed(facts, self.id, number, methodology, self._on_facts(facts, step, number), "test")
        was, wanted = sum(line.savings_ore for line in one.months), step.amount
        if wanted is not None and wanted.of == "claim permille":
            change = shares_of(folded.versions[-1][1]).maximum * wanted.ore // 1000
            return positions.claiming(folded, one, one.claim_ore + change)
        return positions.stated(one, self._right(wanted, was, raised))

    def _on_facts(self, facts: Facts, step: Dispute, number: int) -> OtherFacts:
        one = self.folded.determination(number)
        upto = one.basis if step.facts == "then" else proposals.last_fact(facts, self.id, one.period)
        if step.facts not in ("then", "now"):
            upto = max(1, facts.position * int(step.facts) // 1000)
        names = (*evidence_streams(self.id), trend_stream("index"))
        evidence = sorted(record.position for name in names for record in facts.stream(name))
        without = sorted({evidence[pick % len(evidence)] for pick in step.without}) if evidence else []
        return OtherFacts(upto=max(one.basis, upto) if step.facts == "now" else upto, without=tuple(without))

    def _right(self, wanted: Amount | None, was: int, raised: int) -> int:
        """Öre that a party holds to be right: so much off what ``was`` recorded, or between that and the position ``raised``."""
        terms = self.folded.versions[-1][1]
        match wanted:
            case None:
                raise Nothing
            case Amount(ore, "permille"):
                return was + shares_of(terms).total * ore // 1000
            case Amount(ore, "same"):
                return was + ore
            case Amount(ore, "none"):
                return ore
            case Amount(ore, "between"):
                return was + (raised - was) * ore // 1000
            case Amount(of="claim permille"):
                raise Nothing
            case _:
                return was + _savings(wanted, terms, sum(self.folded.savings.values()))

    def _correction(self, step: Act, on: date) -> CorrectEntry:
        folded = self.folded
        notices = [one.notice for one in folded.determinations if one.notice is not None]
        entries = [(one.position, one.amount) for one in (*folded.payments, *folded.loans)]
        entries += [(position, 0) for one in notices for position in (one.position, *one.acceptances)]
        if not entries:
            raise Nothing
        position, same = entries[step.pick % len(entries)]
        amount = _ore(step.amount, folded, same) if step.amount and step.kind in ("amount", "both") else None
        return CorrectEntry(position, "wrong", amount, on if step.kind in ("date", "both") else None)

    def _amendment(self, step: Act) -> AmendTerms:
        folded = self.folded
        now = folded.versions[-1][1]
        through = folded.determined_through
        from_month = (now.first_month if through is None else through + 1) + step.pick
        value = now.model_dump(mode="json", exclude_none=True)
        for key, text in step.changes:
            if key == "maximum permille":
                value["outcome"]["maximum_payment"] = kronor(max(1, now.outcome.maximum_payment * int(text) // 1000))
            elif key == "months more":
                value["months"] = max(1, now.months + int(text))
            else:
                _change(value, key, text)
        try:
            return AmendTerms(ContractTerms.model_validate(tuples(value)), from_month, self._everyone, "agreed")
        except ValueError:
            raise Nothing from None


def _savings(wanted: Amount, terms: ContractTerms, before: int) -> int:
    """Öre of a month: some share of the investment, or what brings the sum to a target and ``ore`` more."""
    shares = shares_of(terms)
    match wanted.of:
        case "permille" | "deemed permille":
            return shares.total * wanted.ore // 1000 + wanted.ore
        case "excluded":
            return 0
        case "nothing":
            return wanted.ore - before
        case "ceiling":
            return oracle.rounded(shares.ceiling) + wanted.ore - before
        case party:
            return (shares.at_savings(party) or 0) + wanted.ore - before


def _ore(wanted: Amount, folded: ContractState, here: int) -> int:
    """Öre: ``here`` or what is named, and ``ore`` more."""
    shares = shares_of(folded.versions[-1][1])
    match wanted.of:
        case "permille":
            return max(1, shares.total * wanted.ore // 1000)
        case "limit permille":
            return max(1, shares.to_repay * wanted.ore // 1000)
        case "limit":
            return shares.to_repay + wanted.ore
        case _:
            return here + wanted.ore


def shares_of(terms: ContractTerms) -> oracle._Shares:
    """The figures of the terms, as the oracle reads them."""
    return oracle._shares(terms.model_dump(mode="json", exclude_none=True))


def tuples(value: Any) -> Any:
    """Lists as tuples, as strict models take them."""
    if isinstance(value, dict):
        return {key: tuples(inner) for key, inner in value.items()}
    return tuple(map(tuples, value)) if isinstance(value, (list, tuple)) else value


def synthetic(month: Month, savings: int, terms: ContractTerms, methodology: Methodology, how: str = "") -> AnyMonth:
    """A month that saved so much, however it was measured; or that is not measured."""
    if how == "excluded" or how.startswith("deemed"):
        return MonthAgreed(
            month=month,
            kind="exclude-months@1" if how == "excluded" else "deem-average@1",
            of=None if how == "excluded" else Period(month - 1, month - 1),
            savings_ore=savings,
            terms_sha256=terms.sha256,
            methodology_sha256=methodology.sha256,
        )
    return MonthDetermined(
        month=month,
        employees=10,
        weekdays=month.weekdays,
        reference_rate=Fraction(1, 10),
        trend=TrendUsed(
            quarter=month.quarter, value="2.00", published_on=month.last_day, status="published", factor=Fraction(3, 2)
        ),
        expected_days=Fraction(savings % 997, 7),
        actual_hundredths=savings % 1009 * 5,
        price_ore=214000,
        savings_ore=savings,
        terms_sha256=terms.sha256,
        methodology_sha256=methodology.sha256,
    )


@cache
def terms_of(step: Sign) -> ContractTerms:
    """Published terms as a step changes them."""
    value = tomllib.loads((FIXTURES / "contracts" / f"{step.terms}.toml").read_text("utf-8"))
    value["derived"] = []
    for key, text in step.changes:
        _change(value, key, text)
    return ContractTerms.model_validate(tuples(value))


def _change(value: dict[str, Any], key: str, text: str) -> None:
    *parts, last = key.split(".")
    for part in parts:
        value = value[part]
    if not text:
        value.pop(last, None)
        return
    was = value.get(last, "")
    value[last] = int(text) if isinstance(was, int) else date.fromisoformat(text) if isinstance(was, date) else text


def methodology_of(step: Adopt) -> Methodology:
    """A methodology as its file says it."""
    return Methodology.model_validate(tuples(step.methodology))


def reimbursement(row: tuple[str, int, int, str, int]) -> Reimbursement:
    """One row of a file of reimbursements."""
    names = ("month", "sick_pay_cost_ore", "wage_cost_ore", "threshold", "reimbursed_ore")
    return Reimbursement.model_validate(dict(zip(names, row, strict=True)))


def index_value(row: tuple[str, str, date, str]) -> IndexValue:
    """One row of a trend file."""
    quarter, value, published_on, status = row
    return IndexValue.model_validate(
        {"quarter": quarter, "value": value, "published_on": published_on, "status": status, "source": "SCB"}
    )


def file_of(step: Report) -> reporting.File:
    """An absence file as the importer reads it."""
    names = tuple(sorted({line.workplace for line in step.lines}))
    lines = Lines(
        workplaces=names,
        employee=tuple(line.employee for line in step.lines),
        workplace=tuple(names.index(line.workplace) for line in step.lines),
        first_day=tuple(_written(line.first) for line in step.lines),
        last_day=tuple(_written(line.last) if line.last else 0 for line in step.lines),
        extent=tuple(line.extent for line in step.lines),
        cause=tuple(CAUSES.index(line.cause) for line in step.lines),
        secret=b"",
    )
    complete = Period.parse(step.complete) if step.complete else None
    scope = Scope(complete=complete, workplaces=step.workplaces) if complete else None
    period = complete or (Period.parse(step.period) if step.period else None)
    source: Any = step.source
    return reporting.File("absences.csv", range(2, len(names) + len(step.lines) + 2), lines, source, scope, period)


def _written(day: date) -> int:
    return day.year * 10000 + day.month * 100 + day.day


def memory() -> Memory:
    """An empty ledger."""
    return Memory(by=MANAGER, at=OPENED, seed=SEED)


# Comparing


Fault = Callable[[History], str | None]
"""What is wrong with a history, in words; None where both agree."""


def every(make: Callable[[int], History], fault: Fault, number: int) -> None:
    """Fail with the seed and the shortest history, where any has a fault."""
    for seed in range(int(number * TIMES)):
        history = make(seed)
        found = fault(history)
        if found is not None:
            pytest.fail(f"seed {seed}: {found}\n{shortest(history, fault, found)}", pytrace=False)


def shortest(history: History, fault: Fault, found: str) -> str:
    """The shortest history with the same sort of fault, step by step."""
    kept, sort = counted.copy(), found.split(":")[0]
    fewest = histories.shrunk(history, lambda tried: (fault(tried) or "").split(":")[0] == sort)
    said = [f"shortest history, {len(fewest)} steps: {fault(fewest)}", *(f"  {step}" for step in fewest)]
    counted.clear()
    counted.update(kept)
    return "\n".join(said)


def differences(ours: Any, theirs: Any, where: str = "") -> list[str]:
    """Where the oracle's value (``ours``) differs from the ledger's; what only the ledger says is not compared."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return [
            line
            for key, value in ours.items()
            for line in differences(value, theirs.get(key, "nothing"), f"{where}.{key}" if where else str(key))
        ]
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return [line for place, (one, other) in pairs for line in differences(one, other, f"{where}.{place}")]
    return [] if ours == theirs else [f"{where} is {theirs} in the ledger, {ours} by the oracle"]


# Evidence: rules 3 to 5

SIGNED = Sign("botkyrka")
EVIDENCE_FROM = date(2023, 1, 1)


def evidence_fault(history: History) -> str | None:
    """Whether both see the same spells and net days after every report, and refuse the same reports."""
    ledger = memory()
    player = Player(ledger)
    player.play(SIGNED)
    player.today = EVIDENCE_FROM
    open_spells: dict[str, dict[Key, bool]] = {}
    for step in history:
        assert isinstance(step, Report)
        before = oracle.spells_in_force(ledger.plain, ledger.columns, player.id, step.source, len(ledger.records))
        wrong = refusal(ledger, before, open_spells.setdefault(step.source, {}), step)
        done = player.play(step)
        counted["reports"] += 1
        if (done is None) != (wrong is not None):
            return f"refusal: {step} is {'refused' if done is None else 'recorded'} by the ledger; by the rules: {wrong}"
        if done is None:
            counted["reports refused"] += 1
            continue
        after = oracle.spells_in_force(ledger.plain, ledger.columns, player.id, step.source, len(ledger.records))
        found = spells_fault(ledger, player.id, step.source, after) or months_fault(done.records[0], before, after)
        if found is not None:
            return found
        remember_open(open_spells[step.source], before, after, step, done.records[0].position)
    return None


Key = tuple[int, date]


def spells_fault(ledger: Memory, contract_id: str, source: str, ours: list[oracle.Spell]) -> str | None:
    """Whether the ledger sees the spells and net days that the oracle sees."""
    spells = in_force(reports(ledger.facts(), contract_id, source))
    columns = (spells.employee, spells.workplace, spells.first, spells.last, spells.extent, spells.cause, spells.report)
    theirs = [
        oracle.Spell(employee, spells.workplaces[place], _day(first), _day(last), extent, CAUSES[cause], report)
        for employee, place, first, last, extent, cause, report in zip(*(one.tolist() for one in columns), strict=True)
    ]
    if ours != theirs:
        return f"spells: {theirs} in the ledger, {ours} by the oracle"
    counted["spells in force compared"] += len(ours)
    days = net_days(spells)
    table = {
        (histories.month_text(days.first + row + 1970 * 12), name): hundredths
        for row, cells in enumerate(days.table.tolist())
        for name, hundredths in zip(days.workplaces, cells, strict=True)
        if hundredths
    }
    by_oracle = oracle.net_days(ours)
    if table != by_oracle:
        return f"net days: {table} in the ledger, {by_oracle} by the oracle"
    counted["months and workplaces compared"] += len(table)
    return None


def _day(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)


def months_fault(record: Recorded[AbsenceReported], before: list[oracle.Spell], after: list[oracle.Spell]) -> str | None:
    """Whether a report names every month in which it changes a day on record."""
    changed = {
        histories.month_text(histories.month_of(one.first + timedelta(days=number)))
        for spells, others in ((before, after), (after, before))
        for one in {spell._replace(position=0) for spell in spells} - {spell._replace(position=0) for spell in others}
        for number in _days_only_here(one, others)
    }
    missing = changed - {str(month) for month in record.data.months}
    return f"months: record {record.position} changes days of {sorted(missing)} and does not name them" if missing else None


def _days_only_here(one: oracle.Spell, others: list[oracle.Spell]) -> range:
    """The days of a spell, counted from its first, on which another of its key does not say the same."""
    days = range((one.last - one.first).days + 1)
    for other in others:
        if other[:3] == one[:3] and other[4:6] == one[4:6]:
            return days[(other.last - one.first).days + 1 :]
    return days


def refusal(ledger: Memory, before: list[oracle.Spell], is_open: dict[Key, bool], step: Report) -> str | None:
    """Why a report is a fault by rule 3; None where it is not."""
    ends = step.complete or step.period
    last = oracle._period(ends)[1] if ends else None
    known = {(one.employee, one.first) for one in before}
    for line in step.lines:
        if line.last is None and (last is None or line.first > histories.last_day(last)):
            return f"{line} is open, and the period does not end it"
        if line.extent == 0 and (line.employee, line.first) not in known:
            return f"{line} withdraws what is not on record"
    if step.complete is None:
        return None if step.lines else "holds nothing"
    first, last = oracle._period(step.complete)
    held = {(line.employee, line.first) for line in step.lines}
    scopes = [
        record["data"]["scope"]
        for record in oracle._reports(ledger.plain, "botkyrka", step.source, len(ledger.records))
        if "scope" in record["data"]
    ]
    for one in before:
        key, following = (one.employee, one.first), histories.month_of(one.last) + 1
        if not is_open[key] or key in held or (step.workplaces is not None and one.workplace not in step.workplaces):
            continue
        withdrawn = first <= histories.month_of(one.first) <= last
        covered = [scope for scope in scopes if oracle._is_at(scope, one.workplace)]
        is_next = not any(begins <= following <= end for begins, end in (oracle._period(scope["complete"]) for scope in covered))
        if first <= following <= last and is_next and not withdrawn:
            return f"{one} is open, and neither repeated nor ended"
    return None


def remember_open(
    is_open: dict[Key, bool], before: list[oracle.Spell], after: list[oracle.Spell], step: Report, position: int
) -> None:
    """Which spells in force nobody has said the end of."""
    ends = {(one.employee, one.first): one.last for one in before}
    open_lines = {(line.employee, line.first) for line in step.lines if line.last is None}
    period = step.complete or step.period
    for one in after:
        if one.position != position:
            continue
        key = (one.employee, one.first)
        if key not in open_lines:
            is_open[key] = False
            continue
        assert period is not None
        carried = one.last > histories.last_day(oracle._period(period)[1])
        is_open[key] = is_open[key] if carried and ends.get(key) == one.last else True
    for key in is_open.keys() - {(one.employee, one.first) for one in after}:
        del is_open[key]


def test_evidence() -> None:
    every(histories.evidence, evidence_fault, 3200)
    assert counted["reports refused"] * 3 < counted["reports"]
    counted["evidence histories"] += int(3200 * TIMES)


def withdrawals_fault(history: History) -> str | None:
    """Whether leaving out withdrawals ever leaves fewer net days, and so higher savings. Only of employees with one spell:
    of others it may, because a spell more can join two sick-pay periods into one of 14 days, or cover a day at less extent."""
    said = {(line.employee, line.first) for step in history for line in step.lines}  # type: ignore[union-attr]
    with_one = {employee for employee, number in Counter(employee for employee, _ in said).items() if number == 1}
    kept: list[Step] = []
    for step in history:
        assert isinstance(step, Report)
        lines = tuple(line for line in step.lines if line.extent or line.employee not in with_one)
        kept.append(replace(step, lines=lines) if len(lines) < len(step.lines) else step)
    if kept == list(history):
        return None
    recorded_with, days_with = reported(history)
    recorded_without, days_without = reported(kept)
    for step, one, other in zip(kept, recorded_with, recorded_without, strict=True):
        assert isinstance(step, Report)
        if one != other and (step.lines or step.complete or not one):
            return None  # another report is refused, so this is another history
    counted["histories without their withdrawals"] += 1
    for month in (Month(2017 * 12 + number) for number in range(60)):
        more = days_without.of(month)
        for name, hundredths in days_with.of(month).items():
            if more.get(name, 0) < hundredths:
                return f"withdrawals: {hundredths} at {name} in {month} with them, {more.get(name, 0)} without"
    return None


def reported(history: History) -> tuple[list[bool], NetDays]:
    """Which reports are recorded, and the net days of payroll in the end."""
    ledger = memory()
    player = Player(ledger)
    player.play(SIGNED)
    player.today = EVIDENCE_FROM
    recorded = [player.play(step) is not None for step in history]
    return recorded, net_days(in_force(reports(ledger.facts(), player.id, "payroll")))


def test_withdrawals_never_raise_savings_by_being_left_out() -> None:
    every(histories.evidence, withdrawals_fault, 3000)


# Money: rules 9 to 20


def money_fault(history: History) -> str | None:
    """Whether both give the same state on random days as known at random moments, whatever is appended later; and what the
    postings must keep."""
    ledger = memory()
    player = Player(ledger)
    asked: list[tuple[date, datetime, bytes]] = []
    for step in history:
        if isinstance(step, Ask):
            position = max(1, len(ledger.records) - step.back)
            as_of, instant = a_day(ledger, player, step), ledger.recorded_at(position)
            if position < len(ledger.records):
                instant += timedelta(microseconds=step.off % 2)
            theirs = answer(ledger, player.id, as_of, instant)
            asked.append((as_of, instant, canonical(theirs)))
            found = state_fault(ledger, player.id, as_of, instant, theirs)
        else:
            found = played_fault(ledger, player, step)
        if found is not None:
            return found
    for as_of, instant, then in asked[:-1]:
        if canonical(answer(ledger, player.id, as_of, instant)) != then:
            return f"stability: the state as of {as_of} known at {instant} changed by what was appended later"
        counted["answers the same after later appends"] += 1
    return kept_fault(ledger, player.id)


def played_fault(ledger: Memory, player: Player, step: Step) -> str | None:
    """Play a step. Whether both say which months are determined next, and when the contract may be closed; and what must hold
    after a record."""
    found = None
    if isinstance(step, Determine) and not step.redo:
        found = next_fault(ledger, player, step)
    if found is not None:
        return found
    before, role = len(ledger.records), player.role_of(step) if isinstance(step, Dispute) else ""
    done = player.play(step)
    if isinstance(step, Dispute) and step.role in ("", "own"):
        found = dispute_fault(ledger, player, step, role, before, done)
    if found is not None:
        return found
    if done is not None:
        faults = (record_fault(ledger, player.id, record) for record in done.records)
        return next((fault for fault in faults if fault is not None), None)
    if isinstance(step, Act) and step.what == "close" and not step.back and player.folded.closed_on is None:
        return closing_fault(ledger, player)
    if isinstance(step, Determine) and step.redo and step.given is not None:
        return redo_fault(ledger, player, step)
    return None


def redo_fault(ledger: Memory, player: Player, step: Determine) -> str | None:
    """Whether anything closes what the ledger refused to determine anew (rules 15, 18)."""
    folded = player.folded
    try:
        period = player.period(step)
    except Nothing:
        return None
    chosen = [one for one in folded.in_force if one.period.first in period]
    whole = sum(len(one.months) for one in chosen) == len(period) and period.last <= folded.terms_of(period.last).last_month
    if folded.closed_on is not None or not whole or any(map(folded.suspended, period)) or not folded.methodologies:
        return None
    closed = [oracle.closed_on(ledger.plain, player.id, one.number, len(ledger.records)) for one in chosen]
    counted["redos refused"] += 1
    if any(day is not None and day <= player.today for day in closed):
        return None
    return f"redo: of {period} is refused on {player.today}; by the rules they are closed on {closed}"


def next_fault(ledger: Memory, player: Player, step: Determine) -> str | None:
    """Whether both say which months are to be determined next (rules 9, 19)."""
    ours = oracle.next_period(ledger.plain, player.id, len(ledger.records))
    try:
        period = player.period(step)
        theirs = (str(period.first), str(period.last))
    except Nothing:
        return None if ours is None else f"next: {ours} by the oracle, nothing in the ledger"
    counted["periods next in turn"] += 1
    return None if ours == theirs else f"next: {ours} by the oracle, {theirs} in the ledger"


def closing_fault(ledger: Memory, player: Player) -> str | None:
    """Whether anything of rule 21 stands against a closing that the ledger refused. It asks for more than the rule: that what
    nothing is claimed for is noticed too, and that no month that still can be is to be measured by what was agreed since."""
    folded = player.folded
    if folded.signed_on is None or any(one.notice is None for one in folded.in_force):
        return None
    may_be_redone = [one for one in folded.in_force if (contract.closed_on(folded, one) or date.max) > player.today]
    months = [month for one in may_be_redone for month in one.months]
    if any(folded.methodology_of(one.month).sha256 != one.methodology_sha256 for one in months):
        return None
    tried = {
        "position": len(ledger.records) + 1,
        "stream": f"contract/{player.id}",
        "data": {"on": str(player.today)},
        "evidence": [True],
    }
    counted["closings refused"] += 1
    return None if oracle._faults_of_closing(ledger.plain, tried) else f"closing: refused on {player.today}; nothing is open"


def dispute_fault(ledger: Memory, player: Player, step: Dispute, role: str, before: int, done: Receipt | None) -> str | None:
    """Whether both take a step of a dispute, or refuse it, alike, and compute its position alike (rules 16, 18)."""
    asked, plain = player.asked, ledger.plain[:before]
    if step.facts:
        found = position_fault(ledger, player, step, before)
        if found is not None:
            return found
    if asked is None or player.folded.closed_on is not None:
        return None
    if isinstance(asked, ResolveDispute) and (asked.position is not None) != (asked.outcome == "settled"):
        return None if done is None else f"dispute said twice: {asked} is recorded"
    if isinstance(asked, ResolveDispute) and role not in player.folded.signed.governance.signs:
        return None
    tried = {
        "position": before + 1,
        "stream": f"contract/{player.id}",
        "recorded_at": f"{player.today}T08:00:00.000000Z",
        "recorded_by": {"role": role},
        "evidence": [True] if step.documented else [],
        **tried_record(plain, player.id, asked, before),
    }
    if date.fromisoformat(tried["data"]["on"]) < player.folded.signed.starts_on:
        return None
    ours = oracle.faults_of_dispute(plain, ledger.columns, tried)
    counted[f"disputes: {step.what}, {'refused' if ours else step.outcome or 'recorded'}"] += 1
    if bool(ours) == (done is not None):
        return f"dispute {step.what} {'refused' if done is None else 'recorded'}: {asked}; by the rules: {ours}"
    return None if done is None else holding_fault(ledger, player, done.records[-1].data)


def holding_fault(ledger: Memory, player: Player, event: Any) -> str | None:
    """Whether both say what is held and due, today or on the day on which what is disputed is payable or was paid."""
    number = event.number if isinstance(event, DisputeRaised) else event.dispute
    raised = player.folded.dispute(number).raised
    end = len(ledger.records)
    payable_on = oracle._payable_on(ledger.plain, player.id, raised.determination or 0, end)
    instant, day = ledger.recorded_at(end), (payable_on or raised.on) if player.steps % 3 else player.today
    return state_fault(ledger, player.id, day, instant, answer(ledger, player.id, day, instant))


def tried_record(plain: list[dict[str, Any]], contract_id: str, asked: Any, upto: int) -> dict[str, Any]:
    """The record that a command about a dispute asks for, but for what carries a resolution out."""
    said = getattr(asked, "position", None)
    position = None if said is None else said.model_dump(mode="json", by_alias=True, exclude_none=True)
    data = {"dispute": getattr(asked, "dispute", None), "on": str(asked.on), "position": position}
    match asked:
        case RaiseDispute(by=by, determination=determination, payment=payment):
            paid = None if payment is None else oracle._payment(plain, contract_id, payment, upto)
            data |= {"by": by, "determination": determination, "payment": payment, "payment_kind": paid and paid.kind}
            data["number"] = 1 + len(oracle.disputes(plain, contract_id, upto))
            look = oracle._determination_disputed if payment is None else oracle._payment_disputed
            return {"type": DisputeRaised.TYPE, "data": data | {"was_ore": look(plain, contract_id, data, upto)[0]}}
        case AnswerDispute(by=by):
            return {"type": DisputeAnswered.TYPE, "data": data | {"by": by}}
        case ResolveDispute(outcome=outcome, agreed_by=agreed_by, decided_by=decided_by):
            decision = {"outcome": outcome, "agreed_by": agreed_by, "decided_by": decided_by}
            stands = None if outcome == "rejected" else _upheld(plain, contract_id, data) if outcome == "upheld" else position
            return {"type": DisputeResolved.TYPE, "data": data | decision | {"position": stands}}
        case _:
            return {"type": DisputeWithdrawn.TYPE, "data": data}


def _upheld(plain: list[dict[str, Any]], contract_id: str, data: dict[str, Any]) -> Any:
    raised = [one.record["data"] for one in oracle.disputes(plain, contract_id, len(plain)) if one.number == data["dispute"]]
    return raised[0]["position"]


def position_fault(ledger: Memory, player: Player, step: Dispute, before: int) -> str | None:
    """Whether both compute the same position, or neither can (rule 18)."""
    facts, plain = ledger.facts(before), ledger.plain[:before]
    folded = facts.contract(player.id) if player.id in facts.contracts else contract.Initial
    if not (folded.determinations if step.what == "raise" else folded.disputes):
        return None
    number = player._number(step) if step.what == "raise" else player.dispute(step).determination
    if number is None or folded.determination(number) not in folded.in_force or folded.determination(number).resolves:
        return None
    try:
        on = player._on_facts(facts, step, number)
    except LedgerError:
        return None
    said: dict[str, Any] = {"facts": on.model_dump(mode="json")}
    if step.methodology is not None:
        methodology = Methodology.model_validate(tuples(step.methodology))
        said |= {
            "methodology": methodology.model_dump(mode="json", by_alias=True, exclude_none=True),
            "sha256": methodology.sha256,
        }
    determination = oracle._determination(plain, player.id, number, before)
    assert determination is not None
    ours = oracle.position_by_month(plain, ledger.columns, player.id, determination, said)
    lacking = [str(one) for one in ours.values() if isinstance(one, oracle.NotDeterminable)]
    try:
        found = player.position(facts, step, number)
    except LedgerError as error:
        counted["positions that neither can compute"] += bool(lacking)
        return None if lacking else f"position: of D{number} on {on} the ledger says {error}, the oracle {ours}"
    if lacking:
        return f"position: of D{number} on {on} the ledger says {found}, the oracle {lacking}"
    theirs = {one.month.index: one.amount_ore for one in found.savings or ()}
    counted["positions computed alike"] += 1
    wrong = {month: one["savings_ore"] for month, one in ours.items() if not isinstance(one, oracle.NotDeterminable)} != theirs
    return f"position: of D{number} on {on} the ledger says {theirs}, the oracle {ours}" if wrong else None


def answer(ledger: Memory, contract_id: str, as_of: date, instant: datetime) -> dict[str, Any] | None:
    """The ledger's state; None where it refuses to give one."""
    try:
        return as_json(state(ledger.known_at(instant), contract_id, as_of))
    except LedgerError:
        return None


def a_day(ledger: Memory, player: Player, step: Ask) -> date:
    """Some day that matters: a month's end, a day on which money moved or falls payable, a dispute began or ended; or some days
    away."""
    folded = ledger.state(player.id)
    days = {player.today, player.today + timedelta(days=400)}
    days |= {month.last_day for month in folded.savings}
    days |= {one.notice.claim.payable_on for one in folded.determinations if one.notice is not None}
    days |= {one.on for one in (*folded.payments, *folded.loans)}
    days |= {day for one in folded.disputes for day in (one.raised.on, one.ended.on if one.ended else player.today)}
    return sorted(days)[step.pick % len(days)] + timedelta(days=step.off)


def state_fault(ledger: Memory, contract_id: str, as_of: date, instant: datetime, theirs: dict[str, Any] | None) -> str | None:
    """Whether both give the same state."""
    where = f"as of {as_of} known at {instant_text(instant)}"
    try:
        ours: dict[str, Any] | None = oracle.state(ledger.plain, contract_id, str(as_of), instant_text(instant))
    except ValueError:
        ours = None
    if ours is None or theirs is None:
        counted["states refused by both"] += 1
        return None if ours is None and theirs is None else f"state: {where} only one of them answers"
    counted["states compared"] += 1
    counted["states compared with something held"] += ours["balance"]["provider"]["held"] != "0.00"
    counted["states compared with something claimed above"] += ours["balance"]["provider"]["claimed_above"] != "0.00"
    found = differences(ours, theirs)
    return f"{found[0].split(' ')[0]}: {where}: {'; '.join(found)}" if found else None


def record_fault(ledger: Memory, contract_id: str, record: Recorded[Any]) -> str | None:
    """What must hold after a record: its postings sum to zero, entitlement is the sharing of the savings, and the rest."""
    sums: Counter[str] = Counter()
    if not record.stream.startswith("contract/"):
        return None
    for one in postings(record):
        sums[one.kind] += one.amount
    if any(sums.values()):
        return f"zero: the postings of record {record.position} sum to {dict(sums)}"
    counted["records whose postings sum to zero"] += 1
    if isinstance(record.data, SavingsDetermined):
        count_months(ledger.state(contract_id), record.data)
        return sharing_fault(ledger, contract_id, record.position)
    if isinstance(record.data, ContractClosed):
        counted["contracts closed"] += 1
    if isinstance(record.data, EntryCorrected) and record.data.entry == "notice" and record.data.becomes is not None:
        return notice_fault(ledger.state(contract_id), record)
    return None


def count_months(folded: ContractState, event: SavingsDetermined) -> None:
    """Count what the months of a determination were determined by."""
    before = {month.month: month for number in event.supersedes for month in folded.determination(number).months}
    for one in event.months:
        if isinstance(one, MonthAgreed) and one.dispute is not None:
            counted["months decided by the resolution of a dispute"] += 1
            continue
        rules = folded.every_methodology[one.methodology_sha256].disruption
        acting = [rule.kind for rule in rules if rule.acts_in(one.month)]
        counted.update(f"months determined by {kind}" for kind in acting)
        counted["months determined by several rules at once"] += len(acting) > 1
        counted["months determined inside a suspension"] += any(one.month in period for period in folded.suspensions)
        anew = one.month in before and before[one.month].methodology_sha256 != one.methodology_sha256
        counted["months determined anew by another methodology"] += anew


def notice_fault(folded: ContractState, record: Recorded[EntryCorrected]) -> str | None:
    """Whether a notice that was dated anew is remembered with its new dates (rules 16, 20)."""
    notice, on = folded.determination(record.data.number).notice, record.effective_on
    until = on + timedelta(days=folded.terms_on(on).settlement.objection_days)
    if notice is None or (notice.on, notice.objection_until) != (on, until):
        return f"notice: dated anew on {on} with objection until {until}, remembered as {notice}"
    return None


def sharing_fault(ledger: Memory, contract_id: str, position: int) -> str | None:
    """Whether entitlement posted up to each month's end is the sharing of the savings known at a position, never above the
    maximum, and the claims claim all of it."""
    entitled: Counter[date] = Counter()
    saved: Counter[date] = Counter()
    for record in ledger.facts(position).stream(f"contract/{contract_id}"):
        for one in postings(record):
            if one.account == ENTITLED:
                entitled[one.effective_on] -= one.amount
            if one.account == SAVINGS:
                saved[one.effective_on] += one.amount
    path = oracle._path(ledger.plain, contract_id, position)
    known = {oracle._last_day(month) for month, _, _ in path}
    if any(entitled[day] or saved[day] for day in entitled.keys() | saved.keys() if day not in known):
        return "sharing: a month that is not determined has postings"
    savings_sum = entitled_sum = 0
    for month, savings, entitlement in path:
        day = oracle._last_day(month)
        savings_sum, entitled_sum = savings_sum + saved[day], entitled_sum + entitled[day]
        if (savings_sum, entitled_sum) != (savings, entitlement):
            return f"sharing: {savings_sum} and {entitled_sum} are posted up to {day}, {savings} and {entitlement} by the rules"
        maximum = ledger.state(contract_id).terms_of(Month(month)).outcome.maximum_payment
        if entitled_sum > maximum:
            return f"maximum: entitled to {entitled_sum} on {day}, at most {maximum}"
        counted["month ends whose entitlement is the sharing of the savings"] += 1
    return None


def kept_fault(ledger: Memory, contract_id: str) -> str | None:
    """What must hold at the end of every history: all that is entitled is claimed or will be, and the loan keeps its bounds."""
    folded = ledger.state(contract_id)
    if folded.signed_on is None:
        return None
    given = ("cannot be determined", "cannot be computed", "preliminary is ")
    faults = [one for one in oracle.check(ledger.plain, {}) if not any(words in one for words in given)]
    if faults:
        return f"notices: {faults}"
    counted["ledgers whose claims, notices, acceptances and disputes are recomputed"] += 1
    for record in ledger.facts().stream(f"contract/{contract_id}"):
        before = ledger.facts(record.position - 1)
        if isinstance(record.data, (DisputeRaised, DisputeAnswered, DisputeResolved)):
            said = list(check_disputes.differences(ledger.facts(), contract_id, before.contract(contract_id), record))
            if said:
                return f"check: record {record.position}: {said}"
    claimed = sum(one.notice.claim.amount_ore for one in folded.determinations if one.notice is not None)
    to_claim = sum(one.claim_ore for one in folded.in_force if one.notice is None)
    if claimed + to_claim != folded.entitled:
        return f"claims: {claimed} is claimed and {to_claim} is to be, {folded.entitled} is entitled"
    found = balance_fault(oracle._entries(ledger.plain, contract_id))
    if found is not None:
        return found
    standing = [one for one in folded.loans if one.open]
    for day in sorted({one.on for one in standing}):
        drawn, repaid = (
            sum(one.amount for one in standing if one.entry == sort and one.on <= day) for sort in ("draw", "repayment")
        )
        if repaid > drawn:
            return f"loan: {repaid} is repaid of {drawn} drawn on {day}"
    return None


def balance_fault(entries: list[tuple[str, int, date]]) -> str | None:
    """Whether more is ever carried out or paid back on some day than was instructed or paid by then."""
    sums: Counter[str] = Counter()
    for _, account, ore in sorted((on, account, -ore) for account, ore, on in entries):  # what adds comes first
        sums[account] -= ore
        if account != "notice" and sums[account] < 0:
            return f"balance: {account} falls to {sums[account]}"
    return None


def test_money() -> None:
    every(histories.money, money_fault, 1200)
    counted["money histories"] += int(1200 * TIMES)
    for what in ("raise, recorded", "answer, recorded", "withdraw, recorded", *(f"resolve, {how}" for how in OUTCOMES)):
        assert counted[f"disputes: {what}"] >= 15 * TIMES, what
    assert min(counted[f"states compared with something {what}"] for what in ("held", "claimed above")) >= 200 * TIMES


def test_closing() -> None:
    every(histories.closing, money_fault, 250)
    counted["closing histories"] += int(250 * TIMES)


# Savings: rules 1 to 9


def savings_fault(history: History) -> str | None:
    """Whether both measure every month alike before each determination and at the end, and refuse the same; and whether
    everything recorded can be recomputed."""
    ledger = memory()
    player = Player(ledger)
    for step in history:
        found = determination_fault(ledger, player, step) if isinstance(step, Determine) else played_fault(ledger, player, step)
        if found is not None:
            return found
    if not ledger.state(player.id).signed_on:
        return None
    terms = ledger.state(player.id).versions[-1][1]
    for number in range(0, terms.months, 3):
        quarter = Period(terms.first_month + number, min(terms.first_month + number + 2, terms.last_month))
        found, _ = period_fault(ledger, player.id, quarter, redo=number % 2 == 0)
        if found is not None:
            return found
    instant = ledger.recorded_at(len(ledger.records))
    theirs = answer(ledger, player.id, player.today, instant)
    return state_fault(ledger, player.id, player.today, instant, theirs) or checked_fault(ledger, player.id)


def determination_fault(ledger: Memory, player: Player, step: Determine) -> str | None:
    """Whether both measure the months alike that are determined next, or anew."""
    try:
        period = player.period(step)
    except Nothing:
        return played_fault(ledger, player, step)
    fault, determinable = period_fault(ledger, player.id, period, redo=step.redo)
    if fault is not None:
        return fault
    before = len(ledger.records)
    fault = played_fault(ledger, player, step)
    if fault is None and determinable and not step.redo and before == len(ledger.records) and player.folded.closed_on is None:
        return f"order: {period} can be determined, and is refused"
    return fault


def checked_fault(ledger: Memory, contract_id: str) -> str | None:
    """What either finds when it recomputes everything that was recorded."""
    ours = oracle.check(ledger.plain, ledger.columns)
    theirs = [one for one in check.contract_findings(ledger.facts(), contract_id) if one.sort != "finding"]
    counted["ledgers recomputed"] += 1
    return f"check: {ours} by the oracle, {theirs} in the ledger" if ours or theirs else kept_fault(ledger, contract_id)


def period_fault(ledger: Memory, contract_id: str, period: Period, *, redo: bool) -> tuple[str | None, bool]:
    """Whether both measure each month alike or refuse it, on all that is recorded; and whether every month can be."""
    theirs, ours = by_ledger(ledger, contract_id, period, redo=redo), by_oracle(ledger, contract_id, period, redo=redo)
    if isinstance(theirs, dict) and isinstance(ours, dict):
        counted["months measured alike"] += len(period)
        found = differences(ours, theirs)
        return (f"figures: {'; '.join(found)}" if found else None), True
    if len(period) > 1:
        found_by_month = [period_fault(ledger, contract_id, Period(month, month), redo=redo)[0] for month in period]
        found_in_one = next((found for found in found_by_month if found is not None), None)
        if found_in_one is not None:
            return found_in_one, False
    if isinstance(theirs, dict) or isinstance(ours, dict):
        return f"refusal: of {period} the ledger says {theirs}, the oracle {ours}", False
    counted["months refused by both"] += len(period) == 1
    return None, False


def by_ledger(ledger: Memory, contract_id: str, period: Period, *, redo: bool) -> dict[str, Any] | str:
    """Each month's figures; why not, where one cannot be determined."""
    folded = ledger.state(contract_id)
    if any(folded.suspended(month) for month in period):
        return "suspended"
    try:
        months = proposals.measured(ledger.facts(), folded, period, redo=redo)
    except LedgerError as error:
        return error.what
    return {str(one.month): figures_of(one) for one in months}


def figures_of(one: AnyMonth) -> dict[str, Any]:
    """A month's figures, named as the oracle names them."""
    both = {"savings_ore": one.savings_ore, "methodology_sha256": one.methodology_sha256}
    if isinstance(one, MonthAgreed):
        return {**both, "kind": one.kind, "of": None if one.of is None else str(one.of)}
    return {
        **both,
        "employees": one.employees,
        "weekdays": one.weekdays,
        "reference_rate": one.reference_rate,
        "factor": one.trend.factor,
        "expected": one.expected_days,
        "actual_hundredths": one.actual_hundredths,
        "left_out_hundredths": one.left_out_hundredths,
        "price_ore": one.price_ore,
        "reimbursed": one.reimbursed,
        "trend": {name: str(getattr(one.trend, name)) for name in ("quarter", "value", "published_on", "status")},
    }


def by_oracle(ledger: Memory, contract_id: str, period: Period, *, redo: bool) -> dict[str, Any] | str:
    """The same by the oracle."""
    try:
        return oracle.determine(
            ledger.plain, ledger.columns, contract_id, [str(month) for month in period], len(ledger.records), redo=redo
        )
    except oracle.NotDeterminable as error:
        return str(error)


def test_savings() -> None:
    every(histories.savings, savings_fault, 120)
    counted["savings histories"] += int(120 * TIMES)


def test_renegotiated() -> None:
    every(histories.renegotiated, savings_fault, 100)
    counted["renegotiated histories"] += int(100 * TIMES)
    if TIMES >= 0.5:
        assert [kind for kind in oracle.STEPS if not counted[f"months determined by {kind}"]] == []


def silence_fault(history: History) -> str | None:
    """Whether a month is ever determined that a workplace with employees has not reported for (rule 2)."""
    ledger = memory()
    player = Player(ledger)
    for step in history:
        player.play(step)
    determined = [(one.basis, month.month) for one in player.folded.in_force for month in one.months] if player.id else []
    if not determined:
        return None
    basis, month = determined[len(history) % len(determined)]
    places = sorted(oracle._employees(ledger.plain, player.id, month.index, basis))
    if not places:
        return None
    place = places[len(history) % len(places)]
    ledger = memory()
    player = Player(ledger)
    for step in history:
        done = player.play(_without_scope(step, place, month))
        for record in done.records if done is not None else ():
            if isinstance(record.data, SavingsDetermined) and month in [one.month for one in record.data.months]:
                employees = oracle._employees(ledger.plain, player.id, month.index, record.data.basis.position)
                if place in employees:
                    return f"silence: {month} is determined at record {record.position} without a report from {place}"
    counted["workplaces silenced"] += 1
    return None


def _without_scope(step: Step, place: str, month: Month) -> Step:
    """The report as a partial one, where it is complete for the workplace and month."""
    if not isinstance(step, Report) or step.complete is None or (step.workplaces is not None and place not in step.workplaces):
        return step
    if month not in Period.parse(step.complete):
        return step
    return replace(step, complete=None, workplaces=None, period=step.complete)


def test_no_month_is_determined_without_every_workplace() -> None:
    every(histories.savings, silence_fault, 50)


# The same through a real log


def played_on_disk(history: History, path: Path) -> tuple[Memory, Log, str]:
    """The history in memory and in a log on disk."""
    url = f"sqlite:///{path}"
    Log.create(url, by=MANAGER, at=OPENED, simulated=True, seed=SEED, follower=read_model)
    log = Log.open(url, follower=read_model)
    ledger = memory()
    in_memory, on_disk = Player(ledger), Player(OnDisk(log))
    for step in history:
        refused = [player.play(step) is None for player in (in_memory, on_disk)]
        assert refused[0] == refused[1], f"{step} is refused by one of them"
    counted["histories through a real log"] += 1
    return ledger, log, in_memory.id


def broken(log: Log, contracts: Sequence[str]) -> list[check.Finding]:
    """What a check finds broken or otherwise than recorded."""
    found = list(check.storage(log.recorder.rows(beside=True)))
    found += check.unknown_streams(log.facts(), log.recorder.streams())
    for contract_id in contracts:
        found += check.contract_findings(log.facts(), contract_id)
    return [one for one in found if one.sort != "finding"]


@pytest.mark.parametrize("seed", range(14))
def test_a_real_log_holds_the_same_bytes_and_checks(seed: int, tmp_path: Path) -> None:
    make = histories.savings if seed % 2 else histories.renegotiated
    ledger, log, contract_id = played_on_disk(make(seed), tmp_path / "ledger.db")
    assert [row.body for row in log.recorder.rows()] == ledger.bodies
    assert log.facts().basis == ledger.facts().basis
    assert broken(log, [contract_id]) == []


@pytest.mark.parametrize("seed", range(10))
def test_a_real_log_gives_the_same_state(seed: int, tmp_path: Path) -> None:
    make = histories.money if seed % 2 else histories.closing
    ledger, log, contract_id = played_on_disk(make(seed), tmp_path / "ledger.db")
    assert [row.body for row in log.recorder.rows()] == ledger.bodies
    assert broken(log, []) == []
    assert as_json(state(log.facts(), contract_id)) == as_json(state(ledger.facts(), contract_id))


# What random histories have found, one by one

START: tuple[Step, ...] = (Sign("botkyrka"), Adopt(histories.METHODOLOGY, "2018-10"))
SOME = (Amount(100, "permille"),) * 3
MORE = (Amount(110, "permille"),) * 3
NOTIFY = Act("notify", pick=-1)


def _until_due(*steps: Step) -> list[Step]:
    """A first determination, noticed, and its claim fallen payable."""
    return [*START, Determine(given=SOME), NOTIFY, Act("wait", wait=62), *steps]


def test_a_report_of_several_months_may_not_leave_out_a_spell_that_an_earlier_one_leaves_open() -> None:
    """It reaches the month after the spell's, though it begins before."""
    spell = Line(1, "Alby", date(2020, 1, 20), None, 100)
    first, second = Report((spell,), "2020-01"), Report((spell,), "2020-02")
    assert evidence_fault([first, second, Report((), "2020-02..2020-03")]) is None
    assert evidence_fault([first, second, Report((spell,), "2020-02..2020-03")]) is None


def test_a_superseded_determination_whose_notice_is_reversed_is_claimed_by_nobody() -> None:
    reverse = Act("correct", kind="reverse")
    assert money_fault([*START, Determine(given=SOME), NOTIFY, Determine(True, given=MORE), reverse, NOTIFY]) is None


def test_a_loan_is_not_repaid_before_it_is_drawn() -> None:
    draw, repay = Act("draw", amount=Amount(500, "limit permille"), wait=40), Act("repay", amount=Amount(100, "limit permille"))
    assert money_fault([*START, draw, replace(repay, back=20)]) is None
    assert money_fault([*START, draw, replace(repay, wait=20), Act("correct", pick=0, kind="date", wait=20)]) is None


@pytest.mark.parametrize(("start", "more"), [(9, "12"), (6, "-32")])
def test_an_amendment_leaves_no_month_between_two_versions_and_ends_none_that_began(start: int, more: str) -> None:
    months = "4" if start == 9 else "36"
    amend = Act("amend", pick=start, changes=(("months more", more),))
    asked = [Ask(pick, off, 0) for pick in range(2) for off in range(-400, 1, 50)]
    assert money_fault([Sign("botkyrka", (("months", months),)), START[1], amend, Act("wait", wait=300), *asked]) is None


def test_suspensions_do_not_overlap() -> None:
    suspend, resume = Act("suspend", pick=3), Act("resume", pick=3)
    again: list[Step] = [Act("suspend", pick=4), Act("resume", pick=1), Act("wait", wait=400), Ask(0), Ask(0, 400)]
    assert money_fault([*START, suspend, resume, *again]) is None


def test_a_corrected_notice_falls_payable_by_the_terms_of_its_new_date() -> None:
    amend = Act("amend", changes=(("settlement.payment_days", "5"), ("settlement.objection_days", "6")))
    steps = [*START, Determine(given=SOME), NOTIFY, replace(amend, pick=2), Act("correct", kind="date", wait=70), Ask(1)]
    assert money_fault(steps) is None


def test_an_acceptance_falls_payable_by_the_terms_of_the_last_that_accepts() -> None:
    """The last to accept is not the last to be recorded."""
    amend = Act("amend", pick=1, changes=(("settlement.payment_days", "5"),))
    both = [Act("accept", pick=-1, kind="payer"), Act("accept", pick=-1, kind="external_provider", back=15)]
    assert money_fault([*START, Determine(given=SOME, wait=15), NOTIFY, amend, replace(both[0], wait=20), both[1]]) is None


def test_a_withdrawn_acceptance_leaves_the_claim_as_the_notice_said() -> None:
    """Also where other days to object and to pay are agreed since."""
    amend = Act("amend", changes=(("settlement.payment_days", "53"), ("settlement.objection_days", "28")))
    steps = [*START, Determine(given=SOME, wait=58), NOTIFY, Act("accept", pick=-1, kind="payer"), replace(amend, pick=0)]
    assert money_fault([*steps, Act("correct", pick=1, kind="reverse"), Ask(1)]) is None


def _of_a_quarter(*rules: dict[str, Any], **trend: Any) -> dict[str, Any]:
    """A methodology that compares October to December 2018 with the year before."""
    return {
        **histories.METHODOLOGY,
        "reference": {"kind": "reference-years@1", "from": "2017-10-01", "to": "2018-09-30"},
        "trend": {**histories.METHODOLOGY["trend"], **trend},
        "price": {"kind": "per-net-day@1", "sek": ({"from": "2018-10-01", "amount": "2140.00"},)},
        "disruption": rules or {"kind": "none@1"},
    }


def _savings_of_a_quarter(*late: Step, heads: int = 10, **trend: Any) -> list[Step]:
    """October to December 2018, compared with the year before; then what is known late, and a redo."""
    methodology = _of_a_quarter(**trend)
    before = [histories.month_text(2017 * 12 + 9 + number) for number in range(12)]
    rows = [(month, "Alby", 10) for month in before] + [(f"2018-{month}", "Alby", heads) for month in (10, 11, 12)]
    sick = Line(1, "Alby", date(2017, 10, 2), date(2017, 10, 6), 100)
    return [
        Sign("botkyrka"),
        Adopt(methodology, "2018-10"),
        Report((sick,), "2017-10..2018-12", on=date(2019, 2, 1)),
        Workforce(tuple(rows)),
        Trend((("2017Q4", "2.00", date(2018, 1, 31), "published"), ("2018Q4", "3.00", date(2019, 1, 31), "published"))),
        Determine(),
        *late,
        Determine(True),
    ]


def test_a_month_in_which_every_workplace_says_0_is_not_missing() -> None:
    assert savings_fault(_savings_of_a_quarter(heads=0)) is None
    assert savings_fault(_savings_of_a_quarter(Workforce((("2018-11", "Alby", 0), ("2018-12", "Alby", 0))))) is None


def test_a_year_earlier_that_is_a_reference_quarter_keeps_its_locked_value() -> None:
    revised = Trend((("2017Q4", "4.00", date(2019, 2, 10), "published"),), on=date(2019, 2, 10))
    assert savings_fault(_savings_of_a_quarter(revised, disrupted="2018-12", quarter_split="previous-year")) is None


def test_a_mean_is_taken_of_a_later_month_of_the_same_determination_under_another_methodology() -> None:
    rule = {"kind": "deem-average@1", "window": "2018-10..2018-11", "of": "2018-12"}
    agreed = [Adopt(_of_a_quarter(rule), "2018-10"), Adopt(_of_a_quarter(), "2018-12")]
    assert savings_fault(_savings_of_a_quarter(*agreed)) is None
    assert savings_fault(_savings_of_a_quarter(*agreed, Report((), "2018-12"))) is None


def test_a_mean_is_taken_of_an_earlier_month_that_is_not_measured_under_another_methodology() -> None:
    nothing = {"kind": "exclude-months@1", "window": "2018-10..2018-11"}
    rule = {"kind": "deem-average@1", "window": "2018-12", "of": "2018-10..2018-11"}
    agreed = [Adopt(_of_a_quarter(nothing), "2018-10"), Adopt(_of_a_quarter(rule), "2018-12")]
    assert savings_fault(_savings_of_a_quarter(*agreed)) is None


def test_a_methodology_is_adopted_before_every_index_of_its_reference_years_is_recorded() -> None:
    """December needs those of two fourth quarters, 2017 and 2018; the Octobers of these years lie in 2018 and 2019."""
    december = {"window": "2018-12"}
    rules = (
        {"kind": "exclude-cause@1", "causes": ("covid",), **december},
        {"kind": "rebase@1", "from": "2017-12-01", "to": "2019-11-30", **december},
    )
    assert savings_fault(_savings_of_a_quarter(Adopt(_of_a_quarter(*rules), "2018-12"))) is None


def test_a_contract_that_an_amendment_ends_before_its_suspension_can_be_closed() -> None:
    determined: list[Step] = [Determine(given=SOME), NOTIFY, Act("suspend"), Act("amend", changes=(("months more", "-33"),))]
    assert money_fault([*START, *determined, Act("close", wait=90)]) is None


def test_a_contract_whose_months_can_no_longer_be_measured_as_agreed_since_can_be_closed() -> None:
    terms = Sign("botkyrka", (("months", "3"), ("settlement.correction_months", "1")))
    determined: list[Step] = [START[1], Determine(given=SOME), NOTIFY]
    agreed_since = Adopt({**histories.METHODOLOGY, "version": 2}, "2018-10")
    assert money_fault([terms, *determined, agreed_since, Act("close", wait=90)]) is None


def test_an_instruction_dated_back_does_not_overpay() -> None:
    """All that is due was paid today. An instruction dated yesterday, when it was still due, orders it again."""
    ledger = memory()
    player = Player(ledger)
    entitled_later: list[Step] = [Determine(given=SOME), NOTIFY]  # not payable yet, and above what is paid
    pay = Act("made", kind="outcome", wait=5)
    for step in _until_due(*entitled_later, pay, Act("instruct", pick=1, kind="outcome", back=1)):
        player.play(step)
    provider = state(ledger.facts(), player.id).provider
    assert (provider.paid > 0, provider.overpaid) == (True, 0)


# Disputes: rules 16 and 18

PAID = Act("made", kind="outcome", amount=Amount(20, "permille"))
LESS = Amount(-50, "permille")


def _of_payment(ore: int, wait: int = 0, by: str = "payer") -> Dispute:
    return Dispute("raise", payment=True, amount=Amount(ore, "permille"), wait=wait, by=by)


def test_a_payment_that_another_disputes_too_is_not_changed_by_the_end_of_one_dispute() -> None:
    two = [_of_payment(5), _of_payment(-5, by="external_provider")]
    assert money_fault([*START, PAID, *two, Dispute("resolve", pick=0, outcome="upheld"), Ask(0), Ask(1)]) is None
    assert money_fault([*START, PAID, *two, Dispute("withdraw", pick=1), Dispute("resolve", pick=0, outcome="upheld")]) is None


def test_what_carries_out_a_resolution_is_not_accepted() -> None:
    upheld = [Dispute("raise", amount=LESS), Dispute("resolve", outcome="upheld")]
    accept = [Act("accept", pick=-1, kind=role) for role in ("payer", "external_provider")]
    assert money_fault([*START, Determine(given=SOME), NOTIFY, *upheld, *accept, Ask(0), Ask(1), Ask(2)]) is None


def test_a_payment_decided_counts_once_as_of_a_day_on_which_it_was_disputed() -> None:
    for end in (
        Dispute("resolve", outcome="upheld", wait=9),
        Dispute("resolve", outcome="settled", amount=Amount(2, "permille"), wait=9),
    ):
        asked = [Ask(pick, off) for pick in range(8) for off in (0, 1)]
        assert money_fault([*_until_due(PAID, _of_payment(5, wait=1), end), *asked]) is None


def test_a_dispute_is_open_until_the_record_that_resolves_it() -> None:
    """The determination that carries it out is recorded an instant earlier, and makes nothing moot."""
    upheld = Dispute("resolve", outcome="upheld", wait=70)
    asked = [Ask(pick, 0, back) for pick in range(8) for back in (0, 1, 2)]
    assert money_fault([*START, Determine(given=SOME), NOTIFY, Dispute("raise", amount=LESS), upheld, *asked]) is None


def test_a_dispute_that_has_ended_bounds_no_instruction() -> None:
    """It was about a determination that lowers what is payable on a later day; another raises it again after that."""
    lower: list[Step] = [Determine(given=(Amount(-20, "permille"),) * 3), NOTIFY]
    higher: list[Step] = [Determine(True, given=(Amount(130, "permille"),) * 3, wait=5), NOTIFY]
    withdrawn: list[Step] = [Dispute("raise", pick=1, amount=LESS), Dispute("withdraw")]
    instructed = []
    for disputes in ([], withdrawn):
        player = Player(memory())
        done = [player.play(step) for step in _until_due(*lower, *disputes, *higher, Act("instruct", kind="outcome"))]
        assert sum(one is None for one in done) == 1  # the wait
        instructed.append(player.folded.payments[-1].amount)
    assert instructed[0] == instructed[1]


def test_a_position_above_what_is_determined_anew_holds_nothing_of_an_earlier_claim() -> None:
    less, between = (Amount(80, "permille"),) * 3, Amount(30, "permille")
    anew: list[Step] = [Determine(True, given=less), Act("notify", pick=-1)]
    asked = [Ask(pick, off) for pick in range(8) for off in (0, 1)]
    assert money_fault([*_until_due(*anew), Dispute("raise", amount=between, by="external_provider"), *asked]) is None


def test_what_the_parties_agree_on_ends_the_others_on_the_day_of_the_agreement() -> None:
    """Not on that of its recording: till then what the agreement takes from the claim would be held once more."""
    two = [Dispute("raise", amount=LESS), Dispute("raise", amount=Amount(-60, "permille"))]
    upheld = Dispute("resolve", pick=0, outcome="upheld", wait=80, back=10)
    asked = [Ask(pick, off, back) for pick in range(8) for off in (0, 1) for back in (0, 1)]
    assert money_fault([*START, Determine(given=SOME), NOTIFY, *two, upheld, *asked]) is None


def test_a_payment_is_objected_to_within_the_time_that_the_terms_gave_when_it_was_made() -> None:
    """An agreement since, for another time, cuts nobody off."""
    shorter = Act("amend", pick=1, changes=(("settlement.objection_days", "3"),))
    paid: list[Step] = [Determine(given=SOME), Act("wait", wait=10), PAID, shorter]
    assert money_fault([*START, *paid, _of_payment(5, wait=25)]) is None


def test_a_position_on_earlier_facts_is_computed_by_the_methodology_of_the_determination() -> None:
    """Also where another was agreed when these facts were recorded."""
    without_measuring = Adopt(_of_a_quarter({"kind": "exclude-months@1", "window": "2018-10..2018-12"}), "2018-10")
    redone: list[Step] = [without_measuring, Determine(True), NOTIFY]
    for facts in ("then", "now", "600"):
        assert savings_fault([*_savings_of_a_quarter()[:-1], *redone, Dispute("raise", facts=facts)]) is None


def test_a_mean_on_the_facts_of_then_is_taken_of_what_stood_then() -> None:
    """Not of what was determined anew since, on facts that nobody knew."""
    index = [(f"{year}Q{number}", f"{index}.00", date(2019, 4, 1), "published") for year, number, index in TWO_YEARS]
    months = [(histories.month_text(2017 * 12 + 9 + number), "Alby", 10) for number in range(18)]
    sick = [
        Line(1, "Alby", date(2017, 12, 4), date(2017, 12, 8), 100),
        Line(2, "Alby", date(2018, 12, 3), date(2018, 12, 4), 100),
    ]
    told: list[Step] = [
        Report((sick[0],), "2017-10..2019-03", on=date(2019, 4, 2)),
        Workforce(tuple(months)),
        Trend(tuple(index)),
    ]
    plain, mean = _of_a_quarter(), _of_a_quarter({"kind": "deem-average@1", "window": "2019-01..2019-03", "of": "2018-12"})
    determined: list[Step] = [*told, Determine(), Determine(), Act("notify", pick=1)]
    since: list[Step] = [Report((sick[1],), period="2018-12"), Determine(True)]
    disputed = [Dispute("raise", pick=1, methodology=mean, facts=facts) for facts in ("then", "now")]
    assert savings_fault([Sign("botkyrka"), Adopt(plain, "2018-10"), *determined, *since, *disputed]) is None


TWO_YEARS = ((2017, 4, 2), (2018, 1, 2), (2018, 4, 3), (2019, 1, 3))
"""Year, quarter, index."""


def test_what_was_settled_is_not_determined_anew_whoever_objects_again() -> None:
    settled = [Dispute("raise", amount=LESS), Dispute("resolve", outcome="settled", amount=Amount(0, "same"))]
    again: list[Step] = [Determine(True, given=MORE), Dispute("raise", amount=LESS, wait=1), Determine(True, given=MORE)]
    assert money_fault([*START, Determine(given=SOME), NOTIFY, *settled, *again]) is None
    still_open = Dispute("raise", amount=LESS, by="external_provider")
    assert money_fault([*START, Determine(given=SOME), NOTIFY, still_open, *settled, Determine(True, given=MORE)]) is None


def test_resolved_months_are_averaged_and_never_determined_anew() -> None:
    upheld = [Dispute("raise", amount=LESS), Dispute("resolve", outcome="upheld")]
    rule = {"kind": "deem-average@1", "window": "2019-01..2019-03", "of": "2018-11..2018-12"}
    steps = [*_savings_of_a_quarter()[:-1], NOTIFY, *upheld, Adopt(_of_a_quarter(rule), "2019-01"), Determine(), Determine(True)]
    ledger = memory()
    player = Player(ledger)
    done = [player.play(step) is not None for step in steps]
    assert done[-5:] == [True, True, True, True, False]
    assert savings_fault(steps) is None
    decided, averaged = (player.folded.determination(number).months for number in (2, 3))
    assert [line.savings_ore for line in averaged] == [
        oracle.rounded(Fraction(sum(line.savings_ore for line in decided[1:]), 2))
    ] * 3
