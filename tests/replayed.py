"""Random histories to replay, what is done about them afterwards, and methodologies with every rule for disrupted months."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from random import Random
from typing import Any

from ledger.commands import AdoptMethodology, OfContract
from ledger.contract import ContractState
from ledger.dispatch import AnyCommand
from ledger.errors import Refused
from ledger.events import AnyMonth, Reimbursement
from ledger.evidence import ReportReimbursements
from ledger.facts import Facts
from ledger.log import Receipt
from ledger.methodology import Methodology
from ledger.periods import Month, Period
from projections import proposals
from projections.findings_beside import beside
from projections.replays.causes import Way
from projections.replays.replay import Outcome, Replay, Replayer, replay
from tests import histories
from tests.histories import CAUSES, Determine, Line, Report, Sign, Step, Trend, Workforce
from tests.memory import Memory
from tests.test_against_oracle import MANAGER, Nothing, Player, memory, tuples

KINDS = (
    "none@1",
    "exclude-cause@1",
    "rebase@1",
    "freeze-trend@1",
    "net-of-reimbursement@1",
    "exclude-months@1",
    "deem-average@1",
)
TOGETHER = [(*KINDS[1:5], kind) for kind in KINDS[5:]]
"""Rules that act beside one another: one of each sort."""


@dataclass
class Story:
    """A history on a ledger in memory, who goes on with it, and the steps that were not played."""

    ledger: Memory
    player: Player
    rest: list[Step] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The contract's."""
        return self.player.id

    @property
    def folded(self) -> ContractState:
        """The contract as it stands."""
        return self.player.folded

    @property
    def facts(self) -> Facts:
        """All that is on record."""
        return self.ledger.facts()

    @property
    def recorded(self) -> dict[Month, AnyMonth]:
        """The months of the determinations in force."""
        return {line.month: line for one in self.folded.in_force for line in one.months}

    def submit(self, propose: Callable[[Facts], AnyCommand]) -> Receipt:
        """Record it today, in the performance manager's name. Raises Refused."""
        self.player.steps += 1
        at = datetime.combine(self.player.today, time(8, tzinfo=UTC))
        return self.ledger.submit(propose, {"step": self.player.steps}, by=MANAGER, at=at)

    def repaid(self, draw: Random) -> None:
        """What the state repaid of each of the contract's months that has ended, as a file would say it."""
        terms = self.folded.signed
        ended = [one for one in Period(terms.first_month, terms.last_month) if one.last_day <= self.player.today]
        rows = tuple(reimbursement(draw, month) for month in ended)
        if rows:
            self.submit(lambda _: ReportReimbursements(self.id, rows))

    def adopt(self, methodology: Methodology, month: Month) -> Receipt:
        """Adopted from a month on, with what is found beside it accepted. Raises Refused."""
        found, agrees = beside(self.facts, self.id, methodology, month.first_day), self.folded.signed.governance.agrees
        accepted = tuple(one.name for one in found)
        command = AdoptMethodology(methodology, month.first_day, tuple(agrees), found, accepted)
        return self.submit(lambda _: OfContract(self.id, command))

    def determine(self, period: Period, redo: str | None = None) -> Receipt:
        """The period's months, determined or determined anew. Raises Refused."""
        today = self.player.today = max(self.player.today, period.last_day + timedelta(days=1))
        return self.submit(
            lambda facts: proposals.determination(facts, self.id, period, today=today, computed_by="test", redo=redo)
        )

    def settle(self, periods: Iterable[Period], *, at_once: bool) -> None:
        """Determine them, those anew that are determined already: each for itself, or all of these at once where no month lies
        between. Raises Refused."""
        periods, before = list(periods), self.folded.savings
        redone = [one for one in periods if one.first in before]
        whole = Period(redone[0].first, redone[-1].last) if redone else None
        if at_once and whole is not None and len(whole) == sum(map(len, redone)):
            redone = [whole]
        for one in redone:
            self.determine(one, "another methodology is agreed")
        for one in periods:
            if one.first not in before:
                self.determine(one)

    @property
    def periods(self) -> list[Period]:
        """Those of the determinations in force, and the next that is to be determined, once it has ended."""
        found = [one.period for one in self.folded.in_force]
        try:
            following = self.player.period(Determine())
        except Nothing:
            return found
        return [*found, following] if following.last_day < self.player.today else found

    def shown(self, methodology: Methodology) -> tuple[Replay, list[Period]] | None:
        """A replay of whole determinations from the first on, as many as the methodology can measure; None where it can none."""
        periods = self.periods
        while periods:
            try:
                return replay(self.facts, self.id, [methodology], months=months_of(periods)), periods
            except Refused:
                periods.pop()
        return None


def months_of(periods: Iterable[Period]) -> tuple[Month, ...]:
    """Every month of the periods."""
    return tuple(month for one in periods for month in one)


def story(steps: Iterable[Step]) -> Story:
    """The steps played, those refused left out."""
    told = Story(ledger := memory(), Player(ledger))
    for step in steps:
        told.player.play(step)
    return told


def cut(seed: int) -> Story | None:
    """A random history up to a random step of its latter half, with what the state repaid; None where nothing is signed and
    agreed by then."""
    draw = Random(f"cut for replay {seed}")
    steps = histories.savings(seed)
    number = draw.randint(len(steps) // 2, len(steps))
    told = story(steps[:number])
    if not told.id or not told.folded.methodologies:
        return None
    told.rest = [step for step in steps[number:] if isinstance(step, (Report, Workforce, Trend))]
    told.repaid(draw)
    return told


def late(draw: Random, told: Story) -> list[Step]:
    """Something about the contract's months that have ended and is known only now: a spell, a headcount, an index value."""
    ended = [month for month in told.recorded if month.last_day < told.player.today]
    if not ended:
        return []
    month = draw.choice(ended)
    first = month.first_day + timedelta(days=draw.randint(0, 20))
    spell = Line(draw.randint(1, 6), "Alby", first, first + timedelta(days=draw.randint(0, 6)), 100, draw.choice(CAUSES))
    index = f"{draw.randint(1, 4)}.{draw.randint(0, 99):02d}"
    steps: list[Step] = [
        Report((spell,), None, None, str(month), draw.choice(("payroll", "payroll", "health-support"))),
        Workforce(((str(month), "Alby", draw.randint(1, 30)),)),
        Trend(((str(month.quarter), index, month.quarter.months.last.last_day + timedelta(days=1), "published"),)),
    ]
    return draw.sample(steps, draw.randint(1, 2))


def reimbursement(draw: Random, month: Month) -> Reimbursement:
    """Of a month: nothing, all, or what lies above a threshold."""
    cost, wages = draw.choice((0, draw.randint(1, 900_000_00))), draw.randint(0, 90_000_000_00)
    threshold = draw.choice(("0", "0.0107"))
    said = {"month": str(month), "sick_pay_cost_ore": cost, "wage_cost_ore": wages, "threshold": threshold}
    return Reimbursement.model_validate({**said, "reimbursed_ore": max(0, int(cost - Fraction(threshold) * wages))})


def outcome_way(replayer: Replayer, outcome: Outcome) -> Way:
    """An outcome of one methodology as a way of measuring."""
    methodology = outcome.methodology
    assert methodology is not None
    return Way(replayer, lambda _: methodology, outcome)


def ways(replayed: Replay) -> list[Way]:
    """Each outcome of a replay as a way of measuring."""
    return [outcome_way(replayed.replayer, one) for one in replayed.outcomes]


# A contract whose figures can be worked out in the head

PLAIN_MONTHS = Period.parse("2018-11..2019-02")
"""Each has as many weekdays as the same month a year earlier."""

SICK = (
    Line(1, "Alby", date(2017, 11, 6), date(2017, 11, 10), 100),
    Line(2, "Alby", date(2017, 12, 4), date(2017, 12, 8), 100),
    Line(3, "Alby", date(2018, 1, 8), date(2018, 1, 12), 100),
    Line(4, "Alby", date(2018, 2, 5), date(2018, 2, 9), 100),
    Line(1, "Alby", date(2018, 11, 5), date(2018, 11, 6), 100),
    Line(2, "Alby", date(2018, 11, 7), date(2018, 11, 8), 100, "covid"),
    Line(3, "Alby", date(2019, 1, 7), date(2019, 1, 9), 100, "covid"),
    Line(4, "Alby", date(2019, 2, 4), date(2019, 2, 4), 100),
)


def plain_methodology(
    *rules: dict[str, Any], price: str = "2140.00", priced_from: str = "2018-11-01", name: str = "plain", **trend: Any
) -> Methodology:
    """The year to September as the reference, 2 140 SEK a day, and these rules for disrupted months."""
    said = {
        **histories.METHODOLOGY,
        "name": name,
        "reference": {"kind": "reference-years@1", "from": "2017-10-01", "to": "2018-09-30"},
        "trend": {**histories.METHODOLOGY["trend"], **trend},
        "price": {"kind": "per-net-day@1", "sek": ({"from": priced_from, "amount": price},)},
        "disruption": rules or ({"kind": "none@1"},),
    }
    return Methodology.model_validate(tuples(said))


def plain(*changes: tuple[str, str], determined: int = 2) -> Story:
    """Ten employees, four months. Five net days in each reference month and an index risen by half: 7.5 days expected of each
    month. Four are taken in November, of which two coded as covid, none in December, three coded as covid in January, one in
    February: 7 490, 16 050, 9 630 and 13 910 SEK. What is about a month is recorded ten days after it; ``determined``: how
    many of both quarters are, when their last month is told."""
    terms = (("starts_on", "2018-11-01"), ("measured_from", "2018-11-01"), ("months", "4"), *changes)
    told = story([Sign("botkyrka", terms)])
    told.adopt(plain_methodology(), PLAIN_MONTHS.first)
    index = {"2017-12": "2.00", "2018-03": "2.00", "2018-12": "3.00", "2019-02": "3.00"}
    for month in Period.parse("2017-10..2019-02"):
        on = max(date(2018, 11, 1), month.last_day + timedelta(days=10))
        told.player.play(Workforce(((str(month), "Alby", 10),), on))
        told.player.play(Report(tuple(line for line in SICK if Month.holding(line.first) == month), str(month)))
        if str(month) in index:
            told.player.play(Trend(((str(month.quarter), index[str(month)], month.last_day, "published"),)))
        if month.last_day == date(2018, 12, 31) and determined:
            told.determine(Period(PLAIN_MONTHS.first, month))
    if determined > 1:
        told.determine(Period(PLAIN_MONTHS.first + 2, PLAIN_MONTHS.last))
    return told


# Methodologies


def methodologies(draw: Random, folded: ContractState, count: int) -> list[Methodology]:
    """The one in force, then so many that each change it in another way."""
    base = folded.methodologies[-1][1]
    return [base, *(changed(draw, base, folded, f"m-{number}") for number in range(1, count + 1))]


def changed(draw: Random, base: Methodology, folded: ContractState, name: str) -> Methodology:
    """The methodology with random rules for disrupted months, and sometimes another source, trend or price."""
    first, last = folded.signed.first_month, folded.versions[-1][1].last_month
    value = _otherwise(draw, base, first, last) | {"name": name}
    kinds: Sequence[str] = draw.choice(TOGETHER) if draw.random() < 0.2 else draw.sample(KINDS, draw.choice((1, 1, 1, 2, 3)))
    rules = [one for kind in kinds if (one := rule(draw, kind, base, first, last)) is not None]
    acting = [one for one in rules if one["kind"] != "none@1"]
    try:
        return Methodology.model_validate(tuples(value | {"disruption": acting or [{"kind": "none@1"}]}))
    except ValueError:  # two rules that would act at one step in one month
        return changed(draw, base, folded, name)


def _otherwise(draw: Random, base: Methodology, first: Month, last: Month) -> dict[str, Any]:
    value = base.model_dump(mode="json", by_alias=True, exclude_none=True)
    if draw.random() < 0.1:
        value["measure"]["source"] = "health-support"
    if draw.random() < 0.3:
        split = draw.choice(("whole-quarter", "previous-year"))
        value["trend"] |= {"quarter_split": split, "disrupted": str(_window(draw, first, last))}
    if draw.random() < 0.2:
        value["trend"]["accept"] = ("published", "derived", "estimated")
    if draw.random() < 0.25:
        value["price"]["sek"][0]["amount"] = f"{draw.randint(1000, 3000)}.00"
    return value


def rule(draw: Random, kind: str, base: Methodology, first: Month, last: Month) -> dict[str, Any] | None:
    """A rule of the kind for some of the contract's months; None where there are no earlier ones to take a mean of."""
    window = _window(draw, first, last)
    said: dict[str, Any] = {"kind": kind, "window": str(window)}
    match kind:
        case "none@1":
            return {"kind": kind}
        case "exclude-cause@1":
            return said | {"causes": draw.choice((("covid",), ("covid", "work-injury"), ("sick",)))}
        case "rebase@1":
            earliest = base.reference.months.first
            start = earliest + draw.randint(0, max(0, last.index - 11 - earliest.index))
            return said | {"from": start.first_day.isoformat(), "to": (start + 11).last_day.isoformat()}
        case "freeze-trend@1":
            return said | {"at": str((first + draw.randint(-6, last.index - first.index)).quarter)}
        case "net-of-reimbursement@1":
            return said | {"reimbursed": draw.choice(("average", "marginal"))}
        case "deem-average@1":
            if window.first == first:
                return None
            start = first + draw.randint(0, window.first.index - first.index - 1)
            return said | {"of": str(Period(start, window.first - 1))}
    return said


def _window(draw: Random, first: Month, last: Month) -> Period:
    start = first + draw.randint(0, last.index - first.index)
    return Period(start, start + draw.choice((0, 1, 2, 12)))
