"""Cases that a negotiator reads and writes: given these days, when this is determined, then these savings; and how a sum is
shared. A TOML file holds the cases of one contract and one methodology; ``projections/cases.py`` runs them.

Tables are by month, and a key may be a period: each of its months. Kronor and days are text, as everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from ledger.errors import InputRefused
from ledger.imports import absence_csv
from ledger.methodology import Methodology, read_methodology
from ledger.periods import Month, Period, Quarter, parse_date
from ledger.terms import Cause, ContractTerms, Text, read_terms
from ledger.toml_files import faults_of, read_toml
from ledger.vocabulary import Frozen, Kronor, Share

T = TypeVar("T")
M = TypeVar("M", bound=Frozen)


def _once(table: dict[Period, T]) -> dict[Period, T]:
    for one, other in combinations(table, 2):
        if one.first <= other.last and other.first <= one.last:
            raise ValueError(f"{one} and {other} both name {max(one.first, other.first)}")
    return table


def _hundredths(value: object) -> int:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,2})?", value):
        raise ValueError('write days as a string with at most two decimals, as "31.50"')
    whole, _, decimals = value.partition(".")
    return int(whole) * 100 + int(decimals.ljust(2, "0"))


def _index(value: str) -> str:
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value) or not re.search("[1-9]", value):
        raise ValueError(f"{value!r} is not an index value above zero such as 2.47")
    return value


def _number(value: str) -> str:
    if not re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,12})?", value):
        raise ValueError(f"{value!r} is not a number such as 31.50; it is compared at the decimals that it has")
    return value


NEVER = "not reached"
"""What a case says of a break-even or a cap that was never attained."""


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("say something here")
    return text


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _reached(value: object) -> str:
    text = value.isoformat() if isinstance(value, date) else str(value)
    if text != NEVER:
        parse_date(text.removeprefix("lost "))
    return text


ByMonth = Annotated[dict[Period, T], AfterValidator(_once)]
"""A value by month; a period stands for each of its months, and no month is named twice."""

Hundredths = Annotated[int, BeforeValidator(_hundredths)]
"""Net days in hundredths; ``"31.50"`` in text."""

Index = Annotated[str, AfterValidator(_index)]
"""An index value, ``"2.47"`` in text."""

Number = Annotated[str, AfterValidator(_number)]
"""A number as the case writes it, with as many decimals as it is compared at."""

Reached = Annotated[str, BeforeValidator(_reached)]
"""The date on which a target was reached and since when it held; ``lost`` with the date on which it was lost; or NEVER."""

Said = Annotated[Text, AfterValidator(_said)]
NotBelowZero = Annotated[Kronor, Field(ge=0)]


class Repaid(Frozen):
    """What the state repaid of a month's sick pay: what lies above ``threshold``, a share of the wage cost."""

    sick_pay_cost: NotBelowZero
    wage_cost: NotBelowZero
    threshold: Share
    reimbursed: NotBelowZero


class Given(Frozen):
    """The facts of a case. ``net_days`` with those ``of_which`` have a cause; or ``absences``, the lines of a CSV file, which
    count in the months that ``net_days`` does not name. ``savings``: öre, those of earlier determinations. ``positions``: öre
    that open disputes hold months to have saved; those of one key are disputed together."""

    employees: ByMonth[Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    net_days: ByMonth[Hundredths] = Field(default_factory=dict)
    of_which: ByMonth[dict[Cause, Hundredths]] = Field(default_factory=dict)
    absences: str | None = None
    index: dict[Quarter, Index] = Field(default_factory=dict)
    reimbursements: ByMonth[Repaid] = Field(default_factory=dict)
    savings: ByMonth[Kronor] = Field(default_factory=dict)
    positions: ByMonth[Kronor] = Field(default_factory=dict)

    def over(self, shared: Given) -> Given:
        """These facts, and where they are silent those that all cases share."""
        tables = ("employees", "net_days", "of_which", "index", "reimbursements", "savings", "positions")
        merged = {name: {**getattr(self, name), **_others(getattr(shared, name), getattr(self, name))} for name in tables}
        return self.model_copy(update={**merged, "absences": shared.absences if self.absences is None else self.absences})


def _others(shared: Mapping[Any, T], own: Mapping[Any, T]) -> dict[Any, T]:
    return {key: value for key, value in shared.items() if key not in own}


def said_of(table: Mapping[Period, T], month: Month) -> T | None:
    """What a table says of a month, the first entry that names it; None where it is silent."""
    return next((value for period, value in table.items() if month in period), None)


def by_month(table: Mapping[Period, T]) -> dict[Month, T]:
    """A table with each month by itself, in order; of two entries that name one the first counts."""
    found = {month: value for period, value in reversed(tuple(table.items())) for month in period}
    return dict(sorted(found.items(), key=lambda one: one[0]))


class When(Frozen):
    """What happens: the months that are determined; nothing where a case is about sharing alone."""

    determined: Period | None = None


class BreakEven(Frozen):
    """When each target was reached (rule 11)."""

    contract: Reached | None = None
    provider: Reached | None = None
    authority: Reached | None = None


class Then(Frozen):
    """What must come out, by month: days and ratios at the decimals given, kronor exactly. ``refused``: words of the refusal, one
    text or several. ``held`` and ``claimed_above``: at the month's end, were every claim payable and none paid (rule 18)."""

    refused: Annotated[tuple[Said, ...], BeforeValidator(_listed)] = ()
    reference_rate: ByMonth[Number] = Field(default_factory=dict)
    trend_factor: ByMonth[Number] = Field(default_factory=dict)
    expected: ByMonth[Number] = Field(default_factory=dict)
    left_out: ByMonth[Number] = Field(default_factory=dict)
    actual: ByMonth[Number] = Field(default_factory=dict)
    avoided: ByMonth[Number] = Field(default_factory=dict)
    reimbursed: ByMonth[Number] = Field(default_factory=dict)
    savings: ByMonth[Kronor] = Field(default_factory=dict)
    entitlement: ByMonth[Kronor] = Field(default_factory=dict)
    to_authority: ByMonth[Kronor] = Field(default_factory=dict)
    held: ByMonth[NotBelowZero] = Field(default_factory=dict)
    claimed_above: ByMonth[NotBelowZero] = Field(default_factory=dict)
    break_even: BreakEven = Field(default_factory=BreakEven)
    cap_reached_on: Reached | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """The keys that say something."""
        return tuple(key for key in type(self).model_fields if getattr(self, key) not in (None, (), {}, BreakEven()))


AT_MONTHS_END = ("entitlement", "to_authority", "held", "claimed_above")
"""What a case may say of the end of any month that has savings, determined by it or given."""


class Case(Frozen):
    """One case: its name, the rule or clause that it shows, what is given, what happens, what must come out."""

    name: Said
    rule: Said
    given: Given = Field(default_factory=Given)
    when: When = Field(default_factory=When)
    then: Then


@dataclass(frozen=True)
class CaseFile:
    """A file's cases, each with the facts that all share. ``methodology`` None: they are about sharing alone."""

    file: str
    title: str
    terms: ContractTerms
    methodology: Methodology | None
    cases: tuple[Case, ...]


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────

Beside = Callable[[str], tuple[bytes, str]]
"""A file as a case file names it → its bytes and its path. Raises InputRefused."""


class _Listed(Frozen):
    case: Annotated[tuple[dict[str, Any], ...], Field(min_length=1)]


class _Shared(Frozen):
    title: Said
    terms: ContractTerms | None
    methodology: Methodology | None = None
    given: Given = Field(default_factory=Given)


def read_cases(content: bytes, file: str, beside: Beside) -> CaseFile:
    """The cases of a file, with the terms and the methodology written in it or in files beside it. Raises InputRefused with every
    fault of them all."""
    written, refusals = read_toml(content, file), list[InputRefused]()
    for key, read in (("terms", read_terms), ("methodology", read_methodology)):
        if isinstance(name := written.get(key), str):
            written[key] = None
            with _gathered(refusals):
                written[key] = read(*beside(name))
    whole, parts = _parts(content, file)
    unread = {key: written.pop(key) for key in ("case",) if key in written}
    listed: tuple[dict[str, Any], ...] = ()
    shared, cases = None, list[Case]()
    with _gathered(refusals):
        listed = whole.valid(_Listed, unread).case
    with _gathered(refusals):
        shared = whole.valid(_Shared, written)
        whole.check_absences(shared.given)
    sound = None if refusals else shared
    if len(parts) != len(listed):
        parts = [_Part(file)] * len(listed)  # they are written as one list
    for one, part in zip(listed, parts, strict=True):
        with _gathered(refusals):
            cases.append(_case(one, sound, part))
    names = [one.name for one in cases]
    with _gathered(refusals):
        whole.check((("case",), f"two are called {name!r}") for name in dict.fromkeys(names) if names.count(name) > 1)
    if refusals:
        raise InputRefused.together(refusals)
    assert sound is not None
    assert sound.terms is not None
    return CaseFile(file, sound.title, sound.terms, sound.methodology, tuple(cases))


@contextmanager
def _gathered(refusals: list[InputRefused]) -> Iterator[None]:
    try:
        yield
    except InputRefused as refusal:
        refusals.append(refusal)


@dataclass(frozen=True)
class _Part:
    """Part of a document, blank lines in place of the rest, so that lines keep their numbers; it begins at ``line``."""

    file: str
    content: bytes = b""
    line: int | None = None

    def valid(self, model: type[M], written: Any) -> M:
        try:
            return model.model_validate(written)
        except ValidationError as error:
            raise self._refusal(error) from None

    def check(self, wrong: Wrong) -> None:
        """Refuse keys that a model by itself cannot find wrong."""
        found: list[InitErrorDetails] = []
        for key, what in wrong:
            said = PydanticCustomError("value_error", "{what}", {"what": what})
            found.append({"type": said, "loc": key, "input": ".".join(key)})
        if found:
            raise self._refusal(ValidationError.from_exception_data("case", found))

    def check_absences(self, given: Given) -> None:
        """Refuse absences for which a report would be refused, and spells that another report would have to end."""
        if given.absences is None:
            return
        try:
            rows = absence_csv.read(given.absences.encode(), self.file)
        except InputRefused as refusal:
            wrong = [(fault.line, fault.what) for fault in refusal.faults]
        else:
            unfit = (row for row in zip(rows.line, rows.last_day, rows.extent, strict=True) if not all(row))
            wrong = [(line, "a spell of a case has a last day, and an extent above 0") for line, *_ in unfit]
        self.check((("given", "absences"), what if line is None else f"line {line} of it: {what}") for line, what in wrong)

    def _refusal(self, error: ValidationError) -> InputRefused:
        faults = faults_of(error, self.content, self.file).faults
        return InputRefused(replace(one, line=one.line or self.line, what=one.what.replace(".[key]", "")) for one in faults)


def _parts(content: bytes, file: str) -> tuple[_Part, list[_Part]]:
    """The document without its cases, and each case by itself."""
    lines = content.decode("utf-8-sig").splitlines()
    begins, of_case = list[int](), list[int]()  # the lines that begin cases; for each line its case, 0 outside
    inside = 0
    for number, line in enumerate(lines, 1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line)
        if header:
            begins += [number] if header[1] == "case" else []
            inside = len(begins) if header[1].split(".")[0] == "case" else 0
        of_case.append(0 if header and header[1] == "case" else inside)

    def alone(case: int) -> bytes:
        kept = (line if one == case else "" for line, one in zip(lines, of_case, strict=True))
        return "\n".join(re.sub(r"^(\s*\[+\s*)case\.", r"\1", line) for line in kept).encode()

    return _Part(file, alone(0)), [_Part(file, alone(case), line) for case, line in enumerate(begins, 1)]


# ── What only shows across keys ──────────────────────────────────────────────────────────────────────────────────────

Wrong = Iterable[tuple[tuple[str, ...], str]]
"""Keys, from the outermost in, and what is wrong with them."""


def _case(written: dict[str, Any], shared: _Shared | None, part: _Part) -> Case:
    """One case with the facts that all share; looked at more closely where these are sound."""
    case = part.valid(Case, written)
    part.check_absences(case.given)
    if shared is None or shared.terms is None:
        return case
    case = case.model_copy(update={"given": case.given.over(shared.given)})
    part.check([*_misplaced(case, shared.terms), *_unasked(case, shared.methodology), *_unanswered(case)])
    return case


def _misplaced(case: Case, terms: ContractTerms) -> Wrong:
    """Months that the contract does not have or that are said twice, and days that are part of fewer."""
    given, determined, contract = case.given, case.when.determined, Period(terms.first_month, terms.last_month)
    where = [(("given", "savings", str(period)), period) for period in given.savings]
    for key, period in [*where, *([(("when", "determined"), determined)] if determined else [])]:
        if period.first < contract.first or period.last > contract.last:
            yield key, f"{period} is not within the contract, {contract.first} to {contract.last}"
    for key, period in where:
        if twice := [month for month in determined or () if month in period]:
            yield key, f"{twice[0]} is determined by this case; give the savings of other months"
    for period, causes in given.of_which.items():
        if any(sum(causes.values()) > (said_of(given.net_days, month) or 0) for month in period):
            yield ("given", "of_which", str(period)), "these are more days than net_days has"


def _unasked(case: Case, methodology: Methodology | None) -> Wrong:
    """A case in which nothing happens, or nothing is compared."""
    named, determined = case.then.named, case.when.determined
    if not named:
        yield ("then",), "says nothing that could be compared"
    if "refused" in named and len(named) > 1:
        yield ("then", "refused"), f"what is refused has no figures; leave out {', '.join(named[1:])}"
    if "refused" in named and determined is None:
        yield ("then", "refused"), "is about a determination; say of which months with when.determined"
    if determined and methodology is None:
        yield ("when", "determined"), "the file names no methodology to determine by"


def _unanswered(case: Case) -> Wrong:
    """Figures of months that the case does not have."""
    determined = set(case.when.determined or ())
    settled = determined | by_month(case.given.savings).keys()
    for period in case.given.positions:
        if strange := [month for month in period if month not in settled]:
            yield ("given", "positions", str(period)), f"{strange[0]} is not determined, so nobody disputes what it saved"
    for key in case.then.named:
        value, shared = getattr(case.then, key), key in AT_MONTHS_END
        for period in value if isinstance(value, dict) else ():
            if strange := [month for month in period if month not in (settled if shared else determined)]:
                also = " and given.savings" if shared else ""
                yield ("then", key, str(period)), f"{strange[0]} is not determined; when.determined{also} says which months are"
        if key in ("break_even", "cap_reached_on") and not settled:
            yield ("then", key), "no savings are given or determined"
