"""What is measured, what it is worth, who gets what: three tables of any contract's terms."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from cli.output import table
from cli.sections import WIDTH, Section, Table, as_text
from cli.words import role
from ledger.methodology import Methodology
from ledger.money import shown
from ledger.terms import ContractTerms
from ledger.tiered_terms import ContractsSavings, CostDifference, PricePerUnit, ReportedAmount, TieredTerms, Valuation
from ledger.tiers import Limit, Part, Tier, Waterfall
from projections.tiered.explain import condition, limit, share

Row = dict[str, str]


@dataclass(frozen=True)
class Shape:
    """The three tables, row by row."""

    measured: tuple[Row, ...]
    worth: tuple[Row, ...]
    gets: tuple[Row, ...]

    def as_json(self) -> dict[str, Sequence[Row]]:
        """For programs."""
        return {"measured": self.measured, "worth": self.worth, "who_gets_what": self.gets}

    def as_text(self) -> Iterator[str]:
        """For a reader, three tables one after the other."""
        for title, rows in (("What is measured", self.measured), ("What it is worth", self.worth), ("Who gets what", self.gets)):
            tables = [_laid(rows)] if rows else []
            yield from ("", as_text([Section("", title, tables=tables, says=() if rows else ["Nothing is agreed yet."])]))

    def rows(self) -> Iterator[Row]:
        """For a spreadsheet, which table each row is of before it."""
        for name, rows in self.as_json().items():
            for number, row in enumerate(rows, 1):
                yield from ({"key": f"{name}.{number}.{key}", "value": value} for key, value in row.items())


def _laid(rows: Sequence[Row]) -> Table:
    """One line a row, its words in as many lines as it takes to fit a page; without columns that say nothing. Rows that differ
    in where they come from alone are one, so that no figure is printed twice."""
    names = [name for name in rows[0] if any(row[name] for row in rows)]
    said: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        *same, last = (row[name] for name in names)
        said.setdefault(tuple(same), []).append(last)
    cells = [[*same, "; ".join(lasts)] for same, lasts in said.items()]
    tried = (_in_lines(cells, width) for width in (60, 45, 36, 30, 26, 22, 18, 14))
    laid = next((one for one in tried if max(map(len, table(one, names).splitlines())) <= WIDTH), cells)
    return Table("", names, laid, ())


def _in_lines(cells: Sequence[Sequence[str]], width: int) -> list[list[str]]:
    return [
        ["\n".join(textwrap.wrap(cell, width, break_long_words=False, break_on_hyphens=False)) for cell in row] for row in cells
    ]


def of_tiered(terms: TieredTerms) -> Shape:
    """Of a contract settled by tiers."""
    measured = tuple(
        {
            "metric": one.id,
            "what": one.name,
            "unit": terms.currency if one.unit == "money" else one.unit,
            "better": one.better,
            "source": one.source,
            "definition": terms.status(f"metrics.{one.id}"),
        }
        for one in terms.metrics
    )
    worth = tuple(
        {"amount": one.id, "how": _how(one, terms.currency), "status": terms.status(f"valuations.{one.id}")}
        for one in terms.valuations
    )
    named = tuple(
        {
            "amount": one.id,
            "how": f"{one.what}: {shown(one.amount)} {terms.currency}",
            "status": terms.status(f"amounts.{one.id}"),
        }
        for one in terms.amounts
    )
    return Shape(measured, worth + named, tuple(_tiers(terms.waterfall, lambda tier: _status(terms, tier))))


def _how(one: Valuation, currency: str) -> str:
    match one:
        case ReportedAmount():
            return f"the sum of {one.metric} reported of {one.group}"
        case CostDifference():
            expected = f"{one.metric} of {one.group} at the cost per person of {one.baseline}"
            return f"{expected}, less its own, over {', '.join(one.parts)}"
        case PricePerUnit():
            return f"{one.metric} reported of {one.group}, in all, at {shown(one.price)} {currency} each"
        case ContractsSavings():
            return f"savings determined in {', '.join(one.contracts)}"
        case _:
            assert_never(one)


def _status(terms: TieredTerms, tier: Tier) -> str:
    """The tier's own status, and the keys within it that have another."""
    key = f"waterfall.{tier.name}"
    kinds: dict[str, Sequence[str]] = {
        "not published, a parameter": terms.unpublished,
        "assumed": terms.assumed,
        "derived": terms.derived,
    }
    parts = [
        f"{said}: {', '.join(one.removeprefix(f'{key}.') for one in keys if one.startswith(f'{key}.'))}"
        for said, keys in kinds.items()
        if any(one.startswith(f"{key}.") for one in keys)
    ]
    return "; ".join([terms.status(key), *parts])


def _tiers(waterfall: Waterfall, status: Callable[[Tier], str]) -> Iterator[Row]:
    for tier in waterfall.tiers:
        before = [one for one in waterfall.tiers if one.of == tier.of]
        first = before.index(tier) == 0
        slice_ = "from its first krona" if first else "from where the tier before ends"
        slice_ += "" if tier.up_to is None else f" up to {_limit(tier.up_to)}"
        yield {
            "tier": tier.name,
            "of": tier.of,
            "slice": slice_,
            "shares": "; ".join(map(_share, tier.shares)),
            "condition": _condition(tier),
            "status": status(tier),
        }
    for one in waterfall.remainder:
        said = "what no tier gives, or what lies below zero"
        yield {"tier": "(the rest)", "of": one.of, "slice": said, "shares": role(one.party), "condition": "", "status": ""}


def _share(one: Part) -> str:
    most = "" if one.most is None else f", at most {_limit(one.most)}"
    return f"{role(one.party)} {share(one)}{most}"


def _limit(one: Limit) -> str:
    return shown(one.amount) if one.amount is not None else limit(one)


def _condition(tier: Tier) -> str:
    if tier.guaranteed:
        return "guaranteed, whatever the outcome"
    return "" if tier.only_if is None else f"only if {condition(tier.only_if)}"


def of_sick_leave(terms: ContractTerms, methodologies: Sequence[tuple[object, Methodology]]) -> Shape:
    """Of a contract measured by sick leave: the methodologies agreed, each from its day, and the terms' one tier."""
    measured = tuple(
        {
            "metric": "net-days",
            "what": f"net sick days numbered {one.measure.numbers} in their sick-pay period, against {_reference(one)}",
            "unit": "days",
            "better": "lower",
            "source": f"{one.measure.source}; trend {one.trend.series}",
            "definition": f"{one.name} from {start}",
        }
        for start, one in methodologies
    )
    worth = tuple(
        {"amount": "savings", "how": f"net days avoided, at {_price(one)}", "status": f"{one.name} from {start}"}
        for start, one in methodologies
    )
    investment = {
        "amount": "investment",
        "how": "the whole investment, investment.total of the terms",
        "status": terms.status("investment.total"),
    }
    keys = ("outcome.provider_share", "outcome.maximum_payment", "outcome.ceiling")
    statuses = ", ".join(dict.fromkeys(terms.status(key) for key in keys))
    return Shape(measured, (*worth, investment), tuple(_tiers(terms.waterfall, lambda tier: statuses)))


def _reference(one: Methodology) -> str:
    return f"{one.reference.from_} to {one.reference.to}, adjusted for the trend"


def _price(one: Methodology) -> str:
    return ", ".join(f"{shown(price.amount)} SEK from {price.from_}" for price in one.price.sek)
