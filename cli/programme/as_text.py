"""``soc programme state`` for a controller."""

from __future__ import annotations

from collections.abc import Iterator

from cli.party import section as party_section
from cli.programme.state import parties
from cli.programme.words import FIGURES, in_unit
from cli.sections import Section, Table
from cli.sections import as_text as in_sections
from ledger.money import decimals, shown
from ledger.periods import day_in_stockholm, stockholm_text
from projections.programme import SUMMED, Compared, Programme
from projections.state import Reaching, State


def as_text(one: Programme, basis: str) -> str:
    """The whole first: savings, break-even, cap, payments; then what is stated, the parties, and what to know."""
    head = [f"{one.formed.name} — {one.formed.id}", f"As of {one.when.as_of} · {basis}", "SEK excluding VAT"]
    if one.when.as_of > day_in_stockholm(one.when.known_at):
        head.append(f"{one.when.as_of} lies after all that is known: this assumes that nobody objects and nothing is recorded.")
    sections = [_savings(one), _break_even(one), _cap(one), _payments(one)]
    sections += [_stated(one)] if one.stated else []
    sections += [party_section(parties(one)), _notes(one)]
    return "\n".join(head) + "\n\n" + in_sections(sections)


def _savings(one: Programme) -> Section:
    headers = ["contract", "determined through", "investment", "savings", "of investment %", "the authority's", "forecast %"]
    rows = [
        [
            found.contract,
            str(found.determined_through.last_day) if found.determined_through else "nothing",
            shown(found.terms.investment.total),
            shown(found.savings),
            decimals(found.ratio * 100, 1),
            shown(found.to_authority),
            "" if found.forecast.ratio is None else decimals(found.forecast.ratio * 100, 1),
        ]
        for found in one.states
    ]
    whole = [shown(one.total("investment")), shown(one.total("savings")), decimals(one.ratio * 100, 1)]
    forecast = "" if one.forecast is None else decimals(one.forecast * 100, 1)
    rows.append(["whole", "", *whole, shown(one.total("to_authority")), forecast])
    return Section("savings", "Savings", tables=[Table("", headers, rows, [2, 3, 4, 5, 6], total=True)])


def _break_even(one: Programme) -> Section:
    rows = [[found.contract, *_reaching(found.break_even_contract)] for found in one.states]
    rows.append(["whole", *_reaching(one.break_even)])
    headers = ["contract", "breaks even at", "reached", "missing"]
    says = ["The whole breaks even in the month at whose end the savings of all have come to the investments of all."]
    return Section("break-even", "Break-even", tables=[Table("", headers, rows, [1, 3], total=True)], says=says)


def _cap(one: Programme) -> Section:
    rows = [[found.contract, *_reaching(found.cap)] for found in one.states]
    rows.append(["whole", *_reaching(one.cap)])
    at_cap = f"At their cap: {', '.join(one.at_cap)}." if one.at_cap else "No contract is at its cap."
    says = [f"{at_cap} Each contract has its own cap: what is left of one is no other's."]
    says += [f"{found.contract}: its ceiling binds first; its cap is never reached." for found in one.states if _never(found)]
    headers = ["contract", "at most", "reached", "left"]
    return Section("cap", "Cap on outcome payments", tables=[Table("", headers, rows, [1, 3], total=True)], says=says)


def _never(one: State) -> bool:
    return one.cap.target.at_savings is None


def _reaching(one: Reaching) -> list[str]:
    said = "no"
    if one.reached:
        known = "" if one.known_since is None else f", known since {stockholm_text(one.known_since)[:10]}"
        said = f"on {one.reached_on}{known}"
    elif one.lost_on is not None:
        said = f"no; held from {one.reached_on}, lost on {one.lost_on}"
    return [shown(one.target.amount), said, shown(one.remaining)]


def _payments(one: Programme) -> Section:
    keys = ("entitled", "payable", "paid", "held", "due", "overpaid", "upfront_paid", "loan_outstanding")
    names = ["entitled", "payable", "outcome paid", "held", "due then", "overpaid", "upfront paid", "loan outstanding"]
    rows = [[found.contract, *(shown(SUMMED[key](found)) for key in keys)] for found in one.states]
    rows.append(["whole", *(shown(one.total(key)) for key in keys)])
    return Section("payments", "Payments", tables=[Table("", ["contract", *names], rows, range(1, 9), total=True)])


def _stated(one: Programme) -> Section:
    rows = [
        [
            FIGURES[each.stated.figure],
            each.stated.words,
            "not compared" if each.computed is None else in_unit(each.computed, each.stated.unit),
            _verdict(each),
            f"{each.stated.source} ({each.stated.status})",
        ]
        for each in one.stated
    ]
    rates = {each.rate.currency: each.rate for each in one.stated if each.rate is not None}
    says = [f"1 {name} is taken for {rate.sek} SEK, {rate.status}: {rate.source}." for name, rate in rates.items()]
    if any(each.stated.unit == "EUR" and each.rate is None for each in one.stated):
        says.append("What is stated in EUR is shown as stated: the programme names no rate.")
    headers = ["figure", "stated", "computed", "beside each other", "source"]
    return Section("stated", "Stated of the whole, beside what is computed", tables=[Table("", headers, rows, [2])], says=says)


def _verdict(one: Compared) -> str:
    """Whether the two differ by rounding alone."""
    if one.computed is None or one.rounded is None or one.difference is None:
        return "no rate is named" if one.stated.unit == "EUR" else "no headcount is on record"
    unit = one.stated.unit
    if not one.difference:
        return "the same"
    if one.agrees:
        return f"the same, rounded to {in_unit(one.rounded, unit)}"
    return f"differs by {in_unit(abs(one.difference), unit)}, {'more' if one.difference > 0 else 'less'} than stated"


def _notes(one: Programme) -> Section:
    return Section("notes", "Notes", says=[*_said(one)])


def _said(one: Programme) -> Iterator[str]:
    held = ", ".join(found.contract for found in one.states)
    yield f"It holds {held} since {one.members.from_on}. A programme moves no money: each contract settles by its own terms."
    if one.forecast is None:
        lacking = ", ".join(found.contract for found in one.states if found.forecast.ratio is None)
        yield f"There is no forecast of the whole: nothing that counts for one is determined of {lacking}."
    else:
        yield "The forecast is pro rata, each contract's own; together they are set against the investments of all."
    for found in one.states:
        if found.preliminary:
            yield f"{found.contract}: preliminary, it rests on trend values that are not published figures."
        if found.unsettled_facts:
            yield f"{found.contract}: {found.unsettled_facts} reports recorded since determination."
        assumed, derived = ", ".join(found.terms.assumed), ", ".join(found.terms.derived)
        yield f"{found.contract}: assumed, not published: {assumed or 'nothing'}; derived: {derived or 'nothing'}."
