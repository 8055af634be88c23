"""A second opinion on PAXml: what a file of time transactions says, day by day, and what it makes of the days on record.

Written from the rules (2 to 5) and from what is published of the format, in the standard library alone; it shares no code
with the ledger that it checks. Days are single days, parts of days exact fractions. ``Book`` plays the files of one source
in turn, CSV by lines and PAXml by days; ``oracle.net_days`` counts what then stands.

Where the documents are silent a reading was chosen; each is marked *Reading*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple
from xml.etree import ElementTree

from tests.oracle import _is_at, _last_day, _month_of, _period, rounded

SICK = {"SJK": "sick", "SJK_KAR": "sick", "SJK_LÖN": "sick", "SJK_ERS": "sick", "SJK_PEN": "sick", "ASK": "work-injury"}
CAUSES = ("sick", "work-injury", "covid")
DAY = timedelta(days=1)
Element = ElementTree.Element
Part = tuple[str, str]
"""Cause and workplace of a part of a day."""
Key = tuple[str, date]
"""Employee and day."""
Value = tuple[int, str, str]
"""Extent, cause and workplace of a day."""
Days = dict[Key, dict[Part, Fraction]]


class Refused(Exception):
    """The file is refused, and why."""


class Line(NamedTuple):
    """A line of a CSV file: ``last`` None leaves it open, ``extent`` 0 withdraws it."""

    employee: str
    workplace: str
    first: date
    last: date | None
    extent: int
    cause: str


class Standing(NamedTuple):
    """An absence in force from ``first`` to ``last``, both included. ``open``: nobody has said its end."""

    employee: str
    workplace: str
    first: date
    last: date
    extent: int
    cause: str
    open: bool = False


class Said(NamedTuple):
    """What a PAXml file says: per cent of each part of each day that it names, and the months that it is complete for;
    ``changed``: days with values below zero; ``alone``: days that a transaction names without a Monday to Friday beside."""

    days: Days
    complete: str | None
    changed: set[Key]
    alone: set[Key]


# --- Reading a file -----------------------------------------------------------------------------------------------------


def read(data: bytes, codes: Mapping[str, str], dimension: int) -> Said:
    """The days that a file names. ``codes``: what SMB and FRn mean; ``dimension``: which unit is the workplace."""
    if b"<!DOCTYPE" in data:
        raise Refused("it declares a document type")
    root = ElementTree.fromstring(data)
    version = _text(root, "header", "version")
    if not version.startswith("2."):
        raise Refused(f"it is PAXml {version}")
    names = _names(root, dimension)
    schedule = _schedule(root)
    days: Days = {}
    changed: set[Key] = set()
    alone: set[Key] = set()
    used: dict[str, str] = {}
    for one in _all(root, "tidtrans"):
        code = _text(one, "tidkod").upper()
        cause = SICK.get(code) or codes.get(code)
        if cause is None:
            continue  # no sick leave, or a code that the terms do not map: *Reading*: whatever else is wrong with it
        employee = _employee(one)
        about = _days_of(one)
        hours, extent = _number(one, "timmar"), _number(one, "omfattning")
        if hours is not None and extent is not None:
            raise Refused("both hours and extent")
        if extent is not None and (abs(extent) > 100 or extent == 0):
            raise Refused(f"an extent of {extent}")
        place = _workplace(one, dimension, names, used)
        for day in about:
            percent = Fraction(100) if extent is None else extent
            if hours is None and len(about) == 1:
                hours = _stretch(one)
            if hours is not None:
                if not schedule.get((employee, day)):
                    raise Refused(f"hours on {day} without a schedule")
                percent = hours / schedule[employee, day] * 100
            if percent == 0:
                continue
            parts = days.setdefault((employee, day), {})
            parts[cause, place] = parts.get((cause, place), Fraction(0)) + percent
            if percent < 0:
                changed.add((employee, day))
            if day.weekday() < 5 or all(other.weekday() >= 5 for other in about):
                alone.add((employee, day))
    days = {key: {part: share for part, share in parts.items() if share} for key, parts in days.items()}
    return Said({key: parts for key, parts in days.items() if parts}, _complete(root), changed, alone)


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _all(root: Element, name: str) -> Iterator[Element]:
    return (one for one in root.iter() if _local(one) == name)


def _text(element: Element, *path: str) -> str:
    for name in path:
        element = next((one for one in element if _local(one) == name), Element("nothing"))
    return (element.text or "").strip()


def _number(element: Element, name: str) -> Fraction | None:
    text = _text(element, name)
    return Fraction(text.replace(",", ".")) if text else None


def _names(root: Element, dimension: int) -> dict[str, str]:
    """What the units of the dimension are called."""
    units = (one for one in _all(root, "resultatenhet") if _is(one, dimension))
    return {one.get("id", ""): one.get("namn") or one.get("id", "") for one in units}


def _is(element: Element, dimension: int) -> bool:
    return element.get("dim") == str(dimension)


def _workplace(element: Element, dimension: int, names: Mapping[str, str], used: dict[str, str]) -> str:
    """What the transaction's unit is called. *Reading*: two units with one name are refused where the file's days need both."""
    units = [one.get("id", "") for one in _all(element, "resenhet") if _is(one, dimension)]
    if len(units) != 1:
        raise Refused(f"{len(units)} workplaces")
    name = names.get(units[0], units[0])
    if used.setdefault(name, units[0]) != units[0]:
        raise Refused(f"two units are called {name}")
    return name


def _employee(element: Element) -> str:
    employee = element.get("anstid", "")
    if not employee:
        raise Refused("no employment number")
    if re.fullmatch(r"(\d\d)?\d{6}[-+]\d{4}", employee):
        raise Refused("a personal number")
    return employee


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise Refused(f"{text!r} is no day") from None


def _days_of(element: Element) -> list[date]:
    """The days of a transaction: one date, from–to, or start and end, of which one day and no more must be given."""
    forms = [[_text(element, name) for name in pair] for pair in (("datum",), ("datumfrom", "datumtom"), ("starttid", "sluttid"))]
    given = [form for form in forms if any(form)]
    if len(given) != 1 or not all(given[0]):
        raise Refused("not exactly one of a date, from–to, start and end")
    first, last = _day(given[0][0]), _day(given[0][-1])
    if given[0] is forms[2] and datetime.fromisoformat(given[0][1]).time() == datetime.min.time() and last > first:
        last -= DAY
    if last < first:
        raise Refused("it ends before it begins")
    if given[0] is forms[1] and _text(element, "timmar"):
        raise Refused("hours over a range of days")
    return list(_between(first, last))


def _stretch(element: Element) -> Fraction | None:
    """The hours between start and end on one day; None where it gives none."""
    begins, ends = _text(element, "starttid"), _text(element, "sluttid")
    if not begins:
        return None
    seconds = (datetime.fromisoformat(ends) - datetime.fromisoformat(begins)).total_seconds()
    return Fraction(int(seconds), 3600)


def _between(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _schedule(root: Element) -> dict[Key, Fraction]:
    hours: dict[Key, Fraction] = {}
    for schedule in _all(root, "schema"):
        for one in _all(schedule, "dag"):
            said = one.get("timmar")
            if said is None:
                begins, ends = (datetime.fromisoformat(f"2000-01-01T{one.get(name)}") for name in ("starttid", "sluttid"))
                said = str(Fraction(int((ends - begins).total_seconds()), 3600))
            key = schedule.get("anstid", ""), _day(one.get("datum", ""))
            hours[key] = hours.get(key, Fraction(0)) + Fraction(said.replace(",", "."))
    return hours


def _complete(root: Element) -> str | None:
    """The months that the file itself says it is complete for: ``<klar>`` or ``<nyexport>`` over whole months."""
    scopes = set()
    for one in root.iter():
        if _local(one) in ("klar", "klart", "nyexport") and not (one.get("anstid") or one.get("persnr")):
            first, last = one.get("datumfrom"), one.get("datumtom")
            if first and last and _day(first).day == 1 and (_day(last) + DAY).day == 1:
                scopes.add(f"{first[:7]}..{last[:7]}")
    if len(scopes) > 1:
        raise Refused(f"complete for {sorted(scopes)}")
    return scopes.pop() if scopes else None


# --- One day ------------------------------------------------------------------------------------------------------------


def day_of(parts: Mapping[Part, Fraction]) -> Value | None:
    """Extent, cause and workplace of a day of several parts: they add up, to at most 100; the greatest part names cause and
    workplace, of equal ones the earlier cause, then the earlier name. *Reading*: the sum is rounded once, half up, and is at
    least 1 per cent; a part is all that the file says of one cause at one workplace."""
    total = sum(parts.values(), Fraction(0))
    if total <= 0:
        return None
    extent = min(100, max(1, rounded(total)))
    cause, workplace = min(parts, key=lambda part: (-parts[part], CAUSES.index(part[0]), part[1]))
    return extent, cause, workplace


# --- What stands --------------------------------------------------------------------------------------------------------


@dataclass
class Book:
    """What the reports of one source say, one after another."""

    standing: dict[Key, Standing] = field(default_factory=dict)
    complete: list[tuple[str, Sequence[str] | None]] = field(default_factory=list)

    def days(self) -> dict[Key, Standing]:
        """Every absent day, and the absence that counts it: the one that begins first (rule 4)."""
        found: dict[Key, Standing] = {}
        for one in sorted(self.standing.values(), key=lambda spell: (spell.employee, spell.first)):
            for day in _between(one.first, one.last):
                found.setdefault((one.employee, day), one)
        return found

    def _covers(self, complete: str | None, workplaces: Sequence[str] | None, month: int, workplace: str) -> bool:
        if complete is None or not _is_at({"workplaces": workplaces}, workplace):
            return False
        first, last = _period(complete)
        return first <= month <= last

    def _is_covered(self, month: int, workplace: str) -> bool:
        return any(self._covers(*scope, month, workplace) for scope in self.complete)

    # CSV: rule 3

    def csv(self, lines: Sequence[Line], complete: str | None, workplaces: Sequence[str] | None, period: str | None) -> None:
        """A CSV file, which is refused or replaces absences by their first day."""
        if complete is None and not lines:
            raise Refused("it holds nothing")
        ends = _last_day(_period(complete or period or "")[1]) if complete or period else None
        for line in lines:
            if line.last is None and (ends is None or line.first > ends):
                raise Refused(f"{line} is open, and no period ends it")
            if line.extent == 0 and (line.employee, line.first) not in self.standing:
                raise Refused(f"{line} withdraws what is not on record")
        self._must_hold({(line.employee, line.first) for line in lines}, complete, workplaces)
        before = dict(self.standing)
        for key, one in before.items():
            if self._covers(complete, workplaces, _month_of(one.first), one.workplace):
                del self.standing[key]
        for line in lines:
            key = (line.employee, line.first)
            self.standing.pop(key, None)
            if line.extent:
                self.standing[key] = self._stands(line, before.get(key), complete, workplaces, ends)
        if complete:
            self.complete.append((complete, workplaces))

    def _must_hold(self, held: set[Key], complete: str | None, workplaces: Sequence[str] | None) -> None:
        for key, one in self.standing.items():
            following = _month_of(one.last) + 1
            withdrawn = self._covers(complete, workplaces, _month_of(one.first), one.workplace)
            due = self._covers(complete, workplaces, following, one.workplace) and not self._is_covered(following, one.workplace)
            if one.open and due and not withdrawn and key not in held:
                raise Refused(f"{one} is open, and neither repeated nor ended")

    def _stands(
        self, line: Line, before: Standing | None, complete: str | None, workplaces: Sequence[str] | None, ends: date | None
    ) -> Standing:
        if line.last is not None:
            return Standing(*line[:3], line.last, line.extent, line.cause)
        assert ends is not None
        here = complete is not None and _is_at({"workplaces": workplaces}, line.workplace)
        there = [months for months, places in self.complete if _is_at({"workplaces": places}, line.workplace)]
        earlier = here and any(_last_day(_period(months)[1]) > ends for months in there)
        if before is not None and earlier and before.last > ends:
            return Standing(*line[:3], before.last, line.extent, line.cause, before.open)
        return Standing(*line[:3], ends, line.extent, line.cause, True)

    # PAXml: by day

    def paxml(self, said: Said, complete: str | None, workplaces: Sequence[str] | None) -> None:
        """A PAXml file: what it says of a day replaces what was on record of that day; where it is complete, it says every
        day. ``complete``: what the command line says, over what the file itself says."""
        complete = complete or said.complete
        went_on = self._close(complete, workplaces)
        on_record = self.days()
        new = {key: self._day(on_record.get(key), said, key, complete, workplaces) for key in said.days}
        new = {key: value for key, value in new.items() if value is not None or key in on_record}
        if complete is None and not new:
            raise Refused("it holds nothing")
        same = {key: value for key, value in new.items() if value is not None and value == _value(on_record.get(key))}
        gone = new.keys() - same.keys()
        for key, one in on_record.items():
            if key not in new and self._covers(complete, workplaces, _month_of(key[1]), one.workplace):
                gone.add(key)
        still_open = self._still_open(new, complete, workplaces)
        self._cut(gone, gone | same.keys(), on_record)
        for one in _joined(new):
            self._add(one, {key for key in same if key[0] == one.employee}, went_on, new)
        for employee, last in still_open:
            self._leave_open(employee, last)
        if complete:
            self.complete.append((complete, workplaces))

    def _still_open(self, new: Mapping[Key, Value | None], complete: str | None, workplaces: Sequence[str] | None) -> set[Key]:
        """Employee and last day of absences left open whose days the file names, and whose end it does not say. *Reading*: a
        partial file says nothing of how they go on, even if it names their last day at another extent; one that is complete
        for other months leaves open those that it does not cut."""
        found = set()
        for one in self.standing.values():
            named = {day for day in _between(one.first, one.last) if (one.employee, day) in new}
            covered = {
                day for day in _between(one.first, one.last) if self._covers(complete, workplaces, _month_of(day), one.workplace)
            }
            if not one.open or one.last in covered:
                continue
            as_before = all(new.get((one.employee, day)) == _value(one) for day in named | covered)
            if named and (complete is None or as_before):
                found.add((one.employee, one.last))
        if complete is None and len({last for _, last in found}) > 1:
            raise Refused("absences left open on several days: a report has one period")
        return found

    def _leave_open(self, employee: str, last: date) -> None:
        """The absence that counts that last day is open there, and is parted from days after it."""
        one = self.days().get((employee, last))
        if one is not None:
            self.standing[employee, one.first] = one._replace(last=last, open=True)
            if one.last > last:
                self.standing[employee, last + DAY] = one._replace(first=last + DAY, open=False)

    def _add(self, one: Standing, same: set[Key], went_on: set[Key], new: Mapping[Key, Value | None]) -> None:
        """An absence of the file's days. *Reading*: it is one with those on record of which it says days again as they were, and
        with one left open that it goes on with; that lasted over a Saturday and Sunday between, if the file names neither."""
        for other in sorted(self.standing.values(), key=lambda spell: (spell.employee, spell.first)):
            if other.employee != one.employee or _value(other) != _value(one):
                continue
            both = _between(max(one.first, other.first), min(one.last, other.last))
            repeats = any((one.employee, day) in same for day in both)
            between = _between(other.last + DAY, one.first - DAY)
            follows = (other.employee, other.first) in went_on and _is_next(other.last, one.first)
            if repeats or (follows and not any((one.employee, day) in new for day in between)):
                del self.standing[other.employee, other.first]
                went_on.discard((other.employee, other.first))
                one = one._replace(first=min(one.first, other.first), last=max(one.last, other.last))
        self.standing[one.employee, one.first] = one

    def _day(
        self, on_record: Standing | None, said: Said, key: Key, complete: str | None, workplaces: Sequence[str] | None
    ) -> Value | None:
        """What a day becomes. *Reading*: a day with values below zero carries its parts to what is on record of it; what is left
        is rounded, and the greatest part names cause and workplace; a file that is complete for the day says all of it. A
        Saturday or Sunday that is not on record is passed over, if it is named only in a longer range."""
        parts = dict(said.days[key])
        if key not in said.changed:
            return day_of(parts)
        places = [place for _, place in parts] + ([on_record.workplace] if on_record else [])
        if any(self._covers(complete, workplaces, _month_of(key[1]), place) for place in places):
            on_record = None
        total = sum(parts.values(), Fraction(0))
        if on_record is None:
            if total < 0 and key in said.alone:
                raise Refused(f"{key} is corrected by {total}, with nothing on record")
            return day_of(parts)
        part = on_record.cause, on_record.workplace
        parts[part] = parts.get(part, Fraction(0)) + on_record.extent
        if rounded(total + on_record.extent) < 0:
            raise Refused(f"{key} is corrected by {total}, with {on_record} on record")
        return day_of(parts) if rounded(total + on_record.extent) else None

    def _close(self, complete: str | None, workplaces: Sequence[str] | None) -> set[Key]:
        """A complete file of the month after an absence left open says how it goes on, by day. The absences closed so."""
        closed = set()
        for key, one in list(self.standing.items()):
            if one.open and self._covers(complete, workplaces, _month_of(one.last) + 1, one.workplace):
                self.standing[key] = one._replace(open=False)
                closed.add(key)
        return closed

    def _cut(self, gone: set[Key], said: set[Key], on_record: Mapping[Key, Standing]) -> None:
        """Absences without the days that are gone. *Reading*: one that is cut, or that overlaps one that is, keeps the days
        that it counts itself, and is no longer open."""
        standing = self.standing.values()
        affected = {one for one in standing if any((one.employee, day) in said for day in _between(one.first, one.last))}
        overlapping = {one for one in self.standing.values() for other in affected if _overlap(one, other)}
        for one in affected | overlapping:
            del self.standing[one.employee, one.first]
        for one in sorted(affected | overlapping, key=lambda spell: spell.first):
            counts = {day for day in _between(one.first, one.last) if on_record[one.employee, day] == one}
            left = [day for day in _between(one.first, one.last) if (one.employee, day) not in gone]
            for first, last in _runs(left):
                still = one.open and (first, last) == (one.first, one.last) and one not in affected
                if any(day in counts for day in _between(first, last)):
                    self._keep(one._replace(first=first, last=last, open=still), counts)

    def _keep(self, piece: Standing, counts: set[date]) -> None:
        """A piece under its first day; where another has it, as one with that if it says the same, else from the first day that
        it counts itself."""
        other = self.standing.get((piece.employee, piece.first))
        if other is not None and _value(other) == _value(piece):
            piece = piece._replace(last=max(other.last, piece.last))
        elif other is not None:
            piece = piece._replace(first=min(day for day in counts if day >= piece.first))
        self.standing[piece.employee, piece.first] = piece


def _value(one: Standing | None) -> Value | None:
    return (one.extent, one.cause, one.workplace) if one else None


def _overlap(one: Standing, other: Standing) -> bool:
    return one.employee == other.employee and one.first <= other.last and other.first <= one.last


def _runs(days: Iterable[date]) -> list[tuple[date, date]]:
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and day - runs[-1][1] == DAY:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def _joined(new: Mapping[Key, Value | None]) -> list[Standing]:
    """Days as absences: neighbours that say the same are one. *Reading*: not over a Saturday and Sunday that nobody said, for
    rule 4 counts these while the days on both sides stand."""
    found: list[Standing] = []
    for (employee, day), value in sorted(new.items(), key=lambda item: item[0]):
        if value is None:
            continue
        one = Standing(employee, value[2], day, day, *value[:2])
        if found and found[-1]._replace(first=day, last=day) == one and found[-1].last == day - DAY:
            found[-1] = found[-1]._replace(last=day)
        else:
            found.append(one)
    return found


def _is_next(last: date, day: date) -> bool:
    return day > last and all(between.weekday() >= 5 for between in _between(last + DAY, day - DAY))
