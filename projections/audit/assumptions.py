"""What the figures in force rest on beside facts, with its size in öre: terms that are assumed, published numbers that do not
close, trend values that are no published figures, findings, what is agreed instead of measured, facts that nothing counts yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ledger import events as e
from ledger import waterfall
from ledger.contract import ContractState, Determination
from ledger.facts import Facts, contract_stream, trend_stream
from ledger.findings import findings as at_signature
from ledger.money import rounded
from ledger.periods import Month, Period
from ledger.record import Recorded
from ledger.terms import ContractTerms
from projections import trend
from projections.audit.records import runs
from projections.findings_beside import symmetry
from projections.replays.replay import Replayer
from projections.restated import Difference, Restated, restated
from projections.statements.findings import few_were_absent, findings, not_counted

Sort = Literal[
    "assumed term",
    "derived term",
    "finding at signature",
    "finding accepted at adoption",
    "preliminary",
    "reference trend",
    "finding of a month",
    "disrupted days on one side",
    "agreed, not measured",
    "unsettled",
    "suspended",
]


@dataclass(frozen=True)
class Rests:
    """One assumption or finding. ``where``: the clause, determination or months; ``records``: where it stands on record.

    ``ore``: its size, and ``of`` what that is; None where it cannot be told. ``provider_ore``: of savings, the part of the
    entitlement that lies in the same months. ``unsure``: it rests, wholly or in part, on index values not published.
    """

    sort: Sort
    what: str
    where: str
    records: tuple[int, ...] = ()
    ore: int | None = None
    of: str = ""
    provider_ore: int | None = None
    unsure: bool = False


def rests(facts: Facts, folded: ContractState) -> list[Rests]:
    """All that are in force, terms first."""
    records = facts.stream(contract_stream(folded.signed.id))
    return [
        *_terms(folded, records),
        *_accepted(records),
        *_preliminary(facts, folded),
        *_reference(facts, folded),
        *_months(folded),
        *_one_sided(facts, folded),
        *agreed_months(folded),
        *_unsettled(restated(facts, folded.signed.id)),
        *_suspended(folded),
    ]


def _terms(folded: ContractState, records: Iterable[Recorded[Any]]) -> Iterator[Rests]:
    terms = folded.versions[-1][1]
    position = max(
        one.position for one in records if isinstance(one.data, (e.ContractSigned, e.ContractAmended)) and one.data.terms == terms
    )
    amounts = _term_amounts(terms)
    sorts: tuple[tuple[Sort, tuple[str, ...]], ...] = (("assumed term", terms.assumed), ("derived term", terms.derived))
    for sort, keys in sorts:
        for key in keys:
            ore = amounts.get(key)
            of = "" if ore is None else "the amount"
            yield Rests(sort, f"{key}{_said(terms, key)}", terms.clause(key), (position,), ore, of)
    for one in at_signature(terms):
        yield Rests("finding at signature", one.what, one.clause, (position,), one.size, "difference")


def _term_amounts(terms: ContractTerms) -> dict[str, int]:
    """Terms that are amounts, in öre, by key."""
    instalments = sum(part.amount for part in terms.upfront.instalments)
    return {
        "upfront": instalments,
        "upfront.instalments": instalments,
        "investment.total": terms.investment.total,
        "investment.external_service_value": rounded(terms.service_value),
        "outcome.maximum_payment": terms.outcome.maximum_payment,
    }


def _said(terms: ContractTerms, key: str) -> str:
    """What the terms say under a key, in short; nothing where its amount says it, or it is too long to stand here."""
    if key in _term_amounts(terms):
        return ""
    value: Any = terms.model_dump(mode="json", exclude_none=True)
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, dict):
        simple = {name: " and ".join(one) if isinstance(one, list) else one for name, one in value.items()}
        return ": " + ", ".join(f"{name} {one}".replace("_", " ") for name, one in simple.items())
    return f": {value}" if isinstance(value, (str, int)) else ""


def _accepted(records: Iterable[Recorded[Any]]) -> Iterator[Rests]:
    for record in records:
        event = record.data
        if not isinstance(event, e.MethodologyAdopted):
            continue
        for one in event.accepts or ():
            where = f"methodology {event.methodology.name}"
            of = "of savings" if one.size_ore is not None else ""
            yield Rests("finding accepted at adoption", one.what, where, (record.position,), one.size_ore, of)


UNPUBLISHED = "; none is published"
"""Of index values: no published figure is on record in their place."""


def _preliminary(facts: Facts, folded: ContractState) -> Iterator[Rests]:
    for one in folded.in_force:
        lines = [line for line in one.months if isinstance(line, e.MonthDetermined) and line.trend.status != "published"]
        if not lines:
            continue
        used = {line.trend.quarter: line.trend for line in lines}
        values = ", ".join(f"{quarter} {value.value} ({value.status})" for quarter, value in used.items())
        series = {folded.every_methodology[line.methodology_sha256].trend.series for line in lines}
        published = sorted(
            record.position
            for name in series
            for record in facts.stream(trend_stream(name))
            if any(value.status == "published" and value.quarter in used for value in record.data.values)
        )
        said = f"; published: record {', '.join(map(str, published))}" if published else UNPUBLISHED
        yield _of_months(folded, "preliminary", f"index {values}{said}", one, [line.month for line in lines], unsure=True)


def _of_months(
    folded: ContractState, sort: Sort, what: str, one: Determination, months: Iterable[Month], *, unsure: bool = False
) -> Rests:
    """Savings of a determination's months, and the part of the entitlement that lies in them."""
    months, moves = list(months), waterfall.increments(folded.path)
    ore = sum(line.savings_ore for line in one.months if line.month in months)
    where = f"D{one.number}, {runs(months)}"
    provider = sum(moves[month] for month in months)
    return Rests(sort, what, where, (one.position,), ore, "their savings", provider, unsure)


def _reference(facts: Facts, folded: ContractState) -> Iterator[Rests]:
    """Quarters of the reference years whose index is no published figure: every factor is measured against them (rule 7)."""
    first: dict[str, Determination] = {}
    for one in sorted(folded.determinations, key=lambda one: one.position):
        for line in one.months:
            if isinstance(line, e.MonthDetermined):
                first.setdefault(line.methodology_sha256, one)
    said: dict[str, list[str]] = {}
    for sha256, one in first.items():
        method = folded.every_methodology[sha256]
        index = trend.first_recorded(facts.at(one.basis), method.trend)
        quarters = {month.quarter for month in method.reference.months if month.quarter in index}
        unsure = sorted(quarter for quarter in quarters if index[quarter].status != "published")
        if unsure:
            statuses = ", ".join(sorted({index[quarter].status for quarter in unsure}))
            what = f"{len(unsure)} of {len(quarters)} quarters that the index is compared with are {statuses}, not published"
            said.setdefault(f"{what}: {', '.join(map(str, unsure))}", []).append(sha256)
    for what, several in said.items():
        names = ", ".join(folded.every_methodology[sha256].name for sha256 in several)
        records = tuple(sorted(folded.adopted_at[sha256] for sha256 in several))
        yield Rests("reference trend", what, f"methodology {names}", records)


def _months(folded: ContractState) -> Iterator[Rests]:
    """Findings of determined months, each once for a determination; what tells of a workplace's absences without them."""
    for one in folded.in_force:
        hidden = {(line.month, said) for line in one.months for said in line.findings if _tells_of_few(line.month, said)}
        shown = (
            [line.model_copy(update={"findings": tuple(map(_kept, line.findings))}) for line in one.months]
            if hidden
            else one.months
        )
        for found in findings(shown):
            about = f", about reference months {runs(found.reference)}" if found.reference else ""
            yield _of_months(folded, "finding of a month", f"{found.what}{about}", one, found.months)


def _one_sided(facts: Facts, folded: ContractState) -> Iterator[Rests]:
    """Disrupted days on one side of the comparison only, in the months measured, and what of the savings comes of it. A size
    that may rest on few persons' absences is not told."""
    replayer, measured = Replayer(facts, folded.signed.id), dict[str, list[Month]]()
    for one in folded.in_force:
        for line in one.months:
            if isinstance(line, e.MonthDetermined):
                measured.setdefault(line.methodology_sha256, []).append(line.month)
    for sha256, months in measured.items():
        method = folded.every_methodology[sha256]
        for found in symmetry(replayer, method, months):
            what, records = f"disrupted days are {found.side}", (folded.adopted_at[sha256],)
            size = found.size if found.side == INDEX_ALONE else None
            of = "" if size is None else "of savings"
            yield Rests("disrupted days on one side", what, runs(found.months), records, size, of)


INDEX_ALONE = "not in actual, but in the index of the quarter"
"""The one side whose size follows from totals: the others' is of days that may be few persons'."""


def _tells_of_few(month: Month, said: str) -> bool:
    return few_were_absent(said) or not_counted(month, said) is not None


def _kept(said: str) -> str:
    """The finding without workplace and figures, where it tells of the absences at one (``projections/audience.py``)."""
    head, about, what = said.rpartition(": ") if said.startswith("reference month ") else ("", "", said)
    if "people were absent from " in what:
        return f"{head}{about}more people were absent from a workplace than it had employees"
    if "net days at " in what:
        return f"{head}{about}net days at workplaces without employees are not counted"
    return said


_RULES = {
    "exclude-months@1": "left out by agreement: no savings",
    "deem-average@1": "counts for the mean of {of}",
    "resolved": "as the resolution of X{dispute} says",
}


def agreed_months(folded: ContractState) -> Iterator[Rests]:
    """Months that count for something agreed, by determination and rule; whether a mean of others is of sure ones."""
    for one in folded.in_force:
        said: dict[tuple[str, Period | None], list[Month]] = {}
        for line in one.months:
            if isinstance(line, e.MonthAgreed):
                what = _RULES[line.kind].format(of=line.of, dispute=line.dispute)
                said.setdefault((what, line.of), []).append(line.month)
        for (what, of), months in said.items():
            unsure = [] if of is None else _unpublished(folded, one, of)
            what += f", {len(unsure)} of its {len(list(of))} months on index values not published" if of and unsure else ""
            yield _of_months(folded, "agreed, not measured", what, one, months, unsure=bool(unsure))


def _unpublished(folded: ContractState, one: Determination, of: Period) -> list[Month]:
    """The months of a mean that, as they stood when it was taken, rested on index values that are no published figures."""
    stood = (
        each
        for each in folded.determinations
        if each.position < one.position
        and (each.superseded_by is None or folded.determination(each.superseded_by).position > one.position)
    )
    lines = (line for each in stood for line in each.months if isinstance(line, e.MonthDetermined) and line.month in of)
    return [line.month for line in lines if line.trend.status != "published"]


def _unsettled(found: Restated) -> Iterator[Rests]:
    late = {record.position for record in found.facts}
    parts: tuple[tuple[Difference, str], ...] = (
        (found.open, "recorded later than the determination, which can be redone"),
        (found.closed, "recorded later than the determination, which is closed"),
    )
    for difference, what in parts:
        for one in difference.determinations:
            months = [month for month in difference.months if month.determination == one.number]
            savings = sum(month.savings for month in months)
            entitlement = sum(month.entitlement for month in months)
            records = tuple(sorted(cause.record.position for cause in difference.causes if cause.record.position in late))
            yield Rests("unsettled", what, f"D{one.number}, {one.period}", records, savings, "savings moved", entitlement)
    for unable in found.unable:
        one = unable.determination
        yield Rests("unsettled", f"recorded later; it cannot be redone: {unable.reason}", f"D{one.number}, {one.period}")


def _suspended(folded: ContractState) -> Iterator[Rests]:
    if folded.suspended_from is not None:
        yield Rests("suspended", "follow-up is suspended: nothing is determined", f"from {folded.suspended_from}")
    for period in folded.suspensions:
        if months := [month for month in period if folded.suspended(month)]:
            yield Rests("suspended", "these months count for nothing", runs(months))
