"""Random histories of absence files, CSV and PAXml in turn, as plain data: a municipality that switches formats, corrects and
sends again. The same seed gives the same history; ``histories.shrunk`` shortens one that fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from xml.sax.saxutils import quoteattr

from tests.histories import Absence, Payroll, Report, first_day, last_day, period_text

PLACES = {"Alby": "110", "Fittja skola": "120"}
CODES = {"FR3": "covid", "SMB": "sick"}
"""What the terms of these histories say of codes."""
IGNORED = ("VAB", "SEM", "JS1", "FR7")
SCHEDULED = {'timmar="8"': Fraction(8), 'timmar="7,5"': Fraction(15, 2), 'starttid="07:00:00" sluttid="15:00:00"': Fraction(8)}
"""Days of a schedule, as written, and their hours."""
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Transaction:
    """A ``tidtrans``. ``form``: how it gives its days (date, range, time); ``unit`` and ``value``: how much of each of them."""

    employee: int
    code: str
    first: date
    last: date
    place: str
    form: str = "date"
    unit: str = ""
    value: str = ""


@dataclass(frozen=True)
class TimeFile:
    """A PAXml file and what the command line says of it. ``said``: the element with which it says itself for what it is
    complete; ``wrong``: what is done to it so that it must be refused."""

    lines: tuple[Transaction, ...] = ()
    schedule: tuple[tuple[int, date, str], ...] = ()
    complete: str | None = None
    workplaces: tuple[str, ...] | None = None
    said: str = ""
    scope: str | None = None
    namespace: str = ""
    wrong: str = ""
    source: str = "payroll"


File = Report | TimeFile


# Files as they are sent


def number_of(employee: int) -> str:
    """The employment number."""
    return f"E{7000 + employee}"


def csv(report: Report) -> bytes:
    """A CSV file."""
    lines = ["employee,workplace,first_day,last_day,extent,cause"]
    for line in report.lines:
        lines.append(f"{number_of(line.employee)},{line.workplace},{line.first},{line.last or ''},{line.extent},{line.cause}")
    return "\n".join(lines).encode() + b"\n"


def paxml(file: TimeFile) -> bytes:
    """A PAXml file, in the encoding and with the namespace that its sender likes."""
    encoding = "iso-8859-1" if file.namespace == "default" else "utf-8"
    prefix = "p:" if file.namespace == "prefix" else ""
    spaces = {"default": ' xmlns="http://www.paxml.se/2.2/"', "prefix": ' xmlns:p="http://www.paxml.se/2.2/"'}
    space = spaces.get(file.namespace, "")
    begins, ends = _scope_days(file)
    dates = f'datumfrom="{begins}" datumtom="{ends}"'
    export = f"<nyexport {dates}/>" if file.said == "nyexport" else ""
    mark = f"<{file.said} {dates}/>" if file.said in ("klar", "klart") else ""
    version = "3.0" if file.wrong == "version" else "2.2"
    units = "".join(f'<resultatenhet dim="1" id="{unit}" namn={quoteattr(name)}/>' for name, unit in PLACES.items())
    if file.wrong == "names":
        units += '<resultatenhet dim="1" id="999" namn="Alby"/>'
    times = "".join(_transaction(one, file.wrong if number == 0 else "") for number, one in enumerate(file.lines))
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n'
        + ("<!DOCTYPE paxml>\n" if file.wrong == "doctype" else "")
        + f"<{prefix}paxml{space}>\n<header><version>{version}</version>{export}</header>\n"
        + f'<dimensioner><dimension dim="1" namn="Arbetsplats"/></dimensioner>\n<resultatenheter>{units}</resultatenheter>\n'
        + f"<tidtransaktioner>{mark}\n{times}</tidtransaktioner>\n{_schedules(file)}</{prefix}paxml>\n"
    )
    return text.encode(encoding)


def _scope_days(file: TimeFile) -> tuple[str, str]:
    if file.scope is None:
        return "", ""
    first, _, last = file.scope.partition("..")
    year, month = map(int, (last or first).split("-"))
    end = last_day(year * 12 + month - 1)
    return f"{first}-01", str(end - DAY if file.wrong == "not whole" else end)


def _transaction(one: Transaction, wrong: str) -> str:
    dates = {
        "date": f"<datum>{one.first}</datum>",
        "range": f"<datumfrom>{one.first}</datumfrom><datumtom>{one.last}</datumtom>",
        "time": f"<starttid>{one.first}T07:00:00</starttid><sluttid>{one.last}T16:00:00</sluttid>",
        "half": f"<starttid>{one.first}T07:00:00</starttid><sluttid>{one.last}T11:00:00</sluttid>",
        "midnight": f"<starttid>{one.first}T00:00:00</starttid><sluttid>{one.last + DAY}T00:00:00</sluttid>",
    }[one.form]
    amount = f"<{one.unit}>{one.value}</{one.unit}>" if one.unit else ""
    who = f'anstid="{number_of(one.employee)}"'
    match wrong:
        case "nobody":
            who = ""
        case "person":
            who = 'anstid="19800229-1234"'
        case "persnr":
            who = 'persnr="198002291234"'
        case "no day":
            dates = ""
        case "two days":
            dates = f"<datum>{one.first}</datum><datumfrom>{one.first}</datumfrom><datumtom>{one.last}</datumtom>"
        case "backwards":
            dates = f"<datumfrom>{one.last + DAY}</datumfrom><datumtom>{one.first}</datumtom>"
        case "impossible":
            dates = "<datum>2019-02-30</datum>"
        case "too much":
            amount = "<omfattning>100.01</omfattning>"
        case "both":
            amount = "<timmar>4</timmar><omfattning>50</omfattning>"
        case "no schedule":
            dates, amount = f"<datum>{one.first}</datum>", "<timmar>4.1</timmar>"
    unit = "999" if wrong == "names" else PLACES[one.place]
    place = f'<resenheter><resenhet dim="6" id="77"/><resenhet dim="1" id="{unit}"/></resenheter>'
    return f"<tidtrans {who}><tidkod>{one.code}</tidkod>{dates}{amount}{place}</tidtrans>\n"


def _schedules(file: TimeFile) -> str:
    hours = {} if file.wrong == "no schedule" else {(employee, day): said for employee, day, said in file.schedule}
    text = "".join(
        f'<schema anstid="{number_of(employee)}"><dag datum="{day}" {said}/></schema>\n'
        for (employee, day), said in sorted(hours.items())
    )
    return f"<schematransaktioner>{text}</schematransaktioner>\n" if text else ""


WRONG = ("nobody", "person", "persnr", "no day", "two days", "backwards", "impossible", "too much", "both", "no schedule")
WRONG_WHOLE = ("version", "names", "doctype")


# What payroll sends


class Sender:
    """Payroll that knows two formats."""

    def __init__(self, draw: Random, payroll: Payroll) -> None:
        self.draw, self.payroll = draw, payroll

    def complete(self, first: int, last: int) -> File:
        """Months complete, in either format."""
        draw = self.draw
        places = None if draw.random() < 0.8 else (draw.choice(self.payroll.places),)
        if draw.random() < 0.35:
            return self.payroll.complete(first, last, places)
        begins, ends = first_day(first), last_day(last)
        outside = draw.choice((0, 0, 0, 4))
        lines: list[Transaction] = []
        schedule: list[tuple[int, date, str]] = []
        style = draw.choice(("day", "range", "hours", "mixed"))
        for one in self.payroll.true.values():
            start, stop = max(one.first, begins - outside * DAY), min(one.last, ends + outside * DAY)
            if start <= stop and (places is None or one.workplace in places or draw.random() < 0.1):
                self._say(replace(one, first=start, last=stop), style, lines, schedule)
        self._noise(lines, schedule)
        scope = period_text(first, last)
        if places is None and draw.random() < 0.6:
            said = draw.choice(("klar", "klart", "nyexport"))
            both = scope if draw.random() < 0.2 else None
            return self._sent(TimeFile(tuple(lines), tuple(schedule), both, None, said, scope))
        return self._sent(TimeFile(tuple(lines), tuple(schedule), scope, places))

    def partial(self) -> File:
        """Some days by themselves: new, other than said before, or corrected by values below zero."""
        draw = self.draw
        if draw.random() < 0.25 and self.payroll.true:
            return self.payroll.partial()
        lines: list[Transaction] = []
        schedule: list[tuple[int, date, str]] = []
        for key in draw.sample(list(self.payroll.true), min(len(self.payroll.true), draw.randint(1, 2))):
            one = self.payroll.true[key]
            days = list(_days(one))
            start = draw.choice(days)
            part = replace(one, first=start, last=min(one.last, start + draw.choice((0, 0, 1, 4, 20)) * DAY))
            if draw.random() < 0.5:
                self._take_back(part, lines, schedule)
            else:
                changed = replace(part, workplace=draw.choice(self.payroll.places), extent=draw.choice((part.extent, 100, 50)))
                self._say(changed, draw.choice(("day", "range", "hours")), lines, schedule)
        self._noise(lines, schedule)
        return self._sent(TimeFile(tuple(lines), tuple(schedule)))

    def _sent(self, file: TimeFile) -> TimeFile:
        draw = self.draw
        file = replace(file, namespace=draw.choice(("", "", "default", "prefix")))
        if draw.random() < 0.08:
            file = replace(file, source="health-support")
        if draw.random() < 0.05 and file.lines:
            file = replace(file, wrong=draw.choice((*WRONG, *WRONG_WHOLE)))
        return file

    def _say(self, one: Absence, style: str, lines: list[Transaction], schedule: list[tuple[int, date, str]]) -> None:
        draw = self.draw
        style = draw.choice(("day", "range", "hours")) if style == "mixed" else style
        code = self._code(one.cause)
        if style == "range":
            whole = one.extent == 100 and one.last > one.first
            form = draw.choice(("range", "range", "time", "midnight")) if whole else "range"
            unit, value = ("", "") if one.extent == 100 else ("omfattning", self._decimal(one.extent))
            lines.append(Transaction(one.employee, code, one.first, one.last, one.workplace, form, unit, value))
            return
        every = draw.random() < 0.3 and style == "day"
        for day in _days(one):
            if day.weekday() >= 5 and not every:
                continue
            code = self._code(one.cause) if draw.random() < 0.3 else code
            whole = one.extent == 100 and draw.random() < 0.6
            unit, value = ("", "") if whole else ("omfattning", self._decimal(one.extent))
            form = "date"
            if style == "hours":
                unit, value = "timmar", self._hours(one, day, schedule)
                if draw.random() < 0.2 and Fraction(value.replace(",", ".")) == 4:
                    form, unit, value = "half", "", ""
            lines.append(Transaction(one.employee, code, day, day, one.workplace, form, unit, value))

    def _hours(self, one: Absence, day: date, schedule: list[tuple[int, date, str]]) -> str:
        """The hours absent of those scheduled, to more or fewer places."""
        draw = self.draw
        known = [said for employee, that, said in schedule if (employee, that) == (one.employee, day)]
        if not known:
            known = [draw.choice(tuple(SCHEDULED))]
            schedule.append((one.employee, day, known[0]))
        hours = SCHEDULED[known[0]] * one.extent / 100
        places = draw.choice((2, 4, 14))
        return f"{float(hours):.{places}f}".replace(".", draw.choice(".,"))

    def _decimal(self, extent: int) -> str:
        if self.draw.random() < 0.1:
            return f"{extent - 1}.{self.draw.choice(('01', '5', '49', '51', '50', '99', '05'))}"
        return self.draw.choice((f"{extent}", f"{extent}.00", f"{extent},0"))

    def _code(self, cause: str) -> str:
        sick = ("SJK", "SJK", "SJK_KAR", "SJK_LÖN", "SJK_ERS", "SJK_PEN", "SMB")
        return {"work-injury": "ASK", "covid": "FR3"}.get(cause) or self.draw.choice(sick)

    def _take_back(self, one: Absence, lines: list[Transaction], schedule: list[tuple[int, date, str]]) -> None:
        """Values below zero; now and then with what takes their place."""
        draw = self.draw
        if all(day.weekday() >= 5 for day in _days(one)):
            return
        before = len(lines)
        again = draw.random() < 0.3
        self._say(one, draw.choice(("day", "hours") if again else ("day", "range", "hours")), lines, schedule)
        less = draw.choice((1, 1, 2))
        for number in range(before, len(lines)):
            said = lines[number]
            if said.unit == "timmar":
                lines[number] = replace(said, value=f"-{said.value}")
            else:
                form = "range" if said.form in ("time", "midnight", "half") else said.form
                lines[number] = replace(said, form=form, unit="omfattning", value=f"-{max(1, one.extent // less)}")
        if again:
            other = replace(one, workplace=draw.choice(self.payroll.places), extent=draw.choice((25, 50, 100)))
            self._say(other, "day", lines, schedule)

    def _noise(self, lines: list[Transaction], schedule: list[tuple[int, date, str]]) -> None:
        """Other codes; a second line of a day; one said and taken back."""
        draw = self.draw
        for said in list(lines):
            chance = 1 if said.value.startswith("-") else draw.random()
            if chance < 0.03:
                lines.append(replace(said, code=draw.choice(IGNORED)))
            elif chance < 0.06:
                code = self._code(draw.choice(("sick", "work-injury", "covid")))
                place, extent = draw.choice(self.payroll.places), str(draw.choice((20, 25, 50, 100)))
                lines.append(Transaction(said.employee, code, said.first, said.first, place, "date", "omfattning", extent))
            elif chance < 0.08 and said.unit != "timmar":
                lines.append(replace(said, form="date", last=said.first, unit="omfattning", value=f"-{draw.choice((25, 50))}"))
        if draw.random() < 0.3:
            draw.shuffle(lines)


def _days(one: Absence) -> Iterator[date]:
    return (one.first + timedelta(days=number) for number in range((one.last - one.first).days + 1))


def switching(seed: int) -> list[File]:
    """A few employees over a few months, reported in both formats in turn; late files and months sent again between."""
    draw = Random(f"paxml {seed}")
    places = tuple(PLACES)[: draw.choice((1, 2, 2))]
    first = draw.randint(2018 * 12, 2021 * 12 + 5)
    last = first + draw.randint(1, 3)
    payroll = Payroll(draw, places, draw.randint(1, 3), first, last)
    sender = Sender(draw, payroll)
    files: list[File] = []
    for month in range(first, last + 1):
        files.append(sender.complete(month, month))
        while draw.random() < 0.35:
            payroll.changes()
            files.append(sender.partial())
        if draw.random() < 0.25:
            payroll.changes()
            again = draw.randint(first, month)
            files.append(sender.complete(again, draw.choice((again, month))))
    return [one for one in files if one.lines or one.complete or (isinstance(one, TimeFile) and one.scope)]
