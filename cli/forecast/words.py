"""A forecast in a controller's words: what each way does, what its range says, and why a date is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise

from ledger.facts import Facts
from ledger.money import decimals, shown
from ledger.periods import Month
from projections.forecasts.back_test import BackTest, Score
from projections.forecasts.forecast import Expected, Forecast, TargetName
from projections.forecasts.methods import WIDTH, Name, filled, weights

NAMES: dict[Name, str] = {"pro-rata": "Pro rata", "ramp-up": "Ramp-up aware", "seasonal": "Seasonal"}
TARGETS: dict[TargetName, str] = {
    "contract": "Contract breaks even",
    "authority": "Authority breaks even",
    "provider": "Provider breaks even",
    "cap": "Cap on outcome payments",
}
CLAIM = "A forecast, no claim: nothing is owed, payable or paid by it."


def label(facts: Facts) -> str:
    """``forecast``, or ``forecast (simulated ledger)`` (decision 11)."""
    return "forecast (simulated ledger)" if facts.opened.simulated else "forecast"


def months(several: Iterable[Month]) -> str:
    """Months as runs: ``2018-10 to 2020-02, 2020-05``."""
    ordered = sorted(several)
    starts = [ordered[0], *(two for one, two in pairwise(ordered) if two != one + 1)] if ordered else []
    ends = [*(one for one, two in pairwise(ordered) if two != one + 1), ordered[-1]] if ordered else []
    return ", ".join(f"{one} to {two}" if one != two else str(one) for one, two in zip(starts, ends, strict=True))


def counted(number: int, what: str = "month") -> str:
    """``1 month``, ``17 months``."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def formula(one: Forecast, name: Name) -> str:
    """A way's formula, with its figures."""
    match name:
        case "pro-rata":
            return _pro_rata(one)
        case "ramp-up":
            return _ramp_up(one)
        case "seasonal":
            return _seasonal(one)


def _pro_rata(one: Forecast) -> str:
    known = one.ground
    base, term = len(known.counted), known.terms.months
    if not known.agreed and not known.left_out:
        return (
            f"Savings determined ÷ {counted(base)} × the {term} months of the term: "
            f"{shown(known.carried)} ÷ {base} × {term}. Every month to come saves what the {base} saved on average."
        )
    return (
        f"To the savings determined comes, for each of {counted(len(known.coming))} to forecast, the mean of the {base} counted: "
        f"{shown(sum(known.counted.values()))} ÷ {base}.{_plus(one)}"
    )


def _ramp_up(one: Forecast) -> str:
    known, ramp = one.ground, one.ground.terms.ramp_up_months
    past, coming = (sum(weights(known, several).values(), Fraction(0)) for several in (known.measured, known.coming))
    how = (
        f"The effect grows evenly over the first {counted(ramp)} of the term: the k-th of them weighs (k − 1/2) ÷ {ramp}, every "
        "later month 1."
        if ramp
        else "The terms have no ramp-up: every month weighs 1."
    )
    saved = shown(sum(known.measured.values()))
    return (
        f"{how} To the savings determined comes what the months measured saved × the weights to forecast ÷ their weights: "
        f"{saved} × {decimals(coming, 2)} ÷ {decimals(past, 2)}.{_plus(one)}"
    )


def _seasonal(one: Forecast) -> str:
    known = one.ground
    kinds = {month: filled(known, month).by for month in known.coming}
    quarter = [month for month, by in kinds.items() if by == "quarter"]
    every = [month for month, by in kinds.items() if by == "all"]
    said = (
        "Each month to come saves per weekday what the same calendar months measured saved per weekday: their savings ÷ their "
        "weekdays × its own."
    )
    if quarter:
        said += (
            f" Its calendar month is not measured yet, so months of the same quarter of the year stand in for {months(quarter)}."
        )
    if every:
        said += f" Nor is its quarter of the year, so all months measured stand in for {months(every)}."
    return f"{said} Ramp-up is not allowed for.{_plus(one)}"


def _plus(one: Forecast) -> str:
    known = one.ground
    said = ""
    if known.agreed:
        said += f" {months(known.agreed)} count for what is agreed, {shown(sum(known.agreed.values()))} in all."
    if known.left_out:
        said += f" {months(known.left_out)} count for nothing."
    return said


RANGE = (
    f"From and to: the forecast less and plus {WIDTH} × s × √(r + sum of a²), rounded outwards to the öre. s is the standard "
    "deviation of the months measured (divisor one less than their number), r the number of months forecast, a the part that "
    "each past month has in them altogether. It would hold about 95 of 100 outcomes, fewer where few months are measured, if "
    "months varied by chance alone around a level that stays. It does not cover a level that changes, a trend value that moves "
    "three months at once, or terms agreed anew."
)
NO_RANGE = "There is no range: it takes at least two months measured."


def reason(one: Expected) -> str:
    """Why there is no date."""
    if one.target.at_savings is None:
        return "never: the ceiling prevents it"
    return f"not within the term: {shown(one.missing)} missing at its end"


def remark(one: Expected) -> str | None:
    """What must be said beside a date that does not last."""
    if one.missing and one.reached_on is not None:
        return f"attained, but {shown(one.missing)} is missing at the end of the term"
    if one.missing and one.on is not None:
        return f"lost again: {shown(one.missing)} is missing at the end of the term"
    return None


def tried(one: Forecast) -> str:
    """What the back-test found, in one line."""
    test = one.back_test
    if not test.scores:
        return "Not tried on this record yet: no later date is determined than the first forecast was made from."
    said = "; ".join(f"{NAMES[each.method].lower()} {_off(one, each)}" for each in test.scores)
    times = test.scores[0].times
    return f"Tried on this record, {'once' if times == 1 else f'{times} times'} each: off on average: {said}. {_held(test)}"


def _off(one: Forecast, each: Score) -> str:
    share = decimals(one.state.share_of_investment(each.mean_absolute) * 100, 1)
    return f"{shown(each.mean_absolute)} ({share} % of the investment)"


def _held(test: BackTest) -> str:
    """How often the range held."""
    ranged: Sequence[Score] = [each for each in test.scores if each.ranged]
    if not ranged:
        return "There was no range to try."
    said = ", ".join(f"{NAMES[each.method].lower()} {each.within}" for each in ranged)
    return f"How often what came lay within the range, of {ranged[0].ranged}: {said}."
