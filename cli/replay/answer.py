"""What ``soc replay`` answers with: the outcomes by label, and beside each methodology what a negotiator must know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from cli.replay.differences import Compared, compared
from cli.replay.methods import RECORDED
from cli.replay.sweep import Grid, measured
from ledger import waterfall
from ledger.errors import Refused
from ledger.events import AnyMonth, MonthAgreed
from ledger.facts import Facts
from ledger.methodology import Methodology
from ledger.periods import Month
from ledger.terms import ContractTerms
from projections.audience import NARROWEST, Audience, is_employer
from projections.findings_beside import Procurement, Symmetry, procurement, symmetry
from projections.proposals import is_preliminary
from projections.replays.numbers import check
from projections.replays.replay import Lines, Outcome, Replay, Replayer, outcome
from projections.replays.withheld import Workplaces as Few
from projections.replays.withheld import size_rests_on_few
from projections.replays.withheld import workplaces as few_workplaces
from projections.replays.workplaces import Workplace, by_workplace, in_all, without
from projections.statements.people import FEW, Behind
from projections.sweep import Sweep
from projections.sweep import grid as variants


@dataclass(frozen=True)
class Asked:
    """What is to be told beside the figures; ``against``: the facts as known at an earlier moment."""

    differences: bool = False
    against: Facts | None = None
    workplaces: bool = False
    sweeps: Sequence[Sweep] = ()
    audience: Audience = NARROWEST


@dataclass(frozen=True)
class Found:
    """A finding beside a methodology; ``few``: its size rests on fewer than five absent persons, and is withheld."""

    symmetry: Symmetry
    few: bool

    @property
    def what(self) -> str:
        """In words."""
        return f"{replace(self.symmetry, size=None).what} (its size is {FEW})" if self.few else self.symmetry.what


Kind = Literal["measured", "deemed", "excluded"]
KINDS: tuple[Kind, ...] = ("measured", "deemed", "excluded")


@dataclass(frozen=True)
class Side:
    """One column of the answer: what stands on record, or a methodology and what is found beside it. ``unmeasured``: why its
    change of remuneration cannot be told. ``in_all``: the workplaces together."""

    label: str
    outcome: Outcome
    findings: Sequence[Found] = ()
    procurement: Procurement | None = None
    unmeasured: str | None = None
    workplaces: Sequence[Workplace] | None = None
    in_all: Workplace | None = None

    @property
    def methodology(self) -> Methodology:
        """The methodology replayed."""
        assert self.outcome.methodology is not None, "what stands on record has several"
        return self.outcome.methodology

    @property
    def lines(self) -> Lines:
        """Every month that counts, also those that stand as determined."""
        return counted(self.outcome)

    @property
    def kinds(self) -> Counter[Kind]:
        """How many months are measured, deemed and excluded."""
        return Counter(map(kind, self.lines.values()))

    @property
    def steps(self) -> dict[Month, int]:
        """How the provider's entitlement moves at each month's end, in öre."""
        moves = waterfall.increments(self.outcome.folded.path)
        return {month: moves[month] for month in self.lines}

    @property
    def preliminary(self) -> bool:
        """Whether a month rests on an index value that is not published."""
        return any(map(is_preliminary, self.lines.values()))


@dataclass(frozen=True)
class Answer:
    """All that was asked for; ``differences`` and ``grid`` only where they were. ``behind``: who is behind the days, None where
    it is for the employer, who knows."""

    replay: Replay
    recorded: Side
    sides: Sequence[Side]
    differences: Sequence[Compared] | None
    grid: Grid | None
    behind: Behind | None = None

    @property
    def terms(self) -> ContractTerms:
        """The terms in force as of the date."""
        return self.replay.replayer.folded.terms_on(self.replay.when.as_of)

    @property
    def began_with(self) -> str:
        """The methodology that the contract began with, by name."""
        return next(iter(self.replay.replayer.folded.every_methodology.values())).name

    @property
    def stopped(self) -> dict[str, tuple[str, ...]]:
        """Why months are not replayed, by label."""
        found = self.replay.stopped
        return {one.label: found[one.methodology.sha256] for one in self.sides if one.methodology.sha256 in found}


def answer(one: Replay, labels: Mapping[str, Methodology], asked: Asked) -> Answer:
    """What was asked of a replay of the methodologies, by their labels. Raises Refused where no month is replayed, and for day
    numbers that only the employer may see."""
    if not one.months:
        terms = one.replayer.folded.signed
        raise Refused(f"no month of {one.contract} ended by {one.when.as_of}: its first is {terms.first_month}")
    behind = None if is_employer(asked.audience) else Behind(one.replayer.measured)
    if behind is not None:
        _check(one, behind, labels, asked)
    differences = compared(one, labels, asked.against, behind) if asked.differences else None
    grid = measured(one, labels, asked.sweeps) if asked.sweeps else None
    return Answer(one, Side(RECORDED, one.recorded), sides(one, labels, asked.workplaces, behind), differences, grid, behind)


def _check(replay: Replay, behind: Behind, labels: Mapping[str, Methodology], asked: Asked) -> None:
    """Raise Refused for day numbers that only the employer may see, now or as known at the earlier moment."""
    varied = variants(labels, asked.sweeps) if asked.sweeps else []
    methods = [*labels.values(), *(one.methodology for one in varied)]
    check(replay.replayer, behind, methods, replay.months)
    if asked.against is not None:
        then = Replayer(asked.against, replay.contract, then=replay.then)
        check(then, Behind(then.measured), methods, replay.months)


def withholds(one: Answer) -> bool:
    """Whether something is withheld of what it tells as text and JSON."""
    days = (each for side in one.sides if side.in_all for each in (*(side.workplaces or ()), side.in_all))
    return (
        any(each.actual is None or each.left_out is None for each in days)
        or any(each.whole for each in one.differences or ())
        or any(found.few for side in one.sides for found in side.findings)
    )


def counted(one: Outcome) -> Lines:
    """Every month that counts in an outcome's sums, also those that stand as determined."""
    standing = {line.month: line for determination in one.folded.in_force for line in determination.months}
    return {month: standing[month] for month in one.savings}


def kind(line: AnyMonth) -> Kind:
    """Whether a month is measured, or what the parties agreed that it counts for."""
    if not isinstance(line, MonthAgreed):
        return "measured"
    return "excluded" if line.of is None else "deemed"


def sides(one: Replay, labels: Mapping[str, Methodology], workplaces: bool, behind: Behind | None) -> list[Side]:
    """The replay's outcomes, each with what is found beside it."""
    began, why = _at_signature(one)
    terms = one.replayer.folded.terms_on(one.when.as_of)
    places = _workplaces(one, labels, behind) if workplaces else {}
    return [
        Side(
            label,
            found,
            _findings(one, methodology, behind),
            None if began is None else procurement(terms, found.entitled, began),
            why,
            *places.get(label, (None, None)),
        )
        for (label, methodology), found in zip(labels.items(), one.outcomes, strict=True)
    ]


def _findings(one: Replay, methodology: Methodology, behind: Behind | None) -> list[Found]:
    return [
        Found(each, behind is not None and size_rests_on_few(one.replayer, behind, methodology, each))
        for each in symmetry(one.replayer, methodology, one.months)
    ]


def _workplaces(
    one: Replay, labels: Mapping[str, Methodology], behind: Behind | None
) -> dict[str, tuple[list[Workplace], Workplace]]:
    """By label the workplaces, and all of them together."""
    ways = [(methodology, found.lines) for methodology, found in zip(labels.values(), one.outcomes, strict=True)]
    few = Few() if behind is None else few_workplaces(one.replayer, behind, ways)
    told = {}
    for number, (label, way) in enumerate(zip(labels, ways, strict=True)):
        every = by_workplace(one.replayer, *way)
        together = in_all(every)
        together = replace(together, left_out=None) if number in few.in_all else together
        leaves_out = any(map(way[0].left_out, way[1]))
        told[label] = (without(every, few.actual, few.left_out if leaves_out else ()), together)
    return told


def _at_signature(one: Replay) -> tuple[int | None, str | None]:
    """The entitlement that the methodology which the contract began with gives over the same months on the same facts, because
    changes of a contract add up; or why it cannot be told."""
    first = next(iter(one.replayer.folded.every_methodology.values()), None)
    if first is None:
        return None, "the contract has no methodology yet"
    lacking = one.replayer.lacking(first, one.months)
    if lacking:
        return None, "; ".join(dict.fromkeys(said for found in lacking.values() for said in found))
    methods = dict.fromkeys(one.months, first)
    return outcome(one.replayer, methods, one.when.as_of, "at signature").entitled, None


def procurement_text(one: Side) -> str:
    """The change of the provider's remuneration in words, or why it cannot be told."""
    if one.procurement is None:
        return f"how it changes the provider's remuneration cannot be told: {one.unmeasured}"
    return one.procurement.what


def amounts(one: Side, terms: ContractTerms) -> dict[str, int]:
    """What each party would have, in öre; ``remuneration``: upfront payment and entitlement together."""
    found = one.outcome
    return {
        "to_provider": found.entitled,
        "to_authority": found.to_authority,
        "remuneration": terms.upfront_agreed + found.entitled,
        "due": found.due,
        "overpaid": found.overpaid,
    }
