"""Random histories of a contract, as plain data: the same seed gives the same history, and a history that fails shrinks.

A history is a list of steps. A step says what somebody tries on a day; the ledger may refuse it, and then nothing
happened. What a step means for the record as it stands (the third payment, what is due and one öre) is resolved when it
is played, so that a history stays one when steps are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

CAUSES = ("sick", "work-injury", "covid")


class Line(NamedTuple):
    """A line of an absence file. ``last`` None: open; ``extent`` 0: withdrawn."""

    employee: int
    workplace: str
    first: date
    last: date | None
    extent: int
    cause: str = "sick"


@dataclass(frozen=True)
class Report:
    """An absence file. ``complete`` None: partial. ``on``: the earliest day on which it is recorded."""

    lines: tuple[Line, ...] = ()
    complete: str | None = None
    workplaces: tuple[str, ...] | None = None
    period: str | None = None
    source: str = "payroll"
    on: date | None = None


@dataclass(frozen=True)
class Workforce:
    """A workforce file: month, workplace, employees."""

    rows: tuple[tuple[str, str, int], ...]
    on: date | None = None


@dataclass(frozen=True)
class Trend:
    """A trend file: quarter, value, day of publication, status."""

    values: tuple[tuple[str, str, date, str], ...]
    on: date | None = None


@dataclass(frozen=True)
class Reimbursements:
    """A file of what the state repaid: month, sick-pay cost, wage cost, threshold, repaid; amounts in öre."""

    rows: tuple[tuple[str, int, int, str, int], ...]
    on: date | None = None


@dataclass(frozen=True)
class Adopt:
    """A methodology adopted from a month on, or only proposed."""

    methodology: dict[str, Any]
    month: str
    on: date | None = None
    proposed: bool = False


@dataclass(frozen=True)
class Determine:
    """The next determination, or one anew. ``given``: its savings by month as amounts to give or sums to aim at; None: computed.

    ``pick``, ``width``: for a redo, which of the determinations in force, and how many.
    """

    redo: bool = False
    pick: int = 0
    width: int = 1
    given: tuple[Amount, ...] | None = None
    wait: int = 1
    on: date | None = None


@dataclass(frozen=True)
class Amount:
    """Öre, or how far from something: ``of`` names it, ``ore`` is added."""

    ore: int
    of: str = ""


@dataclass(frozen=True)
class Act:
    """What is done about money and agreements. ``back``: how many days ago it is dated; ``wait``: days since the step before.

    ``pick`` chooses among what is there; ``role`` is who acts where it is not who should.
    """

    what: str
    pick: int = 0
    back: int = 0
    wait: int = 0
    amount: Amount | None = None
    kind: str = ""
    role: str = ""
    changes: tuple[tuple[str, str], ...] = ()
    on: date | None = None


@dataclass(frozen=True)
class Dispute:
    """A step of a dispute: ``raise`` or ``answer`` with a position, ``withdraw``, ``resolve`` with an ``outcome``.

    ``pick``: which determination, payment or dispute, of disputes -1 the last that is open; ``payment``: whether one raised is
    about a payment. The position is an ``amount`` off what is disputed, or is computed by the ``methodology`` (None: the
    determination's own), on ``facts`` recorded ``then``, by ``now`` or so many permille of the record, without those that
    ``without`` picks. ``third``: who decides, where not the parties; ``role``: who records it, where not the performance manager,
    ``own`` the party itself; ``documented``: with a document.
    """

    what: str
    pick: int = -1
    back: int = 0
    wait: int = 0
    by: str = "payer"
    payment: bool = False
    amount: Amount | None = None
    methodology: dict[str, Any] | None = None
    facts: str = ""
    without: tuple[int, ...] = ()
    outcome: str = ""
    third: str = ""
    role: str = ""
    documented: bool = True
    on: date | None = None


@dataclass(frozen=True)
class Sign:
    """Published terms, changed: by key, the value as in the file, empty to leave it out."""

    terms: str
    changes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Ask:
    """The state on a day that matters, ``off`` days away, as known ``back`` records ago."""

    pick: int
    off: int = 0
    back: int = 0


Step = Ask | Sign | Report | Workforce | Trend | Reimbursements | Adopt | Determine | Act | Dispute
History = Sequence[Step]


# Months


def month_of(day: date) -> int:
    """Months since year 0."""
    return day.year * 12 + day.month - 1


def month_text(month: int) -> str:
    """``2019-04``."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def first_day(month: int) -> date:
    """The first of the month."""
    return date(month // 12, month % 12 + 1, 1)


def last_day(month: int) -> date:
    """The last of the month."""
    return first_day(month + 1) - timedelta(days=1)


def period_text(first: int, last: int) -> str:
    """``2019-04`` or ``2019-04..2019-06``."""
    return month_text(first) if first == last else f"{month_text(first)}..{month_text(last)}"


# Absences


@dataclass(frozen=True)
class Absence:
    """A spell as it is, whatever has been said of it."""

    employee: int
    workplace: str
    first: date
    last: date
    extent: int = 100
    cause: str = "sick"


class Payroll:
    """What is true, what payroll has said of it so far, and what it says next."""

    def __init__(self, draw: Random, places: tuple[str, ...], staff: int, first: int, last: int) -> None:
        self.draw, self.places, self.first, self.last = draw, places, first, last
        self.home = {employee: draw.choice(places) for employee in range(1, staff + 1)}
        self.true: dict[tuple[int, date], Absence] = {}
        self.open: dict[tuple[int, date], Absence] = {}
        for employee in self.home:
            self._fall_ill(employee, draw.choice((0, 1, 2, 3, 4, 6)) * max(1, (last - first) // 8))

    def _fall_ill(self, employee: int, times: int) -> None:
        draw = self.draw
        begins, ends = first_day(self.first) - timedelta(days=draw.choice((0, 10, 40))), last_day(self.last)
        previous: Absence | None = None
        for _ in range(times):
            if previous is None or draw.random() < 0.4:
                first = begins + timedelta(days=draw.randint(0, (ends - begins).days))
            elif draw.random() < 0.7:
                first = previous.last + timedelta(days=draw.randint(1, 8))
            else:  # nested or overlapping
                first = previous.first + timedelta(days=draw.randint(0, (previous.last - previous.first).days + 1))
            days = draw.choice((1, 1, 2, 3, 4, 5, draw.randint(6, 16), draw.randint(10, 75)))
            place = self.home[employee] if draw.random() < 0.85 else draw.choice(self.places)
            extent = draw.choice((100, 100, 100, 75, 50, 25, draw.randint(1, 99)))
            cause = draw.choice((*CAUSES, "sick", "sick"))
            previous = Absence(employee, place, first, first + timedelta(days=days - 1), extent, cause)
            for one in self._by_day(previous) if draw.random() < 0.15 else (previous,):
                self.true.setdefault((one.employee, one.first), one)

    def _by_day(self, one: Absence) -> Iterator[Absence]:
        """Payroll by working day says the same as payroll from–to."""
        for number in range((one.last - one.first).days + 1):
            day = one.first + timedelta(days=number)
            if day.weekday() < 5:
                yield replace(one, first=day, last=day)

    def recode(self, draw: Random) -> None:
        """Some spells go on under another cause; their days are numbered on."""
        for key, one in list(self.true.items()):
            days = (one.last - one.first).days
            if days and draw.random() < 0.4:
                later = one.first + timedelta(days=draw.randint(1, days))
                self.true[key] = replace(one, last=later - timedelta(days=1))
                self.true.setdefault((one.employee, later), replace(one, first=later, cause=draw.choice(CAUSES)))

    def changes(self) -> None:
        """Something turns out otherwise: an end, an extent, a workplace; an absence that was not one, or was not known."""
        draw = self.draw
        if not self.true or draw.random() < 0.2:
            self._fall_ill(draw.choice(list(self.home)), 1)
            return
        key = draw.choice(list(self.true))
        one = self.true[key]
        what = draw.random()
        if what < 0.2:
            del self.true[key]
        elif what < 0.5:
            self.true[key] = replace(one, last=max(one.first, one.last + timedelta(days=draw.randint(-12, 12))))
        elif what < 0.7:
            self.true[key] = replace(one, extent=draw.choice((100, 75, 50, 25)))
        elif what < 0.9:
            self.true[key] = replace(one, workplace=draw.choice(self.places))
        else:
            self.true[key] = replace(one, cause=draw.choice(CAUSES))

    def complete(self, first: int, last: int, places: tuple[str, ...] | None, source: str = "payroll") -> Report:
        """A report that is complete for those months, at those workplaces."""
        draw, begins, ends = self.draw, first_day(first), last_day(last)
        lines: dict[tuple[int, date], Line] = {}
        for key, one in self.true.items():
            here = places is None or one.workplace in places
            touches = one.first <= ends and one.last >= begins
            if (here and touches and (one.first >= begins or draw.random() < 0.95)) or draw.random() < 0.02:
                lines[key] = self._line(one, ends)
        for key, one in list(self.open.items()):
            if (places is None or one.workplace in places) and one.last < begins and key not in lines and draw.random() < 0.9:
                lines[key] = self._line(self.true.get(key, one), ends)
        withdrawn = [key for key in lines if key[1] < begins and draw.random() < 0.04]
        for key in withdrawn:
            lines[key] = lines[key]._replace(extent=0)
        if source == "payroll":
            self._said(lines, ends)
        return Report(tuple(lines.values()), period_text(first, last), places, source=source)

    def _line(self, one: Absence, ends: date) -> Line:
        draw = self.draw
        is_open = one.first <= ends and (one.last > ends or (one.last == ends and draw.random() < 0.5))
        if is_open and draw.random() < 0.04:
            is_open = False
        elif one.first <= ends and draw.random() < 0.02:
            is_open = True
        return Line(one.employee, one.workplace, one.first, None if is_open else one.last, one.extent, one.cause)

    def _said(self, lines: dict[tuple[int, date], Line], ends: date) -> None:
        for key, line in lines.items():
            if line.last is None and line.extent:
                self.open[key] = Absence(line.employee, line.workplace, line.first, ends, line.extent, line.cause)
            else:
                self.open.pop(key, None)

    def partial(self, source: str = "payroll") -> Report:
        """A few lines by themselves, some of them withdrawn."""
        draw = self.draw
        month = draw.randint(self.first, self.last)
        period = month_text(month) if draw.random() < 0.7 else None
        lines: dict[tuple[int, date], Line] = {}
        for key in draw.sample(list(self.true), min(len(self.true), draw.randint(1, 3))):
            one = self.true[key]
            line = Line(one.employee, one.workplace, one.first, one.last, one.extent, one.cause)
            if draw.random() < 0.35:
                line = line._replace(extent=0)
                self.true.pop(key)
            elif period is not None and one.first <= last_day(month) and draw.random() < 0.3:
                line = line._replace(last=None)
            lines[key] = line
        if source == "payroll":
            self._said(lines, last_day(month))
        return Report(tuple(lines.values()), None, None, period, source)


def evidence(seed: int) -> list[Report]:
    """A few employees at a few workplaces over a few months, reported by two sources in every way there is."""
    draw = Random(f"evidence {seed}")
    places = ("Alby", "Fittja", "Tumba")[: draw.randint(1, 3)]
    first = draw.randint(2018 * 12, 2021 * 12 + 5)
    last = first + draw.randint(0, 3)
    payroll = Payroll(draw, places, draw.randint(1, 4), first, last)
    months = list(range(first, last + 1))
    if draw.random() < 0.25:
        draw.shuffle(months)
    reports = []
    for month in months:
        reports += _reports_of(payroll, month)
        while draw.random() < 0.35:
            payroll.changes()
            reports.append(_late_report(payroll, month))
    for _ in range(draw.choice((0, 0, 1, 2))):
        payroll.changes()
        reports.append(_late_report(payroll, last))
    return [one for one in reports if one.lines or one.complete]


def _reports_of(payroll: Payroll, month: int) -> list[Report]:
    draw, places = payroll.draw, payroll.places
    how = draw.random()
    if how < 0.6:
        return [payroll.complete(month, month, None)]
    if how < 0.75:
        return [payroll.complete(month, month, (place,)) for place in places if draw.random() < 0.9]
    if how < 0.85:
        until = min(payroll.last, month + draw.randint(0, 2))
        return [payroll.complete(month, until, None if draw.random() < 0.6 else places)]
    if how < 0.95:
        return [payroll.partial()] if payroll.true else []
    return [Report((), month_text(month), None if draw.random() < 0.5 else (draw.choice(places),))]


def _late_report(payroll: Payroll, month: int) -> Report:
    draw = payroll.draw
    source = "payroll" if draw.random() < 0.8 else "health-support"
    if draw.random() < 0.45 and payroll.true:
        return payroll.partial(source)
    first = draw.randint(payroll.first, month)
    last = draw.choice((first, first, month))
    places = None if draw.random() < 0.6 else tuple(sorted(draw.sample(payroll.places, draw.randint(1, len(payroll.places)))))
    return payroll.complete(first, max(first, last), places, source)


# Money


def money(seed: int) -> list[Step]:
    """Determinations of savings that are simply given, and everything that can be done about the money."""
    draw = Random(f"money {seed}")
    steps: list[Step] = [_terms(draw), Adopt(METHODOLOGY, "2018-01")]
    steps.append(Act("draw", amount=Amount(draw.randint(1, 900), "limit permille"), wait=draw.randint(0, 40)))
    for _ in range(draw.randint(6, 20)):
        steps.append(_step(draw))
        if isinstance(steps[-1], Determine) and draw.random() < 0.7:
            steps.append(Act("notify", pick=draw.choice((-1, -1, -1, draw.randint(0, 9))), wait=draw.randint(0, 20)))
            if draw.random() < 0.5:
                steps += [Act("accept", pick=-1, kind=role, wait=draw.randint(0, 20)) for role in ("payer", "external_provider")]
        if draw.random() < 0.07:
            steps.append(_question(draw))
    objecting = Random(f"disputes in money {seed}")
    if objecting.random() < 0.6:
        steps = disputed(objecting, steps)
    return [*steps, _question(draw)]


def _question(draw: Random) -> Ask:
    return Ask(draw.randint(0, 99), draw.choice((0, 0, -1, draw.randint(-60, 60))), draw.choice((0, 0, draw.randint(0, 15))))


METHODOLOGY: dict[str, Any] = {
    "name": "short",
    "version": 1,
    "measure": {"kind": "short-term-net-days@1", "source": "payroll", "day_basis": "weekday", "extent": "proportional"},
    "reference": {"kind": "reference-years@1", "from": "2017-01-01", "to": "2017-12-31"},
    "trend": {"kind": "national-index@1", "series": "index", "accept": ("published",), "quarter_split": "whole-quarter"},
    "price": {"kind": "per-net-day@1", "sek": ({"from": "2017-01-01", "amount": "2140.00"},)},
    "disruption": {"kind": "none@1"},
}


def _terms(draw: Random) -> Sign:
    base = draw.choice(("botkyrka", "ornskoldsvik"))
    changes: dict[str, str] = {}
    if draw.random() < 0.4:
        changes["months"] = str(draw.randint(4, 24))
    if draw.random() < 0.4:
        changes["settlement.objection_days"] = str(draw.randint(1, 40))
        changes["settlement.payment_days"] = str(draw.choice((0, draw.randint(0, 60))))
        changes["settlement.correction_months"] = str(draw.randint(1, 12))
        changes["settlement.overpaid"] = draw.choice(("set-off", "refund"))
    if draw.random() < 0.6:
        changes |= _sharing(draw)
    return Sign(base, tuple(changes.items()))


def _sharing(draw: Random) -> dict[str, str]:
    """Random figures, large or so small that every öre is a rounding."""
    total = draw.randint(100_000_00, 30_000_000_00) if draw.random() < 0.6 else draw.randint(1_00, 500_00)
    at_risk_share, share = draw.randint(5, 95), draw.randint(5, 950)
    bonus, ceiling = draw.randint(0, 150), draw.randint(100, 200)
    value = total * draw.randint(5, 60) // 100
    at_risk = value * at_risk_share // 100
    most = max(1, draw.choice((at_risk * (100 + bonus) // 100, total * ceiling * share // 100_000, draw.randint(1, total))))
    most = max(1, most + draw.choice((-1, 0, 0, 1)))
    derived = most * 10_000 <= total * at_risk_share * (100 + bonus) and draw.random() < 0.5
    return {
        "investment.total": _kronor(total),
        "investment.external_service_value": "" if derived else _kronor(value),
        "investment.at_risk_share": f"0.{at_risk_share:02d}",
        "outcome.provider_share": f"0.{share:03d}",
        "outcome.maximum_payment": _kronor(most),
        "outcome.bonus_rate": f"{bonus // 100}.{bonus % 100:02d}",
        "outcome.ceiling": f"{ceiling // 100}.{ceiling % 100:02d}",
    }


def _kronor(ore: int) -> str:
    return f"{ore // 100}.{ore % 100:02d}"


def _given(draw: Random) -> tuple[Amount, ...]:
    """Savings of up to three months: mostly some share of the investment, sometimes a sum just at, below or above a target."""
    amounts = []
    for _ in range(3):
        if draw.random() < 0.3:
            target = draw.choice(("contract", "provider", "authority", "cap", "ceiling", "nothing"))
            amounts.append(Amount(draw.choice((-1, 0, 1)), target))
        else:
            amounts.append(
                Amount(draw.choice((draw.randint(-80, 80), draw.randint(20, 300), draw.randint(-400, 700))), "permille")
            )
    return tuple(amounts)


def _step(draw: Random) -> Step:
    what = draw.choices(
        ("determine", "redo", "notify", "accept", "pay", "draw", "repay", "correct", "suspend", "resume", "amend", "wait"),
        (20, 9, 8, 8, 22, 4, 4, 14, 2, 3, 3, 3),
    )[0]
    pick, back, wait = draw.randint(0, 9), draw.choice((0, 0, 1, draw.randint(0, 90))), draw.choice((0, 1, draw.randint(0, 40)))
    role = draw.choice(("internal_provider", "external_provider")) if draw.random() < 0.02 else ""
    match what:
        case "determine":
            return Determine(given=_given(draw), wait=draw.choice((1, draw.randint(1, 60))))
        case "redo":
            return Determine(True, pick, draw.choice((1, 1, 2)), _given(draw), wait)
        case "notify":
            return Act(what, draw.choice((-1, pick)), back, wait, role=role)
        case "accept":
            return Act(what, draw.choice((-1, pick)), back, wait, kind=draw.choice(("payer", "external_provider")), role=role)
        case "pay":
            kind = draw.choice(("outcome", "outcome", "outcome", "recovery", "upfront"))
            amount = draw.choice((None, Amount(draw.choice((-1, 0, 0, 1)), "due"), Amount(draw.randint(1, 250), "permille")))
            return Act(draw.choice(("instruct", "made")), draw.randint(0, 2), back, wait, amount, kind, role)
        case "draw" | "repay":
            amount = (
                Amount(draw.choice((-1, 0, 1)), "limit")
                if draw.random() < 0.3
                else Amount(draw.randint(1, 600), "limit permille")
            )
            return Act(what, 0, back, wait, amount, role=role)
        case "correct":
            amount = draw.choice(
                (None, Amount(draw.choice((-100, -1, 1, 100)), "same"), Amount(draw.randint(1, 250), "permille"))
            )
            return Act(what, draw.randint(0, 20), back, wait, amount, draw.choice(("reverse", "amount", "date", "both")), role)
        case "suspend" | "resume":
            return Act(what, draw.randint(0, 4), 0, wait, role=role)
        case "amend":
            return Act(what, draw.randint(0, 5), 0, wait, changes=_amendment(draw))
        case _:
            return Act(what, wait=draw.randint(1, 200))


def _amendment(draw: Random) -> tuple[tuple[str, str], ...]:
    changes = [
        ("maximum permille", str(draw.randint(500, 1500))),
        ("outcome.ceiling", f"{draw.randint(1, 2)}.{draw.randint(0, 99):02d}"),
        ("months more", str(draw.randint(-6, 12))),
        ("settlement.objection_days", str(draw.randint(1, 40))),
        ("settlement.payment_days", str(draw.randint(0, 60))),
    ]
    return tuple(draw.sample(changes, draw.randint(1, 2)))


# Disputes

PARTIES = ("payer", "external_provider")


def disputed(draw: Random, steps: list[Step], computed: Callable[[], Dispute] | None = None) -> list[Step]:
    """The history with objections to some notices and payments, made in time and too late, and with what comes of them here and
    there after. ``computed``: how a position is computed that is not stated."""
    told: list[Step] = []
    raised = 0
    for step in steps:
        told.append(step)
        noticed = isinstance(step, Act) and step.what == "notify"
        paid = isinstance(step, Act) and step.what == "made"
        for _ in range(draw.choice((0, 0, 1, 1, 2)) if noticed else draw.choice((0, 0, 1)) if paid else 0):
            told.append(_objection(draw, paid, computed))
            raised += 1
        while raised and draw.random() < 0.25:
            told.append(_what_comes_of_it(draw, computed))
    return told


def contested(seed: int) -> list[Step]:
    """Quarters that save something, most of them disputed until they are payable, and paid for as far as they are due."""
    draw = Random(f"contested {seed}")
    steps: list[Step] = [_terms(draw), Adopt(METHODOLOGY, "2018-01")]
    for _ in range(draw.randint(2, 5)):
        saved = tuple(Amount(draw.choice((draw.randint(10, 150), draw.randint(-60, 200))), "permille") for _ in range(3))
        steps += [Determine(given=saved), Act("notify", pick=-1, wait=draw.randint(0, 5))]
        for _ in range(draw.choice((0, 1, 1, 2))):
            stated = _position(draw) if draw.random() < 0.3 else Amount(draw.randint(-200, -1), "permille")
            steps.append(Dispute("raise", by=draw.choice(PARTIES), wait=draw.randint(0, 8), amount=stated))
        steps.append(Act("wait", wait=draw.choice((5, 70, 100))))
        for _ in range(draw.randint(1, 4)):
            steps.append(draw.choice((_paying(draw), _paying(draw), _what_comes_of_it(draw, None), _step(draw))))
            if isinstance(steps[-1], Act) and steps[-1].what == "made" and draw.random() < 0.4:
                steps.append(_objection(draw, True, None))
    return steps


def _paying(draw: Random) -> Act:
    """What is due, an öre more, or what somebody likes to pay."""
    liked = Amount(draw.randint(1, 60), "permille")
    amount = draw.choice((None, None, Amount(draw.choice((0, 1)), "due"), liked))
    what, kind = draw.choice(("instruct", "instruct", "made")), draw.choice(("outcome", "outcome", "outcome", "recovery"))
    return Act(what, draw.randint(0, 99), draw.choice((0, 0, 0, 1, 20)), draw.choice((0, 1, 10)), amount, kind)


def _objection(draw: Random, payment: bool, computed: Callable[[], Dispute] | None) -> Dispute:
    by, back = draw.choice((*PARTIES, "payer")), draw.choice((0, 0, 0, 0, 1, draw.randint(0, 40)))
    wait = draw.choice((0, 0, 0, 1, draw.randint(0, 10), draw.randint(0, 60)))
    pick = draw.choice((-1, -1, -1, -1, draw.randint(0, 9)))
    if computed is not None and not payment and draw.random() < 0.7:
        return replace(computed(), what="raise", pick=pick, back=back, wait=wait, by=by)
    role = draw.choice(("external_auditor", "own", "own")) if draw.random() < 0.06 else ""
    return Dispute("raise", pick, back, wait, by, payment, _position(draw), role=role, documented=draw.random() < 0.6)


def _position(draw: Random) -> Amount:
    """Mostly some share of the investment off what is disputed, lower or higher; the same; nothing; or what a target takes."""
    what = draw.random()
    if what < 0.65:
        return Amount(draw.choice((draw.randint(-120, 0), draw.randint(-400, 300), draw.randint(0, 120))), "permille")
    if what < 0.75:
        return Amount(draw.choice((-1, -1, 0, 1)), "same")
    if what < 0.8:
        return Amount(draw.choice((0, 0, 1)), "none")
    if what < 0.9:
        return Amount(draw.randint(-100, 100), "claim permille")
    return Amount(draw.choice((-1, 0, 1)), draw.choice(("cap", "ceiling", "provider", "nothing")))


def _what_comes_of_it(draw: Random, computed: Callable[[], Dispute] | None) -> Step:
    pick, back = draw.choice((-1, -1, draw.randint(0, 4))), draw.choice((0, 0, 1, draw.randint(0, 30)))
    wait = draw.choice((0, 0, 1, draw.randint(0, 60)))
    what = draw.choice(("answer", "withdraw", "resolve", "resolve", "resolve", "again", "pay", "redo"))
    match what:
        case "answer":
            amount = None if draw.random() < 0.5 else _position(draw)
            stated = Dispute(what, pick, back, wait, draw.choice(PARTIES), amount=amount)
            if computed is None or draw.random() < 0.5:
                return stated
            return replace(computed(), what=what, pick=pick, back=back, wait=wait, by=stated.by)
        case "resolve":
            outcome = draw.choice(("upheld", "upheld", "rejected", "settled", "settled"))
            amount = _settlement(draw) if (outcome == "settled") == (draw.random() < 0.97) else None
            third = draw.choice(("", "", "", "A. Judge", "A. Judge", draw.choice(("A. Judge", "Aino Health", "payer", " "))))
            documented = draw.random() < 0.95
            return Dispute(what, pick, back, wait, amount=amount, outcome=outcome, third=third, documented=documented)
        case "withdraw":
            return Dispute(what, pick, back, wait, role=draw.choice(("", "", "own")), documented=draw.random() < 0.9)
        case "pay":
            amount = draw.choice((None, Amount(draw.choice((-1, 0, 1)), "due")))
            return Act("instruct", draw.randint(0, 2), 0, wait, amount, "outcome")
        case "redo":
            return Determine(True, draw.randint(0, 9), given=None if computed is not None else _given(draw), wait=wait)
        case _:
            return _objection(draw, draw.random() < 0.3, computed)


def _settlement(draw: Random) -> Amount:
    """Something between what is disputed and the position, the same as is disputed, or anything."""
    if draw.random() < 0.5:
        return Amount(draw.randint(0, 1000), "between")
    return Amount(0, "same") if draw.random() < 0.4 else _position(draw)


# Savings


def savings(seed: int) -> list[Step]:
    """A short contract from its reference years on: headcounts, absences, index values, determinations and what is done
    about them; some of it late, restated, missing."""
    draw = Random(f"savings {seed}")
    places = ("Alby", "Fittja", "Tumba")[: draw.randint(1, 3)]
    first = 2018 * 12 + draw.choice((9, 10, 12, 13))
    last = first + draw.randint(2, 6)
    reference_last = first - 1 - draw.choice((0, 0, 3, 9))
    reference_first = reference_last + 1 - 12 * draw.choice((1, 1, 2))
    methodology = _methodology(draw, reference_first, reference_last, first, last)
    start = first_day(first).isoformat()
    changes = (("starts_on", start), ("measured_from", start), ("months", str(last - first + 1)))
    telling = _Telling(draw, places, reference_first, first, last)
    steps: list[Step] = [Sign("botkyrka", changes), Adopt(methodology, month_text(first))]
    steps += telling.reference(reference_last)
    again = first + draw.randint(1, 6) if draw.random() < 0.2 else None
    for month in range(first, last + 1):
        if month == again:
            steps.append(Adopt(_methodology(draw, reference_first, reference_last, first, last), month_text(month)))
        steps += telling.month(month)
        if month % 3 == 2 or month == last:
            steps += telling.quarter(month // 3)
            steps += [Determine(wait=draw.choice((1, 20, 60))), *_afterwards(draw, telling)]
    steps += [
        *telling.late(),
        Determine(True, draw.randint(0, 3), draw.choice((1, 2))),
        Act("notify", pick=-1),
        Act("wait", wait=90),
    ]
    steps += [Act("instruct", kind="outcome"), Act("made", kind="outcome", wait=5)]
    return _computed(f"disputes in savings {seed}", steps, (reference_first, reference_last, first, last), 0.5)


def _methodology(draw: Random, reference_first: int, reference_last: int, first: int, last: int) -> dict[str, Any]:
    trend: dict[str, Any] = {
        "accept": draw.choice((("published",), ("published", "derived"), ("published", "derived", "estimated"))),
        "quarter_split": draw.choice(("whole-quarter", "previous-year", "refuse")),
    }
    if draw.random() < 0.6:
        disrupted = draw.randint(first, last)
        trend["disrupted"] = period_text(disrupted, disrupted + draw.randint(0, 14))
    prices = [{"from": first_day(first).isoformat(), "amount": _kronor(draw.randint(1_000_00, 3_000_00))}]
    if draw.random() < 0.3:
        later = first_day(draw.randint(first + 1, last)) + timedelta(days=draw.choice((0, 1)))
        prices.append({"from": later.isoformat(), "amount": _kronor(draw.randint(1_000_00, 3_000_00))})
    version = draw.randint(1, 99)
    return {
        **METHODOLOGY,
        "version": version,
        "measure": _measure(version),
        "reference": {
            "kind": "reference-years@1",
            "from": first_day(reference_first).isoformat(),
            "to": last_day(reference_last).isoformat(),
        },
        "trend": {**METHODOLOGY["trend"], **trend},
        "price": {"kind": "per-net-day@1", "sek": tuple(prices)},
    }


def _measure(version: int) -> dict[str, Any]:
    """The short-term days, or of every third version days with other numbers."""
    if version % 3:
        measure: dict[str, Any] = METHODOLOGY["measure"]
        return measure
    first = 1 + version % 4 * 5
    return {**METHODOLOGY["measure"], "kind": "net-days@1", "first_day_counted": first, "last_day_counted": first + version % 31}


def _afterwards(draw: Random, telling: _Telling) -> list[Step]:
    steps: list[Step] = []
    if draw.random() < 0.7:
        steps.append(Act("notify", pick=-1, wait=draw.randint(0, 5)))
        if draw.random() < 0.5:
            steps += [Act("accept", pick=-1, kind=role, wait=draw.randint(0, 5)) for role in ("payer", "external_provider")]
    if draw.random() < 0.5:
        steps += [*telling.late(), Determine(True, draw.randint(0, 3), draw.choice((1, 1, 2)))]
    if draw.random() < 0.1:
        steps.append(Act("suspend", draw.randint(0, 2)))
    if draw.random() < 0.1:
        steps.append(Act("resume", draw.randint(1, 3)))
    if draw.random() < 0.3:
        steps.append(
            Act(
                draw.choice(("instruct", "made")),
                kind="outcome",
                amount=draw.choice((None, Amount(draw.randint(1, 40), "permille"))),
            )
        )
    return steps


class _Telling:
    """What the parties send in, month by month."""

    def __init__(self, draw: Random, places: tuple[str, ...], reference_first: int, first: int, last: int) -> None:
        self.draw, self.places, self.start, self.first, self.last = draw, places, reference_first, first, last
        self.payroll = Payroll(draw, places, draw.randint(2, 6), reference_first, last)
        self.heads = {place: draw.randint(3, 30) for place in places}
        if len(places) > 1 and draw.random() < 0.2:
            self.heads[places[-1]] = 0  # opens later
        self.ended: set[str] = set()
        self.missing = draw.randint(reference_first, last) if draw.random() < 0.15 else None
        self.unsaid = draw.randint(reference_first, last) if draw.random() < 0.15 else None
        self.no_index = draw.randint(reference_first // 3, last // 3) if draw.random() < 0.1 else None
        self.told = reference_first

    def reference(self, reference_last: int) -> list[Step]:
        """Headcounts, absences and index values up to the contract's first month."""
        draw, on = self.draw, first_day(self.first)
        rows = tuple(row for month in range(self.start, self.first) for row in self._rows(month))
        quarters = range(self.start // 3 - draw.choice((0, 4)), (self.first - 1) // 3 + 1)
        values = tuple(row for one in quarters for row in self._index(one))
        steps: list[Step] = [Workforce(rows, on), *([Trend(values, max(row[2] for row in values))] if values else [])]
        size = draw.choice((1, 3, 12, 100))
        for begins in range(self.start, self.first, size):
            ends = min(begins + size - 1, self.first - 1)
            if self.missing is None or not begins <= self.missing <= ends or draw.random() < 0.5:
                steps.append(replace(self.payroll.complete(begins, ends, None), on=on))
        if draw.random() < 0.2:
            draw.shuffle(steps)
        return steps

    def month(self, month: int) -> list[Step]:
        """Headcounts and absences of a month."""
        draw, on = self.draw, last_day(month) + timedelta(days=self.draw.randint(1, 15))
        self.told = month
        rows = tuple(self._rows(month))
        steps: list[Step] = [Workforce(rows, on)] if rows else []
        if self.missing == month:
            return steps
        if draw.random() < 0.25:
            self.payroll.changes()
        if draw.random() < 0.7:
            return [*steps, replace(self.payroll.complete(month, month, None), on=on)]
        return [*steps, *(replace(self.payroll.complete(month, month, (place,)), on=on) for place in self.places)]

    def quarter(self, quarter: int) -> list[Step]:
        """The quarter's index value."""
        values = [*self._index(quarter), *(self._index(quarter) if self.draw.random() < 0.2 else ())]
        return [Trend((value,), value[2]) for value in values]

    def late(self) -> list[Step]:
        """Something that is known only now."""
        draw, payroll = self.draw, self.payroll
        steps: list[Step] = []
        for _ in range(draw.randint(1, 3)):
            payroll.changes()
            what = draw.random()
            month = draw.randint(self.first, self.told) if draw.random() < 0.8 else draw.randint(self.start, self.told)
            if what < 0.3 and payroll.true:
                steps.append(payroll.partial(draw.choice(("payroll", "payroll", "health-support"))))
            elif what < 0.65:
                steps.append(payroll.complete(month, month, None))
            elif what < 0.8:
                place = draw.choice(self.places)
                heads = draw.randint(0, 1) * draw.randint(1, 30) if draw.random() < 0.2 else draw.randint(1, 30)
                steps.append(Workforce(((month_text(month), place, heads),)))
            else:
                steps += self.quarter(month // 3)
        return [one for one in steps if not isinstance(one, Report) or one.lines or one.complete]

    def _rows(self, month: int) -> list[tuple[str, str, int]]:
        draw, rows = self.draw, []
        for place in self.places:
            if place in self.ended:
                continue
            heads = self.heads[place]
            if heads and len(self.places) > 1 and draw.random() < 0.01:
                heads = 0
                self.ended.add(place)
            elif heads or draw.random() < 0.1:
                heads = max(1, heads + draw.choice((0, 0, -1, 1, 2)))
            elif draw.random() < 0.5:
                continue
            self.heads[place] = heads
            if month != self.unsaid or draw.random() < 0.5:
                rows.append((month_text(month), place, heads))
        return rows

    def _index(self, quarter: int) -> list[tuple[str, str, date, str]]:
        draw = self.draw
        if quarter == self.no_index:
            return []
        status = draw.choice(("published",) * 18 + ("derived", "estimated"))
        value = f"{draw.randint(1, 4)}.{draw.randint(0, 99):02d}"
        name = f"{quarter // 4:04d}Q{quarter % 4 + 1}"
        return [(name, value, last_day(quarter * 3 + 2) + timedelta(days=draw.randint(1, 50)), status)]


# Renegotiation


def renegotiated(seed: int) -> list[Step]:
    """A short contract as in ``savings``, whose parties agree, and agree anew, on what disrupted months count for: rules of every
    kind, often several, also for months that are determined or suspended; in the end the contract may be closed."""
    draw = Random(f"renegotiated {seed}")
    places = ("Alby", "Fittja", "Tumba")[: draw.choice((1, 1, 2))]
    first = 2018 * 12 + draw.choice((9, 10, 12, 13))
    last = first + draw.randint(3, 8)
    reference_last = first - 1 - draw.choice((0, 0, 3, 9))
    reference_first = reference_last + 1 - 12 * draw.choice((1, 1, 2))
    start = first_day(first).isoformat()
    changes = (("starts_on", start), ("measured_from", start), ("months", str(last - first + 1)))
    telling = _Telling(draw, places, reference_first, first, last)
    telling.payroll.recode(draw)
    agreeing = _Agreeing(draw, reference_first, reference_last, first, last)
    steps: list[Step] = [Sign("botkyrka", changes), Adopt(agreeing.methodology(), month_text(first))]
    steps += telling.reference(reference_last)
    for month in range(first, last + 1):
        steps += [*telling.month(month), *agreeing.repaid(month)]
        if month % 3 == 2 or month == last:
            steps += telling.quarter(month // 3)
            steps += [Determine(wait=draw.choice((1, 20, 60))), *agreeing.talks(month)]
            if draw.random() < 0.4:
                steps += [*telling.late(), *telling.quarter(draw.randint(reference_first // 3, month // 3)), *agreeing.redo()]
    steps += agreeing.ends(telling)
    return _computed(f"disputes in renegotiated {seed}", steps, (reference_first, reference_last, first, last), 0.4)


def _computed(seed: str, steps: list[Step], months: tuple[int, int, int, int], often: float) -> list[Step]:
    """The history, in some with disputes whose positions are computed: by a methodology of any kind, on other facts."""
    draw = Random(seed)
    agreeing = _Agreeing(draw, *months)

    def position() -> Dispute:
        methodology = agreeing.methodology() if draw.random() < 0.6 else None
        facts = draw.choice(("then", "then", "now", "now", str(draw.randint(200, 1000))))
        without = tuple(draw.randint(0, 99) for _ in range(draw.choice((0, 0, 1, 1, 3))))
        return Dispute("raise", methodology=methodology, facts=facts, without=without)

    return disputed(draw, steps, position) if draw.random() < often else steps


class _Agreeing:
    """What the parties agree on, again and again."""

    def __init__(self, draw: Random, reference_first: int, reference_last: int, first: int, last: int) -> None:
        self.draw, self.reference, self.first, self.last = draw, (reference_first, reference_last), first, last
        self.before: list[dict[str, Any]] = []

    def methodology(self, window: float = 0.5) -> dict[str, Any]:
        """A methodology, mostly with something for disrupted months; now and then one that was agreed before. ``window``: how
        likely some are not measured."""
        if self.before and self.draw.random() < 0.2:
            return self.draw.choice(self.before)
        rules = self._rules(window)
        plain = _methodology(self.draw, *self.reference, self.first, self.last)
        self.before.append({**plain, "disruption": tuple(rules) if rules else {"kind": "none@1"}})
        return self.before[-1]

    def _rules(self, window: float) -> list[dict[str, Any]]:
        """Rules for disrupted months, in no order; at most one of a sort acts in a month."""
        draw = self.draw
        rules: list[dict[str, Any]] = []
        for sort in (self._leave_out, self._rebase, self._freeze, self._net):
            if draw.random() < 0.45:
                rules += [{**sort(), "window": period_text(*one)} for one in self._windows()]
        if draw.random() < window:
            windows = list(self._windows())
            rules += [{**self._not_measured(windows), "window": period_text(*one)} for one in windows]
        draw.shuffle(rules)
        return rules

    def _windows(self) -> Iterator[tuple[int, int]]:
        begins = self.first - self.draw.choice((0, 0, 0, 2))
        while begins <= self.last:
            begins += self.draw.choice((0, 0, 1, 2, 4))
            ends = begins + self.draw.choice((0, 0, 1, 2, 4, 15))
            yield begins, ends
            if self.draw.random() < 0.6:
                return
            begins = ends + 1

    def _leave_out(self) -> dict[str, Any]:
        causes = self.draw.sample(CAUSES, self.draw.choice((1, 1, 2, 3)))
        return {"kind": "exclude-cause@1", "causes": tuple(causes)}

    def _rebase(self) -> dict[str, Any]:
        years = 12 * self.draw.choice((1, 1, 2))
        begins = self.draw.randint(self.reference[0], max(self.reference[0], self.last + 1 - years))
        dates = {"from": first_day(begins).isoformat(), "to": last_day(begins + years - 1).isoformat()}
        return {"kind": "rebase@1", **dates}

    def _freeze(self) -> dict[str, Any]:
        quarter = self.draw.randint(self.reference[0] // 3 - 1, self.last // 3)
        return {"kind": "freeze-trend@1", "at": f"{quarter // 4:04d}Q{quarter % 4 + 1}"}

    def _net(self) -> dict[str, Any]:
        return {"kind": "net-of-reimbursement@1", "reimbursed": self.draw.choice(("average", "marginal"))}

    def _not_measured(self, windows: list[tuple[int, int]]) -> dict[str, Any]:
        """Months that are not measured: they count for nothing, or for the mean of some that lie in no such window."""
        free = [
            (begins, ends)
            for begins in range(self.first - self.draw.choice((0, 0, 0, 1)), self.last + 1)
            for ends in range(begins, min(begins + 4, self.last + 1))
            if not any(begins <= until and since <= ends for since, until in windows)
        ]
        if not free or self.draw.random() < 0.4:
            return {"kind": "exclude-months@1"}
        return {"kind": "deem-average@1", "of": period_text(*self.draw.choice(free))}

    def repaid(self, month: int) -> list[Step]:
        """What the state repaid of the month's sick pay, of some months more than once."""
        draw = self.draw
        rows = tuple(self._row(month) for _ in range(draw.choice((0, 1, 1, 1, 1, 1, 2))))
        return [Reimbursements(rows, last_day(month) + timedelta(days=draw.randint(1, 60)))] if rows else []

    def _row(self, month: int) -> tuple[str, int, int, str, int]:
        draw = self.draw
        units = draw.choice((0, draw.randint(1, 50), draw.randint(1, 100_000)))
        cost = max(0, 107 * units + draw.choice((-1, 0, 0, 1)))  # just at 1.07 per cent of the wage cost, below or above
        return (month_text(month), cost, 10_000 * units, draw.choice(("0", "0.0107", "0.0035")), draw.randint(0, 4) * cost // 4)

    def talks(self, month: int) -> list[Step]:
        """Proposals, suspension and resumption, and methodologies from a month on that may be long determined."""
        draw = self.draw
        steps: list[Step] = []
        if draw.random() < 0.3:
            steps.append(Act("suspend", draw.randint(0, 2)))
        if draw.random() < 0.3:
            steps.append(Act("resume", draw.randint(0, 3)))
        if draw.random() < 0.15:
            steps.append(Adopt(self.methodology(), month_text(month), proposed=True))
            steps.append(Act("reject", draw.randint(0, 3), kind="payer"))
        if draw.random() < 0.5:
            steps += [Adopt(self.methodology(), month_text(draw.randint(self.first, month + 1))), *self.redo()]
        if draw.random() < 0.3:
            steps += [Determine(), *self.repaid(draw.randint(self.first, month))]
        return steps

    def redo(self) -> list[Step]:
        """One or more of the determinations anew."""
        draw = self.draw
        again = [Determine(True, draw.randint(0, 3), draw.choice((1, 1, 2))) for _ in range(draw.choice((0, 1, 1, 2)))]
        return [*again, Act("notify", pick=-1)] if draw.random() < 0.5 else [*again]

    def ends(self, telling: _Telling) -> list[Step]:
        """What is still open is resumed, agreed and determined; all is notified, and the contract perhaps closed."""
        draw = self.draw
        steps: list[Step] = [Act("resume", draw.randint(0, 3))]
        start = draw.choice((self.first, draw.randint(self.first, self.last)))
        steps.append(Adopt(self.methodology(window=0.9), month_text(start)))
        steps += [*(Determine() for _ in range(3)), *telling.late(), *self.repaid(draw.randint(self.first, self.last))]
        steps += [*self.redo(), *self.redo(), *(Act("notify", pick) for pick in range(6))]
        steps += [Act("close", wait=draw.choice((20, 90))), Act("close", wait=90)]
        return [*steps, Act("made", kind="outcome", wait=5), *self.redo()]


def closing(seed: int) -> list[Step]:
    """What can be done about the money, with months that are not measured, of contracts that may be closed."""
    draw = Random(f"closing {seed}")
    steps = money(draw.randint(10_000, 10**6))
    for _ in range(draw.randint(2, 6)):
        steps.insert(draw.randint(2, len(steps)), _renegotiation(draw))
    if draw.random() < 0.4:
        steps += [Determine(given=_agreed(draw)) for _ in range(draw.randint(1, 12))]
        steps += [Act("notify", pick) for pick in range(16)]
        steps += [Dispute("withdraw", pick) for pick in range(draw.choice((0, 3, 3)))]
        steps += [Act("close", wait=draw.choice((1, 90)), back=draw.choice((0, 0, 30))) for _ in range(2)]
        steps += [_step(draw) for _ in range(4)]
    return [*steps, _question(draw), _question(draw)]


def _renegotiation(draw: Random) -> Step:
    what = draw.choice(("suspend", "resume", "resume", "adopt", "adopt", "determine", "determine", "close"))
    if what == "determine":
        return Determine(given=_agreed(draw), wait=draw.choice((1, draw.randint(1, 60))))
    if what == "adopt":
        begins = 2018 * 12 + draw.randint(9, 20)
        window = period_text(begins, begins + draw.choice((0, 1, 2, 5)))
        excluded = {"kind": "exclude-months@1", "window": window}
        methodology = {**METHODOLOGY, "version": draw.randint(2, 99), "disruption": excluded}
        return Adopt(draw.choice((methodology, METHODOLOGY)), month_text(2018 * 12 + draw.randint(9, 20)))
    return Act(what, draw.randint(0, 4))


def _agreed(draw: Random) -> tuple[Amount, ...]:
    """Savings of up to three months, some of them not measured."""
    measured = _given(draw)
    said = (Amount(0, "excluded"), Amount(draw.randint(-50, 300), "deemed permille"))
    return tuple(draw.choice((one, one, *said)) for one in measured)


# Shrinking


def shrunk(history: History, fails: Callable[[History], bool]) -> list[Step]:
    """The history without the steps, lines and rows that it fails without, in plainer words where it still fails."""
    steps = _fewer_steps(list(history), fails)
    for number in range(len(steps)):
        for name in ("pick", "wait", "back"):
            for plain in (0, 1, -1, 2, 3):
                step: Any = steps[number]
                if getattr(step, name, plain) == plain or (plain < 0 and name != "pick"):
                    continue
                tried = [*steps[:number], replace(step, **{name: plain}), *steps[number + 1 :]]
                if fails(tried):
                    steps = tried
                    break
    steps = _fewer_steps(steps, fails)
    for number in range(len(steps)):
        for name in ("lines", "rows", "values"):
            steps = _fewer_values(steps, number, name, fails)
        steps = _fewer_rules(steps, number, fails)
    return steps


def _fewer_rules(steps: list[Step], number: int, fails: Callable[[History], bool]) -> list[Step]:
    """The methodology of a step without the rules for disrupted months that it fails without."""
    step = steps[number]
    if not isinstance(step, Adopt) or not isinstance(step.methodology["disruption"], tuple):
        return steps
    kept = list(step.methodology["disruption"])
    for rule in list(kept):
        fewer = [one for one in kept if one is not rule]
        methodology = {**step.methodology, "disruption": tuple(fewer) if fewer else {"kind": "none@1"}}
        tried = [*steps[:number], replace(step, methodology=methodology), *steps[number + 1 :]]
        if fails(tried):
            steps, kept = tried, fewer
    return steps


def _fewer_steps(steps: list[Step], fails: Callable[[History], bool]) -> list[Step]:
    size = max(1, len(steps) // 2)
    while size:
        start = 0
        while start < len(steps):
            without = steps[:start] + steps[start + size :]
            if fails(without):
                steps = without
            else:
                start += size
        size //= 2
    return steps


def _fewer_values(steps: list[Step], number: int, name: str, fails: Callable[[History], bool]) -> list[Step]:
    place = 0
    while place < len(getattr(steps[number], name, ())):
        step: Any = steps[number]
        values = getattr(step, name)
        tried = [*steps[:number], replace(step, **{name: values[:place] + values[place + 1 :]}), *steps[number + 1 :]]
        if fails(tried):
            steps = tried
        else:
            place += 1
    return steps
