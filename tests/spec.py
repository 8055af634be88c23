"""Given what is on record, when someone commands, then this is recorded or refused: the contract's rules as sentences.

::

    given(signed(), determined(1, months("2018Q4", "1 000 000"), claim="184 000"))
        .when(notify(1, on="2019-02-20"), by="performance_manager", today="2019-02-20")
        .then(notified(1, on="2019-02-20", objection_until="2019-03-22", claim="184 000", payable_on="2019-04-22"))

Amounts are kronor, days and months are text. Every row is decided twice, and must come out the same; every record that it
brings about must decode from its own bytes, and its postings must sum to zero in each kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from ledger import commands, decisions
from ledger import contract as c
from ledger import events as e
from ledger.canonical import canonical
from ledger.commands import Decided
from ledger.contract import ContractState
from ledger.disruption import Agreed, DeemAverage
from ledger.errors import Refused
from ledger.facts import OPENED, Facts, contract_stream
from ledger.methodology import Methodology, read_methodology
from ledger.money import parse_kronor, shown
from ledger.periods import Month, Period, instant_text
from ledger.record import Recorded, decode
from ledger.terms import ContractTerms, read_terms
from projections.postings import postings
from projections.state import State, state

FIXTURES = Path(__file__).parents[1] / "fixtures"

MANAGER, PAYER, PROVIDER, HR = "performance_manager", "payer", "external_provider", "internal_provider"
BOTH = (PAYER, PROVIDER)
"""Whose agreement both contracts need."""


def terms_of(name: str) -> ContractTerms:
    """The terms of a contract that comes with the product."""
    return read_terms((FIXTURES / "contracts" / f"{name}.toml").read_bytes(), f"{name}.toml")


BOTKYRKA, ORNSKOLDSVIK = terms_of("botkyrka"), terms_of("ornskoldsvik")
CONTRACT_2018 = read_methodology((FIXTURES / "methodologies" / "contract-2018.toml").read_bytes(), "contract-2018.toml")


def changed(terms: ContractTerms, **changes: Any) -> ContractTerms:
    """The terms with other values: ``changed(BOTKYRKA, outcome__ceiling="1.4", months=48)``."""
    values = terms.model_dump(mode="json")
    for key, value in changes.items():
        *tables, last = key.split("__")
        table = values
        for name in tables:
            table = table[name]
        table[last] = value
    return ContractTerms.model_validate_json(canonical(values))


def clause(terms: ContractTerms, key: str, place: str) -> ContractTerms:
    """The terms, saying where in the contract a key stands."""
    return changed(terms, clauses={**terms.clauses, key: place})


def methodology(**changes: Any) -> Methodology:
    """The methodology that comes with the product, under another name or version."""
    values = CONTRACT_2018.model_dump(mode="json", by_alias=True)
    return Methodology.model_validate_json(canonical({**values, **changes}))


def day(text: str) -> date:
    """A date as rows write it."""
    return date.fromisoformat(text)


def ore(kronor: str) -> int:
    """Öre of an amount as rows write it, ``−184 000.00`` included."""
    negative = kronor.startswith(("-", "−"))
    return parse_kronor(kronor.lstrip("-−")) * (-1 if negative else 1)


def noon(text: str) -> datetime:
    """About noon of that day in Stockholm, in UTC: when rows are recorded."""
    return datetime.combine(day(text), datetime.min.time(), UTC) + timedelta(hours=11)


# ── What is on record ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Happened:
    """An event, the date it is about, and when it was recorded. ``event`` may need the state that it comes upon."""

    effective_on: date
    event: e.Event | Callable[[ContractState], e.Event]
    recorded_on: str
    by: str = MANAGER

    def upon(self, before: ContractState) -> e.Event:
        """The event, coming upon that state."""
        return self.event if isinstance(self.event, e.Event) else self.event(before)


def signed(terms: ContractTerms = BOTKYRKA, on: str | None = None) -> Happened:
    """The parties signed the terms."""
    when = on or terms.starts_on.isoformat()
    return Happened(day(when), e.ContractSigned(terms=terms, signed_on=day(when)), when)


def amended(terms: ContractTerms, from_: str, recorded: str, reason: str = "agreed anew") -> Happened:
    """The parties agreed on new terms."""
    event = e.ContractAmended(terms=terms, from_month=Month.parse(from_), agreed_by=BOTH, reason=reason)
    return Happened(Month.parse(from_).first_day, event, recorded)


def adopted(
    method: Methodology = CONTRACT_2018,
    from_: str = "2018-10-01",
    recorded: str = "2018-10-01",
    proposal: int | None = None,
    accepts: tuple[e.AcceptedFinding, ...] | None = None,
    beside: str | None = None,
) -> Happened:
    """The parties agreed on how savings are measured, and in which months the methodology before is measured beside it."""
    event = e.MethodologyAdopted(
        methodology=method,
        sha256=method.sha256,
        from_on=day(from_),
        agreed_by=BOTH,
        proposal=proposal,
        accepts=accepts,
        beside=None if beside is None else Period.parse(beside),
    )
    return Happened(day(from_), event, recorded)


def proposed(
    number: int, method: Methodology, from_: str, recorded: str, by: str = PROVIDER, reason: str = "the pandemic swamps it"
) -> Happened:
    """A party proposed how savings are to be measured."""
    event = e.MethodologyProposed(
        number=number, methodology=method, sha256=method.sha256, from_on=day(from_), by=by, reason=reason
    )
    return Happened(day(recorded), event, recorded)


def rejected(number: int, recorded: str, by: str = PAYER, reason: str = "it counts the days of one side alone") -> Happened:
    """A party refused a proposal."""
    return Happened(day(recorded), e.MethodologyRejected(proposal=number, by=by, reason=reason), recorded)


def finding(
    name: str = "symmetry", what: str = "days are left out of one side alone", size: str | None = None
) -> e.AcceptedFinding:
    """Something that the parties must know of when they adopt a methodology; its size in kronor."""
    return e.AcceptedFinding(name=name, what=what, size_ore=None if size is None else ore(size))


def closed(on: str) -> Happened:
    """The contract was closed."""
    return Happened(day(on), e.ContractClosed(on=day(on)), on)


def suspended(from_: str, recorded: str, reason: str = "the pandemic") -> Happened:
    """The parties agreed to suspend follow-up."""
    event = e.FollowUpSuspended(from_month=Month.parse(from_), agreed_by=BOTH, reason=reason)
    return Happened(Month.parse(from_).first_day, event, recorded)


def resumed(from_: str, recorded: str, reason: str = "agreed how to go on") -> Happened:
    """The parties agreed to resume follow-up."""
    event = e.FollowUpResumed(from_month=Month.parse(from_), agreed_by=BOTH, reason=reason)
    return Happened(Month.parse(from_).first_day, event, recorded)


Savings = Mapping[Month, int]


def months(period: str, *kronor: str) -> Savings:
    """Savings of a period, an amount a month; months without one saved nothing."""
    amounts = [ore(text) for text in kronor]
    return {month: amounts[place] if place < len(amounts) else 0 for place, month in enumerate(Period.parse(period))}


def measured(savings: Savings, by: Methodology = CONTRACT_2018) -> tuple[e.AnyMonth, ...]:
    """The months as a determination says them: agreed where the methodology says so; else 3 000 net days, and as many more
    expected as the savings are worth."""
    return tuple(
        _counted(month, amount, by) if (rule := by.agreed(month)) is None else _agreed(month, amount, by, rule)
        for month, amount in savings.items()
    )


def _agreed(month: Month, amount: int, by: Methodology, rule: Agreed) -> e.MonthAgreed:
    of = rule.of if isinstance(rule, DeemAverage) else None
    return e.MonthAgreed(
        month=month, kind=rule.kind, of=of, savings_ore=amount, terms_sha256="1" * 64, methodology_sha256=by.sha256
    )


def _counted(month: Month, amount: int, by: Methodology) -> e.MonthDetermined:
    trend = e.TrendUsed(
        quarter=month.quarter, value="2.38", published_on=day("2019-03-08"), status="published", factor=Fraction(238, 233)
    )
    return e.MonthDetermined(
        month=month,
        employees=6120,
        weekdays=month.weekdays,
        reference_rate=Fraction(105, 4444),
        trend=trend,
        expected_days=3000 + Fraction(amount, 214000),
        actual_hundredths=300000,
        price_ore=214000,
        savings_ore=amount,
        terms_sha256="1" * 64,
        methodology_sha256=by.sha256,
    )


BASIS = e.Basis(position=1, root="0" * 64)
SOURCE = "soc-ledger, by hand"


def entitlements(terms_in: Callable[[Month], ContractTerms], savings: Savings) -> dict[Month, int]:
    """The entitlement at each month's end, worked out here in whole numbers (rule 10)."""
    ends, total = {}, 0
    for month in sorted(savings):
        total += savings[month]
        terms = terms_in(month)
        share, ceiling = terms.outcome.provider_share, terms.outcome.ceiling * terms.investment.total
        exact = share * min(max(Fraction(total), Fraction(0)), ceiling)
        half_up = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
        ends[month] = min(terms.outcome.maximum_payment, half_up)
    return ends


def _moves(ends: Mapping[Month, int]) -> dict[Month, int]:
    ordered = sorted(ends)
    return {month: ends[month] - (ends[ordered[place - 1]] if place else 0) for place, month in enumerate(ordered)}


def settled(
    savings: Savings, dispute: int, terms_of: Callable[[Month], ContractTerms], by: Methodology
) -> tuple[e.AnyMonth, ...]:
    """The months as the resolution of a dispute says them."""
    return tuple(
        e.MonthAgreed(
            month=month,
            kind="resolved",
            dispute=dispute,
            savings_ore=amount,
            terms_sha256=terms_of(month).sha256,
            methodology_sha256=by.sha256,
        )
        for month, amount in savings.items()
    )


def determined(
    number: int,
    savings: Savings,
    claim: str,
    recorded: str | None = None,
    supersedes: Sequence[int] = (),
    reason: str | None = None,
    by: Methodology = CONTRACT_2018,
    resolves: int | None = None,
) -> Happened:
    """Savings were determined, measured or as the resolution of a dispute says; the notice will claim ``claim``. Recorded two
    months after the period unless a day is named."""

    def upon(before: ContractState) -> e.Event:
        old = _moves(entitlements(before.terms_of, before.savings))
        new = _moves(entitlements(before.terms_of, {**before.savings, **savings}))
        moved = {month: new.get(month, 0) - old.get(month, 0) for month in sorted({*old, *new})}
        differs = {month: amount - before.savings.get(month, 0) for month, amount in savings.items()}
        return e.SavingsDetermined(
            number=number,
            months=measured(savings, by) if resolves is None else settled(savings, resolves, before.terms_of, by),
            supersedes=tuple(supersedes),
            reason=reason if resolves is None else f"resolution of X{resolves}",
            preliminary=False,
            basis=BASIS,
            computed_by=SOURCE,
            savings=tuple(e.MonthAmount(month=month, amount_ore=amount) for month, amount in differs.items() if amount),
            entitlement=tuple(e.MonthAmount(month=month, amount_ore=amount) for month, amount in moved.items() if amount),
            claim_ore=ore(claim),
        )

    last = max(savings)
    return Happened(last.last_day, upon, recorded or (last + 2).first_day.isoformat())


def claim_of(amount: str, payable_on: str) -> e.Claim:
    """An amount that falls payable on a day."""
    return e.Claim(amount_ore=ore(amount), payable_on=day(payable_on))


def notified(number: int, on: str, objection_until: str, claim: str, payable_on: str) -> Happened:
    """The parties were notified of a determination."""
    event = e.SavingsNotified(
        determination=number, on=day(on), objection_until=day(objection_until), claim=claim_of(claim, payable_on)
    )
    return Happened(day(on), event, on)


def accepted(number: int, role: str, on: str, was: e.Claim | None = None, becomes: e.Claim | None = None) -> Happened:
    """A party accepted; the last that must agree moves the claim."""
    event = e.DeterminationAccepted(determination=number, role=role, on=day(on), was=was, becomes=becomes)
    return Happened(day(on), event, on)


def instructed(number: int, kind: e.PaymentKind, amount: str, on: str, invoice: str = "F-1") -> Happened:
    """A payment was instructed."""
    event = e.PaymentInstructed(number=number, kind=kind, amount_ore=ore(amount), on=day(on), invoice=invoice)
    return Happened(day(on), event, on, PAYER)


def paid(
    number: int,
    kind: e.PaymentKind,
    amount: str,
    on: str,
    invoice: str = "F-1",
    carries_out: tuple[int, str, str] | None = None,
) -> Happened:
    """Money moved. ``carries_out``: number and amount of an instruction, and from when it no longer stands."""
    settles = None
    if carries_out is not None:
        instruction, ordered, until = carries_out
        settles = e.Settled(number=instruction, amount_ore=ore(ordered), on=day(until))
    event = e.PaymentMade(
        number=number, kind=kind, amount_ore=ore(amount), on=day(on), invoice=invoice, bank_reference="BG 1", settles=settles
    )
    return Happened(day(on), event, on, PAYER)


def drawn(number: int, amount: str, on: str, purpose: Any = "internal") -> Happened:
    """The HR department drew on its loan."""
    return Happened(day(on), e.LoanDrawn(number=number, amount_ore=ore(amount), on=day(on), purpose=purpose), on, HR)


def repaid(number: int, amount: str, on: str) -> Happened:
    """The HR department repaid part of its loan."""
    return Happened(day(on), e.LoanRepaid(number=number, amount_ore=ore(amount), on=day(on)), on, HR)


def corrected(
    corrects: int,
    entry: Any,
    number: int,
    was: tuple[str, str],
    becomes: tuple[str, str] | None = None,
    effective: str | None = None,
    role: str | None = None,
    reason: str = "recorded in error",
) -> Happened:
    """A record was reversed, or replaced by another amount or day."""

    def said(amount: str, on: str) -> e.Entry:
        return e.Entry(amount_ore=ore(amount), on=day(on))

    event = e.EntryCorrected(
        corrects=corrects,
        entry=entry,
        number=number,
        was=said(*was),
        becomes=None if becomes is None else said(*becomes),
        role=role,
        reason=reason,
    )
    about = effective or (was if becomes is None else becomes)[1]
    return Happened(day(about), event, about)


Says = Savings | str
"""What someone holds to be right: savings by month, or the amount of a payment."""

GROUNDS, ANSWER = "the days are counted twice", "each day is counted once"


def position(says: Says) -> e.Position:
    """The same as records say it."""
    if isinstance(says, str):
        return e.Position(amount_ore=ore(says))
    return e.Position(savings=tuple(e.MonthAmount(month=month, amount_ore=amount) for month, amount in says.items()))


def _against(name: str) -> dict[str, int]:
    return {"determination" if name[0] == "D" else "payment": int(name[1:])}


def disputed(
    number: int,
    against: str,
    was: str,
    says: Says,
    on: str,
    by: str = PAYER,
    kind: e.PaymentKind | None = None,
    recorded: str | None = None,
) -> Happened:
    """A party objected to D1 or P1, which says ``was``: the savings of its months, or the amount of a payment of a ``kind``."""
    event = e.DisputeRaised(
        number=number,
        **_against(against),
        payment_kind=kind,
        by=by,
        on=day(on),
        was_ore=ore(was),
        position=position(says),
        grounds=GROUNDS,
    )
    return Happened(day(on), event, recorded or on)


def answered(number: int, by: str, on: str, says: Says | None = None) -> Happened:
    """Another party answered a dispute, perhaps with a position of its own."""
    said = None if says is None else position(says)
    return Happened(day(on), e.DisputeAnswered(dispute=number, by=by, on=day(on), answer=ANSWER, position=said), on)


def withdrawn(number: int, on: str) -> Happened:
    """The party that raised a dispute withdrew it."""
    return Happened(day(on), e.DisputeWithdrawn(dispute=number, on=day(on), reason="found to be right"), on)


def resolved(
    number: int,
    outcome: e.Outcome,
    on: str,
    says: Says | None = None,
    carried_out_by: int | None = None,
    claim: e.Claim | None = None,
    decided_by: str | None = None,
) -> Happened:
    """A dispute ended, by the parties unless a third person decided it. ``says``: what stands; ``carried_out_by``: the number of
    the determination that was recorded with it, and what it claims."""
    event = e.DisputeResolved(
        dispute=number,
        on=day(on),
        outcome=outcome,
        agreed_by=BOTH if decided_by is None else (),
        decided_by=decided_by,
        reason="meeting of the steering group",
        position=None if says is None else position(says),
        determination=carried_out_by,
        claim=claim,
    )
    return Happened(day(on), event, on)


# ── What someone commands ────────────────────────────────────────────────────────────────────────────────────────────

Commanded = commands.Command | Callable[["Given"], commands.Command]


def sign(terms: ContractTerms = BOTKYRKA, on: str = "2018-09-26") -> commands.Command:
    """Record that the parties signed."""
    return commands.SignContract(terms, day(on))


def amend(terms: ContractTerms, from_: str, agreed_by: tuple[str, ...] = BOTH) -> commands.Command:
    """Record new terms from a month on."""
    return commands.AmendTerms(terms, Month.parse(from_), agreed_by, "agreed anew")


def adopt(
    method: Methodology = CONTRACT_2018,
    from_: str = "2018-10-01",
    agreed_by: tuple[str, ...] = BOTH,
    findings: tuple[e.AcceptedFinding, ...] = (),
    accepted: tuple[str, ...] = (),
    beside: str | None = None,
) -> commands.Command:
    """Record that a methodology was agreed on, knowing of the findings accepted, and measured beside the one before."""
    period = None if beside is None else Period.parse(beside)
    return commands.AdoptMethodology(method, day(from_), agreed_by, findings, accepted, period)


def propose(method: Methodology, from_: str, by: str = PROVIDER, reason: str = "the pandemic swamps it") -> commands.Command:
    """Record that a party proposes a methodology."""
    return commands.ProposeMethodology(method, day(from_), by, reason)


def reject(number: int, by: str = PAYER, reason: str = "it counts the days of one side alone") -> commands.Command:
    """Record that a party refuses a proposal."""
    return commands.RejectMethodology(number, by, reason)


def close(on: str) -> commands.Command:
    """Record that the contract is closed."""
    return commands.CloseContract(day(on))


def suspend(from_: str, agreed_by: tuple[str, ...] = BOTH) -> commands.Command:
    """Record that follow-up is suspended by agreement."""
    return commands.SuspendFollowUp(Month.parse(from_), agreed_by, "the pandemic")


def resume(from_: str, agreed_by: tuple[str, ...] = BOTH) -> commands.Command:
    """Record that follow-up goes on by agreement."""
    return commands.ResumeFollowUp(Month.parse(from_), agreed_by, "agreed how to go on")


def determine(savings: Savings, redo: str | None = None, by: Methodology = CONTRACT_2018) -> commands.Command:
    """Record savings, or record them anew for a reason."""
    return commands.RecordDetermination(measured(savings, by), False, BASIS, SOURCE, redo)


def notify(number: int, on: str) -> commands.Command:
    """Record that the parties were notified."""
    return commands.NotifyDetermination(number, day(on))


def accept(number: int, role: str, on: str) -> commands.Command:
    """Record that a party accepted."""
    return commands.AcceptDetermination(number, role, day(on))


def instruct(kind: e.PaymentKind, amount: str | None, on: str, invoice: str = "F-1") -> commands.Command:
    """Instruct a payment; no amount: what is due."""
    return commands.Pay(kind, None if amount is None else ore(amount), day(on), invoice)


def pay(kind: e.PaymentKind, amount: str | None, on: str, invoice: str = "F-1") -> commands.Command:
    """Record a payment that has been made; no amount: as instructed, or what is due."""
    return commands.Pay(kind, None if amount is None else ore(amount), day(on), invoice, made=True, bank_reference="BG 1")


def draw(amount: str, on: str, purpose: Any = "internal") -> commands.Command:
    """Record a draw on the loan."""
    return commands.DrawLoan(ore(amount), day(on), purpose)


def repay(amount: str, on: str) -> commands.Command:
    """Record a repayment of the loan."""
    return commands.RepayLoan(ore(amount), day(on))


def correct(name: str, amount: str | None = None, on: str | None = None) -> Commanded:
    """Correct what users call P1 (a payment or instruction), L1 (a movement of the loan) or N1 (the notice of D1)."""

    def command(record: Given) -> commands.Command:
        return commands.CorrectEntry(
            record.position(name), "recorded in error", None if amount is None else ore(amount), None if on is None else day(on)
        )

    return command


def withdraw(number: int, role: str, on: str | None = None) -> Commanded:
    """Correct a party's acceptance of a determination, which was recorded in error."""

    def command(record: Given) -> commands.Command:
        notice = record.folded.determination(number).notice
        assert notice is not None, f"D{number} was not notified"
        position = next(position for position, accepting in notice.acceptances.items() if accepting == role)
        return commands.CorrectEntry(position, "recorded in error", None, None if on is None else day(on))

    return command


def raise_dispute(against: str, says: Says, on: str, by: str = PAYER, documented: bool = True) -> commands.Command:
    """Record that a party objects to D1 or P1, and what it holds to be right, with its letter."""
    return commands.RaiseDispute(by, day(on), GROUNDS, position(says), **_against(against), documented=documented)


def answer_dispute(number: int, by: str, on: str, says: Says | None = None) -> commands.Command:
    """Record what another party answers."""
    return commands.AnswerDispute(number, by, day(on), ANSWER, None if says is None else position(says))


def withdraw_dispute(number: int, on: str, documented: bool = True) -> commands.Command:
    """Record that a dispute is withdrawn, with the letter that says so."""
    return commands.WithdrawDispute(number, day(on), "found to be right", documented)


def resolve_dispute(
    number: int,
    outcome: e.Outcome,
    on: str,
    says: Says | None = None,
    agreed_by: tuple[str, ...] = BOTH,
    decided_by: str | None = None,
    documented: bool = True,
) -> commands.ResolveDispute:
    """Record how a dispute ended: by the parties, or by a third person, with the decision."""
    return commands.ResolveDispute(
        number,
        day(on),
        outcome,
        "meeting of the steering group",
        BASIS,
        SOURCE,
        agreed_by if decided_by is None else (),
        decided_by,
        None if says is None else position(says),
        documented,
    )


# ── Given, when, then ────────────────────────────────────────────────────────────────────────────────────────────────


def given(*happened: Happened) -> Given:
    """What is on record when someone commands."""
    record = Given(())
    for one in happened:
        record = record.with_(one)
    return record


@dataclass(frozen=True)
class Given:
    """A contract's record so far."""

    records: tuple[Recorded[Any], ...]

    @property
    def folded(self) -> ContractState:
        """What the decider remembers."""
        return c.fold(self.records)

    @property
    def id(self) -> str:
        """The contract's id."""
        return str(self.records[0].data.terms.id)

    def with_(self, *happened: Happened) -> Given:
        """The record, and this too."""
        record = self
        for one in happened:
            record = record.append(one.effective_on, one.upon(record.folded), one.recorded_on, one.by)
        return record

    def append(self, effective_on: date, event: e.Event, recorded_on: str, by: str) -> Given:
        """The record with one more, recorded at noon of that day or just after the last."""
        at = noon(recorded_on)
        name = event.terms.id if isinstance(event, e.ContractSigned) else self.id
        if self.records:
            at = max(at, self.records[-1].recorded_at + timedelta(seconds=1))
        record: Recorded[Any] = Recorded(
            position=len(self.records) + 2,  # the ledger's opening is record 1
            stream=contract_stream(name),
            version=len(self.records) + 1,
            type=event.TYPE,
            recorded_at=at,
            effective_on=effective_on,
            recorded_by=e.Actor(name="A. Ek", role=by),
            submission="3" * 64,
            data=event,
        )
        return Given((*self.records, record))

    def position(self, name: str) -> int:
        """The record that users call P1, L1 or N1."""
        folded, number = self.folded, int(name[1:])
        if name[0] == "N":
            notice = folded.determination(number).notice
            assert notice is not None, f"{name} was not notified"
            return notice.position
        entries = folded.payments if name[0] == "P" else folded.loans
        return next(one.position for one in entries if one.number == number)

    def when(self, command: Commanded, *, by: str, today: str) -> Outcome:
        """Someone commands."""
        command = command(self) if callable(command) else command
        context = commands.Context(e.Actor(name="A. Ek", role=by), day(today))
        folded = self.folded
        outcomes: list[Any] = []
        for _ in range(2):
            try:
                outcomes.append(decisions.decide(command, folded, context))
            except Refused as refused:
                outcomes.append(refused)
        first, second = outcomes
        assert str(first) == str(second), "a decision must depend on nothing but command, state and context"
        assert folded == self.folded, "a decision must leave the state alone"
        return Outcome(self, first, today, by)

    def facts(self) -> Facts:
        """The record as projections read it."""
        return Facts(_Shelf(self.records), len(self.records) + 1, self.records[-1].recorded_at)

    def state(self, as_of: str) -> State:
        """What the contract's state says as of a day."""
        return state(self.facts(), self.id, day(as_of))

    def stands(self, on: str, *, payable: str, held: str = "0", due: str, above: str = "0") -> Given:
        """What the provider is owed on a day: as the state says it, and as the decider sees it. The record itself."""
        provider, folded, then = self.state(on).provider, self.folded, day(on)
        said = (provider.payable, provider.held, provider.due, provider.claimed_above)
        found = "on {}: payable {}, held {}, due {}, claimed above {}".format(on, *map(shown, said))
        assert said == tuple(map(ore, (payable, held, due, above))), found
        assert (folded.payable(then), folded.held(then), folded.disputed(then).above) == (said[0], said[1], said[3])
        assert max(0, folded.balance(then) - folded.held(then)) == provider.due
        return self


@dataclass(frozen=True)
class Outcome:
    """What came of a command."""

    before: Given
    result: tuple[Decided, ...] | Refused
    today: str
    by: str

    def then(self, *expected: Happened) -> Given:
        """Exactly this is recorded. The record with it, to go on from."""
        after = self.recorded()
        was = self.before
        assert not isinstance(self.result, Refused)
        for one, decided in zip(expected, self.result, strict=True):
            event = one.upon(was.folded)
            assert decided.event == event, f"decided {decided.event!r}\nexpected {event!r}"
            assert decided.effective_on == one.effective_on, f"about {decided.effective_on}, not {one.effective_on}"
            was = was.append(one.effective_on, event, self.today, self.by)
        return after

    def recorded(self) -> Given:
        """The record with whatever was decided; it must not be refused."""
        assert not isinstance(self.result, Refused), f"refused: {self.result}"
        after = self.before
        for decided in self.result:
            after = after.append(decided.effective_on, decided.event, self.today, self.by)
            _sound(after.records[-1])
        return after

    def then_refused(self, text: str, *, clause: str | None = None) -> Given:
        """It is refused, with these words and the clause that stands against it. The record as it was."""
        assert isinstance(self.result, Refused), f"not refused: {self.result}"
        assert text in _plain(str(self.result)), f"refused otherwise: {_plain(str(self.result))}"
        assert clause in (None, self.result.where), f"refused by {self.result.where}, not {clause}"
        return self.before

    def then_nothing(self) -> Given:
        """Nothing is recorded, whatever is said. The record as it was."""
        assert isinstance(self.result, Refused) or not self.result, f"recorded: {self.result}"
        return self.before


def _plain(text: str) -> str:
    return text.replace("\u2009", " ")


def _sound(record: Recorded[Any]) -> None:
    """What holds for every record: it decodes from its bytes, and each kind of its postings sums to zero."""
    assert decode(record.type, record.body()).body() == record.body(), f"{record.type} does not read back as it was written"
    sums: dict[str, int] = {}
    for one in postings(record):
        sums[one.kind] = sums.get(one.kind, 0) + one.amount
    assert not any(sums.values()), f"{record.type} does not balance: {sums}"


class _Shelf:
    """A contract's records, and how the ledger was opened, as facts are read."""

    def __init__(self, records: tuple[Recorded[Any], ...]) -> None:
        first = records[0]
        opening = e.LedgerOpened(simulated=True, seed="spec")
        opened = replace_record(first, position=1, stream=OPENED, version=1, type=opening.TYPE, data=opening)
        self._streams = {OPENED: (opened,), first.stream: records}
        self._at = {record.position: record.recorded_at for record in (opened, *records)}

    def stream(self, name: str) -> Sequence[Recorded[Any]]:
        return self._streams.get(name, ())

    def stored_lines(self, stream: str) -> Mapping[int, bytes]:
        raise AssertionError(f"{stream} has no lines")

    def contracts(self) -> Sequence[str]:
        return [name.removeprefix("contract/") for name in self._streams if name != OPENED]

    def named(self, kind: str) -> Sequence[str]:
        return sorted(name.removeprefix(f"{kind}/") for name in self._streams if name.startswith(f"{kind}/"))

    def root(self, position: int) -> bytes:
        return bytes(32)

    def recorded_at(self, position: int) -> datetime:
        return self._at[position]


def replace_record(record: Recorded[Any], **changes: Any) -> Recorded[Any]:
    """A record that differs in some of what its envelope or its event says."""
    return Recorded(**{**{name: getattr(record, name) for name in Recorded.model_fields}, **changes})


def at(record: Given, position: int) -> Facts:
    """The facts as they were known at an earlier record."""
    facts = record.facts()
    return replace(facts, position=position, known_at=facts.source.recorded_at(position))


def instants(record: Given) -> list[str]:
    """When each record was recorded, as text."""
    return [instant_text(one.recorded_at) for one in record.records]
