"""A year-end in a controller's and an accountant's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cli import sections
from cli.changes import record_id, what
from cli.changes_text import signed
from cli.sections import Section, Table
from cli.words import counted
from ledger.money import shown
from ledger.periods import Month, day_in_stockholm, stockholm_text
from projections.since import MOVES
from projections.state import State
from projections.year_end import FIGURES, Standing, YearEnd

LABELS = {
    "entitled": "Entitled",
    "payable": "Payable",
    "earned_not_payable": "Earned, not payable",
    "determined_not_notified": "of which not notified",
    "notified_not_payable": "of which notified, not payable yet",
    "payable_not_instructed": "Payable, not instructed",
    "held_by_disputes": "of which held by disputes",
    "due": "of which due",
    "instructed_not_paid": "Instructed, not paid",
    "overpaid": "Overpaid",
    "claimed_above": "Claimed above by the provider",
    "upfront_due_not_paid": "Upfront due, not paid",
    "upfront_not_due": "Upfront not due yet",
    "headroom": "Left to the cap",
    "worst_case_remaining": "Still to pay at most",
}
BOOKED = {
    "own": "about {year}, recorded by its end",
    "own_after": "about {year}, recorded after it",
    "about_the_year": "all that is about {year}",
    "first": "about earlier years, determined first in {year}",
    "again": "about earlier years, determined again in {year}",
    "in_the_year": "all that was recorded in {year}",
}


def as_text(one: YearEnd, then: str | None, now: str) -> str:
    """The year-end for a reader. ``then``, ``now``: what was known at the moments compared, in a line each."""
    terms = one.now.state.terms
    lines = [f"{terms.name} — {one.contract}", f"Year-end {one.year} · as of {one.now.state.when.as_of}"]
    closed = "nothing: the contract was not on record" if one.then is None else then
    lines += [f"Known now: {now}", f"Known then: {closed}", "SEK excluding VAT"]
    if one.now.state.when.as_of > day_in_stockholm(one.now.state.when.known_at):
        lines.append(f"{one.year} has not ended as far as is known: this assumes that nobody objects and nothing more comes.")
    blocks = [_standing(one), _moved(one), _booked(one), _months(one), *_causes(one), _meanings(one)]
    return "\n".join([*lines, "", sections.as_text(blocks)])


def _rows(one: YearEnd, labels: dict[str, str], figure: Callable[[Standing, str], int]) -> list[list[str]]:
    """A row for each label: then, now, and the difference."""
    rows = []
    for name, label in labels.items():
        then, now = None if one.then is None else figure(one.then, name), figure(one.now, name)
        difference = "" if then is None or then == now else signed(now - then)
        rows.append([label, "–" if then is None else shown(then), shown(now), difference])
    return rows


HEADERS = ("", "known then", "known now", "difference")
RIGHT = (1, 2, 3)


def _standing(one: YearEnd) -> Section:
    rows = _rows(one, LABELS, lambda each, name: each.figures[name])
    table = Table("Parts stand below what they are parts of", HEADERS, rows, RIGHT)
    return Section("standing", f"What stands on 31 December {one.year}", tables=[table])


def _moved(one: YearEnd) -> Section:
    tables = []
    for title, standing in (("As known then", one.then), ("As known now", one.now)):
        if standing is None:
            continue
        found = {name: standing.movements[name] for name in MOVES}
        rows = [
            [_named(name), *map(shown, (moved.opening, moved.earlier, moved.own, moved.closing))]
            for name, moved in found.items()
            if any(vars(moved).values())
        ]
        headers = ("", f"opening {one.year}", "about earlier years", f"in {one.year}", f"closing {one.year}")
        tables.append(Table(title, headers, rows, (1, 2, 3, 4)))
    return Section("movements", "From opening to closing balance", tables=tables, says=[_opened(one)])


def _named(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _opened(one: YearEnd) -> str:
    if one.opening is None:
        return f"The contract was not on record when {one.year - 1} ended: it opens with nothing."
    when = f"known at {stockholm_text(one.opening.known_at)}, record {one.opening.basis.position}"
    later = "what was recorded since about days before the year stands under about earlier years"
    return f"It opens with what stood on 31 December {one.year - 1}, as {when}; {later}. Each row sums."


def _booked(one: YearEnd) -> Section:
    labels = {name: label.format(year=one.year) for name, label in BOOKED.items()}
    rows = _rows(one, labels, lambda each, name: getattr(each.booked, name))
    title = "The provider's entitlement, by the months that it is about"
    return Section("booked", title, tables=[Table("By the day of recording", HEADERS, rows, RIGHT)])


def _months(one: YearEnd) -> Section:
    known = (("then", one.then), ("now", one.now))
    says = [line for title, each in known if each is not None for line in _without(title, each.state)]
    title = "Months without a figure, and figures that may change"
    return Section("months", title, says=says or ["Every month that had ended was determined."])


def _without(title: str, one: State) -> Iterator[str]:
    if one.undetermined:
        yield f"Not determined, as known {title}: {_listed(one.undetermined)}. What they would give is in no figure here."
    if one.suspended:
        yield f"Follow-up suspended by agreement, as known {title}: {_listed(one.suspended)}."
    if one.preliminary:
        yield f"Preliminary, as known {title}: some months rest on trend values that are not published figures."
    if one.unsettled_facts:
        late = f"{counted(one.unsettled_facts, 'report')} or agreements recorded after the months they are about were determined"
        yield f"Unsettled, as known {title}: {late}; no figure here counts them."


def _listed(months: tuple[Month, ...]) -> str:
    return ", ".join(map(str, months))


def _causes(one: YearEnd) -> list[Section]:
    """The records since, where there was anything to compare with."""
    if one.changed is None:
        return []
    says = []
    for cause in one.causes:
        moves = " · ".join(f"{name.replace('_', ' ')} {signed(amount)}" for name, amount in cause.moves.items())
        day = stockholm_text(cause.record.recorded_at)[:10]
        said = f"{record_id(one.contract, cause.record)}, {day}: {what(cause.record)}"
        says.append(f"{said}: {moves or 'moves no sum'}")
    others = len(one.changed.causes) - len(one.causes)
    if others:
        says.append(f"{others} other records of the contract since change nothing on 31 December: most are about later days.")
    return [Section("causes", "What made the difference", says=says or ["Nothing was recorded since."])]


def _meanings(one: YearEnd) -> Section:
    facts = [(LABELS[name], said) for name, said in FIGURES.items()]
    facts.append(("Overpaid is", _overpaid(one.now.state)))
    return Section("meanings", "What the figures are", facts=facts)


def _overpaid(one: State) -> str:
    if one.terms.settlement.overpaid == "set-off" and one.closed_on is None:
        return "set off against later claims"
    return "to be paid back by the provider"
