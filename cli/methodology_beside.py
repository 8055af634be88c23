"""``soc methodology beside``: month by month what the methodology in force and the one before it give, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import click

from cli import output, sections
from cli.desk import Desk
from cli.options import DATE, answers, audience, looking
from cli.words import roles
from ledger.events import AnyMonth, MonthDetermined
from ledger.methodology import Methodology
from ledger.money import decimals, kronor, shown
from ledger.periods import Month

if TYPE_CHECKING:
    from projections.audience import Audience
    from projections.beside import Beside, Side, SideBySide

SIMULATION = "simulation: measured beside, moves no money"
"""What stands by the methodology before, in the months that are determined by the new one."""
COLUMNS = ["record", "month", "methodology", "label", "net_days", "expected", "avoided", "savings", "entitled"]


@click.command("beside")
@click.argument("contract_id", metavar="CONTRACT")
@click.option("--as-of", type=DATE, metavar="DATE", help="Months that end later are left out; default: the last record's date.")
@click.option("--known-at", metavar="INSTANT", help="As known at an instant, a date, or a record number; default: all of it.")
@audience
@answers
@looking
def beside(
    desk: Desk, contract_id: str, as_of: date | None, known_at: str | None, audience: Audience, form: str, file: str
) -> None:
    """The methodology that pays and the one before it, measured beside it for the months agreed: net days, expected, avoided and
    savings month by month, and by how much they differ in kronor and in what the provider is entitled to."""
    from projections.beside import side_by_side

    found = side_by_side(desk.known_at(known_at), contract_id, as_of, audience)
    if form == "json":
        output.emit(output.as_json(_json(found, audience)), file)
    elif form == "csv":
        output.emit(output.as_csv(list(_rows(found)), COLUMNS), file)
    else:
        head = [f"{contract_id}: methodologies side by side as of {found.when.as_of}", output.basis_line(found.facts)]
        head += ["Amounts in SEK excluding VAT. A difference is the new one less the one before.", ""]
        output.emit("\n".join([*head, sections.as_text(map(_section, found.adoptions))]), file)


def _label(side: Side, month: Month) -> str:
    return "recorded" if month in side.recorded else "simulation"


def _is(one: Beside) -> str:
    """What the figures of the methodology before are."""
    return "recorded until the months are determined again by the new one" if one.old.recorded else SIMULATION


def _named(one: Methodology) -> str:
    return f"{one.name} (version {one.version}, {one.sha256[:16]})"


def _days_of(line: AnyMonth) -> tuple[str | None, str | None, str | None]:
    """Net days absent, expected and avoided, with two decimals; None of a month that is not measured."""
    if not isinstance(line, MonthDetermined):
        return None, None, None
    actual = Fraction(line.actual_hundredths, 100)
    return decimals(actual, 2), decimals(line.expected_days, 2), decimals(line.expected_days - actual, 2)


def _amounts(one: Beside, months: Iterable[Month]) -> list[int]:
    """Öre: savings of both and their difference; what the months add to the provider's entitlement, and the difference."""
    every, sides = list(months), (one.new, one.old)
    savings = [sum(side.lines[month].savings_ore for month in every) for side in sides]
    entitled = [sum(side.entitled[month] for month in every) for side in sides]
    return [*savings, savings[0] - savings[1], *entitled, entitled[0] - entitled[1]]


# ── For readers ──────────────────────────────────────────────────────────────────────────────────────────────────────

_DAYS = ("month", "new: absent", "before: absent", "new: expected", "before: expected", "new: avoided", "before: avoided")
_SAVED = ("month", "new: savings", "before: savings", "difference", "new is", "before is")
_ENTITLED = ("month", "new: entitled", "before: entitled", "difference")


def _section(one: Beside) -> sections.Section:
    new, old = one.new.methodology.name, one.old.methodology.name
    facts = (
        ("New", f"{_named(one.new.methodology)} from {one.from_on}, agreed by {roles(one.agreed_by)}, record {one.position}"),
        ("Before", f"{_named(one.old.methodology)}; {_is(one)}"),
        ("Months", f"{one.period}, by the parties' agreement"),
    )
    tables = (
        sections.Table("Net days", _DAYS, [*_days(one)], range(1, 7)),
        sections.Table("Savings, SEK", _SAVED, [*_money(one, 0)], range(1, 4), total=True),
        sections.Table(
            "What the months add to the provider's entitlement, SEK", _ENTITLED, [*_money(one, 3)], range(1, 4), total=True
        ),
    )
    says = [f"{month} is not compared: {why}." for month, why in one.left_out.items()]
    says += [f"Not measured further: {said}." for said in one.waiting]
    if one.uncounted:
        says.append(
            f"Not determined, and so not counted in what the provider is entitled to: {', '.join(map(str, one.uncounted))}."
        )
    says += [] if one.months else ["No month of the period can be compared yet."]
    return sections.Section(f"record-{one.position}", f"{new} beside {old}", facts, tables if one.months else (), says)


def _days(one: Beside) -> Iterator[list[str]]:
    """Absent, expected and avoided net days of both, in pairs."""
    for month in one.months:
        pairs = zip(_days_of(one.new.lines[month]), _days_of(one.old.lines[month]), strict=True)
        yield [str(month), *("-" if days is None else days for pair in pairs for days in pair)]


def _money(one: Beside, start: int) -> Iterator[list[str]]:
    """Three of the amounts, by month and in all; beside savings whether they are recorded."""
    for month in one.months:
        labels = [] if start else [_label(one.new, month), _label(one.old, month)]
        yield [str(month), *map(shown, _amounts(one, (month,))[start : start + 3]), *labels]
    yield ["in all", *map(shown, _amounts(one, one.months)[start : start + 3]), *([] if start else ["", ""])]


# ── For programs ─────────────────────────────────────────────────────────────────────────────────────────────────────

_MONEY = ("savings_new", "savings_before", "savings_difference", "entitled_new", "entitled_before", "entitled_difference")


def _json(found: SideBySide, audience: Audience) -> dict[str, Any]:
    """Days with two decimals, kronor as text; absent values null."""
    return {
        "contract": found.contract,
        "as_of": str(found.when.as_of),
        **output.basis_json(found.facts),
        "audience": audience,
        "currency": "SEK",
        "vat": "excluded",
        "adoptions": [_adoption_json(one) for one in found.adoptions],
    }


def _adoption_json(one: Beside) -> dict[str, Any]:
    sides = {"new": one.new, "before": one.old}
    return {
        "record": one.position,
        "from": str(one.from_on),
        "agreed_by": list(one.agreed_by),
        "beside": str(one.period),
        "methodologies": {name: _method_json(side.methodology) for name, side in sides.items()},
        "note": f"before: {_is(one)}",
        "months": [
            {
                "month": str(month),
                **{name: _line_json(side, month) for name, side in sides.items()},
                "difference": _difference_json(one, (month,)),
            }
            for month in one.months
        ],
        "in_all": dict(zip(_MONEY, map(kronor, _amounts(one, one.months)), strict=True)),
        "not_compared": [{"month": str(month), "why": why} for month, why in one.left_out.items()],
        "missing": list(one.waiting),
        "not_determined_before": [str(month) for month in one.uncounted],
    }


def _method_json(one: Methodology) -> dict[str, Any]:
    return {"name": one.name, "version": one.version, "sha256": one.sha256}


def _line_json(side: Side, month: Month) -> dict[str, Any]:
    absent, expected, avoided = _days_of(side.lines[month])
    return {
        "label": _label(side, month),
        "net_days": absent,
        "expected": expected,
        "avoided": avoided,
        "savings": kronor(side.lines[month].savings_ore),
        "entitled": kronor(side.entitled[month]),
    }


def _difference_json(one: Beside, months: Iterable[Month]) -> dict[str, str]:
    amounts = _amounts(one, months)
    return {"savings": kronor(amounts[2]), "entitled": kronor(amounts[5])}


def _rows(found: SideBySide) -> Iterator[dict[str, Any]]:
    """A row a month and methodology."""
    for one in found.adoptions:
        for month in one.months:
            for side in (one.new, one.old):
                said = _line_json(side, month)
                yield {"record": one.position, "month": str(month), "methodology": side.methodology.name, **said}
