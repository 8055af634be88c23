"""What each time transaction says: who, where, which days, how much; every fault with its line."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import TypeVar

from ledger.errors import Faults
from ledger.imports import fields
from ledger.imports.absence_csv import alike, employee_of, folded
from ledger.imports.fields import Unreadable
from ledger.imports.paxml_codes import AGREED, CAUSE_OF
from ledger.imports.paxml_days import Part, Percent
from ledger.imports.paxml_values import DAY_SECONDS, clock_of, day_of, decimal_of, instant_of
from ledger.imports.paxml_xml import Document, Mark, Transaction
from ledger.lines import CAUSES
from ledger.terms import AbsenceCodes

T = TypeVar("T")


class _Memo(dict[str, T]):
    """Texts → values, each parsed once."""

    def __init__(self, parse: Callable[[str], T]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, text: str) -> T:
        value = self[text] = self._parse(text)
        return value


@dataclass
class Transactions:
    """The transactions of one file, under the terms' codes."""

    document: Document
    codes: AbsenceCodes
    unmapped: Counter[str] = field(default_factory=Counter)
    without_hours: int = 0

    def __post_init__(self) -> None:
        self.faults = Faults(self.document.file)
        self.faults.include(self.document.faults)
        self._days = _Memo(day_of)
        self._decimals = _Memo(partial(_valued, "timmar"))
        self._forms: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._employees: dict[str, str] = {}
        self._first_of: dict[str, tuple[int, str]] = {}
        self._shares: dict[tuple[int, ...], Percent] = {}
        self._hours: dict[tuple[str, int], Fraction | Unreadable] = {}
        self._by_day: dict[str, dict[int, list[Mark]]] = {}
        self._workplaces: dict[tuple[str, str], str] = {}
        self._called: dict[str, tuple[str, str]] = {}

        agreed = {code: CAUSES.index(cause) for code in AGREED if (cause := getattr(self.codes, code))}
        self._causes = {**CAUSE_OF, **agreed}
        self._sick = [one for one in self.document.transactions if one.code in self._causes]
        self.unmapped.update(one.code for one in self.document.transactions if one.code not in self._causes)

    def parts(self) -> dict[str, list[Part]]:
        """What they say, by employment number; faults are gathered."""
        dimension = self._dimension()
        found: dict[str, list[Part]] = defaultdict(list)
        for one in self._sick:
            cause = self._causes[one.code]
            try:
                employee, workplace = self._employee(one), self._workplace(one, dimension)
                first, last, extent = self._when(one)
            except Unreadable as why:
                self.faults.add(one.line, why.what, why.do)
            else:
                if extent:
                    found[employee].append(Part(first, last, one.line, extent, cause, workplace))
                else:
                    self.without_hours += 1
        return found

    # ── Who and where ────────────────────────────────────────────────────────────────────────────────────────────────

    def _employee(self, one: Transaction) -> str:
        if one.employee is None or not one.employee.strip():
            what = "names its employee by persnr only" if one.personal else "names no employee"
            advice = "Export the employment number (anstid) with each; personal identity numbers must not enter the ledger."
            raise Unreadable(f"{what}: anstid is missing", advice)
        known = self._employees.get(one.employee)
        if known is None:
            try:
                known = employee_of(one.employee)
            except Unreadable as why:
                raise Unreadable(f"anstid {fields.shown(one.employee)} {why.what}", why.do) from None
            earlier, other = self._first_of.setdefault(folded(known), (one.line, known))
            if other != known:
                raise Unreadable(*alike(earlier, other, one.line, known))
            self._employees[one.employee] = known
        return known

    def _dimension(self) -> str | None:
        """The dimension that is the workplace; a fault where neither the terms nor the file settle it."""
        if self.codes.workplace_dimension is not None:
            return str(self.codes.workplace_dimension)
        used = {one.units[0][0] for one in self._sick if len(one.units) == 1}
        unclear = next((one for one in self._sick if len(one.units) != 1), None)
        if unclear is None and len(used) <= 1:
            return next(iter(used), None)
        line, what = self._sick[0].line, "has a unit (resenhet) of another dimension than others in the file"
        if unclear is not None:
            line, what = unclear.line, f"has {'several units' if unclear.units else 'no unit'} (resenhet)"
        advice = (
            "Say in the terms which dimension is the workplace, as [absence_codes] workplace_dimension = 1 (soc contract amend)."
        )
        self.faults.add(line, f"{what}, and the terms do not say which is the workplace", advice)
        return _UNSETTLED

    def _workplace(self, one: Transaction, dimension: str | None) -> str:
        if dimension == _UNSETTLED:
            return ""
        units = [unit for number, unit in one.units if number == dimension]
        if len(units) != 1:
            held = "two units" if units else "no unit"
            advice = f'Export the workplace as <resenhet dim="{dimension}" id="…"/>, once in each time transaction.'
            raise Unreadable(f"has {held} (resenhet) of dimension {dimension}, which is the workplace", advice)
        key = dimension or "", units[0]
        if key not in self._workplaces:
            self._workplaces[key] = self._name(key)
        return self._workplaces[key]

    def _name(self, unit: tuple[str, str]) -> str:
        """What the unit is called; two units that the file calls the same cannot be told apart."""
        name = self.document.names.get(unit, unit[1])
        try:
            name = fields.place_of(name)
        except Unreadable as why:
            raise Unreadable(f"the workplace {fields.shown(name)} {why.what}", why.do) from None
        other = self._called.setdefault(name, unit)
        if other != unit:
            units = f"{fields.shown(other[1])} and {fields.shown(unit[1])}"
            what = f"<resultatenheter> calls the units {units} both {fields.shown(name)}"
            raise Unreadable(what, "Give each workplace a name of its own.")
        return name

    # ── When and how much ────────────────────────────────────────────────────────────────────────────────────────────

    def _when(self, one: Transaction) -> tuple[int, int, Percent]:
        """First and last day as ordinals, and the extent in per cent of these days."""
        texts = one.texts
        shape = tuple(texts)
        if shape not in self._forms:
            self._forms[shape] = _form(shape)
        form = self._forms[shape]
        if form == _TIMES:
            return self._between(one)
        first = last = self._dated(form[0], texts[form[0]])
        if form == _RANGE:
            last = self._dated("datumtom", texts["datumtom"])
            if last < first:
                what = f"datumtom {fields.shown(texts['datumtom'])} is before datumfrom {fields.shown(texts['datumfrom'])}"
                raise Unreadable(what, "Correct one of them.")
        if "timmar" in texts:
            hours = self._decimals[texts["timmar"]]
            return first, last, self._share(one, first, hours) if hours else 0
        return first, last, _extent(texts["omfattning"]) if "omfattning" in texts else 100

    def _dated(self, name: str, text: str) -> int:
        try:
            return self._days[text]
        except Unreadable as why:
            raise Unreadable(f"{name} {fields.shown(text)} {why.what}" if text else f"{name} is empty", why.do) from None

    def _between(self, one: Transaction) -> tuple[int, int, Percent]:
        """``starttid`` to ``sluttid``: hours of one day, or whole days."""
        ends = []
        for name in ("starttid", "sluttid"):
            try:
                ends.append(instant_of(one.texts[name]))
            except Unreadable as why:
                raise Unreadable(f"{name} {fields.shown(one.texts[name])} {why.what}", why.do) from None
        (first, begins), (last, stops) = ends
        if (last, stops) <= (first, begins):
            raise Unreadable("sluttid is not after starttid", "Correct one of them.")
        if begins == 0 and stops == 0:
            return first, last - 1, 100
        if stops == 0:
            last, stops = last - 1, DAY_SECONDS
        if first < last:
            return first, last, 100
        return first, last, self._share(one, first, Fraction(stops - begins, 3600))

    def _share(self, one: Transaction, day: int, hours: Fraction) -> Percent:
        """Per cent of the hours scheduled that day."""
        scheduled = self._scheduled((one.employee or "").strip(), day)
        key = *hours.as_integer_ratio(), *scheduled.as_integer_ratio()
        if key not in self._shares:
            share = 100 * hours / scheduled
            self._shares[key] = int(share) if share.denominator == 1 else share
        return self._shares[key]

    def _scheduled(self, employee: str, day: int) -> Fraction:
        """The hours of all ``dag`` of an employee and day, summed once, however many transactions rest on them."""
        found = self._hours.get((employee, day))
        if found is None:
            try:
                found = sum(map(self._hours_of, self._schedule(employee).get(day, ())), Fraction(0))
            except Unreadable as why:
                found = why
            self._hours[employee, day] = found
        if isinstance(found, Unreadable):
            raise Unreadable(found.what, found.do)
        if found <= 0:
            advice = "Export the schedule (schematransaktioner) with it, or omfattning instead of hours."
            raise Unreadable("gives hours, and the file schedules none for that employee and day", advice)
        return found

    def _schedule(self, employee: str) -> dict[int, list[Mark]]:
        """An employee's scheduled days. A day that cannot be read schedules no hours, and that is said where they are missed."""
        if employee not in self._by_day:
            days = self._by_day[employee] = {}
            for text, marks in self.document.schedules.get(employee, {}).items():
                with suppress(Unreadable):
                    days.setdefault(self._days[text], []).extend(marks)
        return self._by_day[employee]

    def _hours_of(self, mark: Mark) -> Fraction:
        """The hours of one ``dag``: as given, else from its beginning to its end, over midnight if that comes first."""
        try:
            return self._read_hours(mark)
        except Unreadable as why:
            raise Unreadable(f"rests on the schedule in line {mark.line}: {why.what}", why.do) from None

    def _read_hours(self, mark: Mark) -> Fraction:
        given = mark.values.get("timmar", "").strip()
        if given:
            hours = self._decimals[given]
            if not 0 <= hours <= 24:
                raise Unreadable(f"timmar {fields.shown(given)} are no hours of one day", "Write 0 to 24.")
            return hours
        begins, stops = (mark.values.get(key, "").strip() for key in ("starttid", "sluttid"))
        if not begins or not stops:
            return Fraction(0)
        return Fraction((clock_of(stops) - clock_of(begins)) % DAY_SECONDS, 3600)


_UNSETTLED = "?"
_DAY, _RANGE, _TIMES = ("datum",), ("datumfrom", "datumtom"), ("starttid", "sluttid")


def _form(names: tuple[str, ...]) -> tuple[str, ...]:
    """Which of the three ways to say when these elements make. Raises Unreadable for any other mixture."""
    forms = [form for form in (_DAY, _RANGE, _TIMES) if any(name in names for name in form)]
    if len(forms) != 1:
        what = f"gives {'more than one' if forms else 'none'} of datum, datumfrom with datumtom, starttid with sluttid"
        raise Unreadable(what, "Give exactly one of them.")
    [form] = forms
    missing = [name for name in form if name not in names]
    if missing:
        raise Unreadable(f"gives {next(name for name in form if name in names)} without {missing[0]}", "Give both.")
    if "timmar" in names and "omfattning" in names:
        raise Unreadable("gives both timmar and omfattning", "Give one of them.")
    if form == _TIMES and ("timmar" in names or "omfattning" in names):
        which = "timmar" if "timmar" in names else "omfattning"
        raise Unreadable(f"gives {which} beside starttid and sluttid, which say how long already", f"Leave {which} out.")
    if form == _RANGE and "timmar" in names:
        raise Unreadable("gives timmar over a range of days", "Give omfattning, or the hours of each day with datum.")
    return form


def _valued(name: str, text: str) -> Fraction:
    try:
        return decimal_of(text)
    except Unreadable as why:
        raise Unreadable(f"{name} {fields.shown(text)} {why.what}" if text else f"{name} is empty", why.do) from None


def _extent(text: str) -> Percent:
    if text == "100":
        return 100
    advice = "Write the per cent of full time absent, as 50 or 100."
    try:
        extent = _valued("omfattning", text)
    except Unreadable as why:
        raise Unreadable(why.what, advice) from None
    if extent == 0 or abs(extent) > 100:
        raise Unreadable(f"omfattning {fields.shown(text)} is no per cent above 0 and up to 100", advice)
    return extent
