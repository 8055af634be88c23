"""What a state says besides amounts, taken apart: how far it is determined, which months count how, what is preliminary, closed,
measured by which methodology, and disputed."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.contract import Determination
from ledger.events import AnyMonth, ContractClosed, MonthAgreed
from ledger.holds import Dispute, disputed
from ledger.periods import Month
from projections.explanation.entries import said
from projections.explanation.figure import Figures
from projections.explanation.tree import Node, RestsOn, Value, added, computed


def asked(what: str, value: Value, how: str, key: str) -> Node:
    """What the question itself says, or the record as a whole."""
    return Node(key, what, value, how=how)


def _lines(one: Figures) -> list[tuple[Determination, AnyMonth]]:
    """The determined months that ended by the date, each with its determination."""
    return [(by, line) for by in one.ground.folded.in_force for line in by.months if line.month.last_day <= one.as_of]


def determined_through(one: Figures, key: str) -> Node:
    """The end of the last month determined."""
    lines, through = _lines(one), one.state.determined_through
    what, value = "Determined through", None if through is None else through.last_day
    if not lines:
        return Node(key, what, value, how="no month is determined")
    by, line = max(lines, key=lambda found: found[1].month)
    rests, how = (one.ground.determined(by),), "the end of the last month determined that has ended"
    return computed(key, what, value, line.month.last_day, (), how=how, rests_on=rests)


def preliminary(one: Figures, key: str) -> Node:
    """Whether a determination in force rests on index values that are not published figures."""
    soft = [by for by in one.ground.folded.in_force if by.preliminary and by.months[0].month.last_day <= one.as_of]
    parts = [
        Node(f"{key}.D{by.number}", f"D{by.number}, {by.period}", True, rests_on=(one.ground.determined(by),)) for by in soft
    ]
    how = (
        "a determination rests on index values that are not published figures" if soft else "every index value taken is published"
    )
    return computed(key, "Whether it is preliminary", one.state.preliminary, bool(soft), parts, how=how)


def closed_on(one: Figures, key: str) -> Node:
    """When the contract was closed."""
    records = [record for record in one.ground.records.values() if isinstance(record.data, ContractClosed)]
    rests = tuple(one.ground.rests(record.position, said(record)) for record in records if record.data.on <= one.as_of)
    return Node(key, "Closed on", one.state.closed_on, how="" if rests else "it is not closed", rests_on=rests)


def undetermined(one: Figures, key: str) -> Node:
    """Months that have ended and are neither determined nor suspended."""
    determined = {line.month for _, line in _lines(one)}
    ended = [month for month in _of_contract(one) if month.last_day <= one.as_of]
    given = [month for month in ended if month not in determined and not one.ground.folded.suspended(month)]
    how = "months of the contract that have ended, neither determined nor suspended"
    return _months(key, "Ended, not determined", one.state.undetermined, given, how)


def suspended(one: Figures, key: str) -> Node:
    """Months whose follow-up is suspended."""
    given = [month for month in _of_contract(one) if month.first_day <= one.as_of and one.ground.folded.suspended(month)]
    return _months(key, "Follow-up suspended", one.state.suspended, given, "by the parties' agreement (rule 19)")


def excluded(one: Figures, key: str) -> Node:
    """Months that count for nothing."""
    given, rests = _agreed(one, "exclude-months@1")
    return _months(key, "Left out by agreement", one.state.excluded, given, "they count for nothing", rests)


def deemed(one: Figures, key: str) -> Node:
    """Months that count for the mean of others."""
    given, rests = _agreed(one, "deem-average@1")
    how = "they count for the mean of other months, by agreement"
    return _months(key, "Counting for the mean of others", one.state.deemed, given, how, rests)


def _of_contract(one: Figures) -> Iterable[Month]:
    terms = one.ground.folded.versions[-1][1]
    return (terms.first_month + offset for offset in range(terms.months))


def _agreed(one: Figures, kind: str) -> tuple[list[Month], tuple[RestsOn, ...]]:
    """The months that a rule makes count without being measured, and the determinations that say so."""
    found = [(by, line) for by, line in _lines(one) if isinstance(line, MonthAgreed) and line.kind == kind]
    by = {determination.number: determination for determination, _ in found}
    return [line.month for _, line in found], tuple(one.ground.determined(determination) for determination in by.values())


def _months(
    key: str, what: str, value: Iterable[Month], given: Iterable[Month], how: str, rests: tuple[RestsOn, ...] = ()
) -> Node:
    return computed(key, what, tuple(map(str, value)), tuple(map(str, given)), (), how=how, rests_on=rests)


def methodology(one: Figures, key: str) -> Node:
    """What the last determined month was determined by; before any, what is agreed for the first."""
    found = one.state.methodology
    if found is None:
        return Node(key, "Methodology", None, how="none is in force")
    position, name = one.ground.folded.adopted_at[found.sha256], key.rpartition(".")[2]
    value = found.sha256 if name == "sha256" else found.name
    what = "Fingerprint of the methodology" if name == "sha256" else "Methodology"
    rests = (one.ground.rests(position, said(one.ground.records[position])),)
    return Node(key, what, value, how="what the last determined month was determined by", rests_on=rests)


# Disputes


def disputes(one: Figures, key: str) -> Node:
    """The disputes raised by the date."""
    names = tuple(f"{one.state.contract}/{found.name}" for found in one.state.disputes)
    return Node(key, "Disputes", names, how="each can be asked for by its name" if names else "none is raised")


def of_dispute(one: Figures, key: str) -> Node:
    """One thing that the state says of a dispute: ``disputes.1.position``."""
    _, place, name = key.split(".")
    found = one.state.disputes[int(place) - 1]
    what, see = f"{found.name}: {name.replace('_', ' ')}", f"{one.state.contract}/{found.name}"
    if name == "position":
        return _position(key, what, found, see)
    ended = None if found.ended is None or found.open_on(one.as_of) else found.ended
    values: dict[str, Value] = {
        "id": see,
        "against": f"{one.state.contract}/{disputed(found)}",
        "by": found.raised.by,
        "raised_on": found.raised.on,
        "disputed": found.raised.was_ore,
        "status": "open" if ended is None else ended.how,
        "ended_on": None if ended is None else ended.on,
        "answers": sum(answer.on <= one.as_of for answer in found.answers),
    }
    rests = [one.ground.rests(found.position, found.name)]
    if ended is not None:
        rests.append(one.ground.rests(ended.position, f"how {found.name} ended"))
    units = {"disputed": "SEK", "answers": "count"}
    return Node(key, what, values[name], units.get(name, "none"), see=see, rests_on=tuple(rests))  # type: ignore[arg-type]


def _position(key: str, what: str, found: Dispute, see: str) -> Node:
    """What a party holds to be right: by month, or a payment."""
    by_month = [
        Node(f"{key}.{line.month}", f"Savings of {line.month}", line.amount_ore, "SEK")
        for line in found.raised.position.savings or ()
    ]
    if not by_month:
        return Node(key, what, found.raised.position.total, "SEK", see=see)
    return added(key, what, by_month, found.raised.position.total, see=see)


OF_DISPUTE = ("id", "against", "by", "raised_on", "disputed", "position", "status", "ended_on", "answers")
"""What the state says of each dispute."""
