"""``soc replay`` for programs: JSON in which a replayed figure says ``simulation``; CSV with a row for each methodology and
month, for each cause of a difference and month, for each methodology and workplace, or for each row of a sweep."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from cli import output
from cli.replay import sweep as replay_sweep
from cli.replay.answer import Answer, Side, amounts, kind, procurement_text, withholds
from cli.replay.differences import Compared, Moved
from ledger import waterfall
from ledger.events import MonthDetermined
from ledger.money import decimals, kronor
from ledger.periods import Month
from ledger.terms import ContractTerms
from projections.audience import NARROWEST, WITHHELD
from projections.replays.withheld import left_out
from projections.replays.workplaces import Workplace
from projections.state import Reaching
from projections.statements.people import FEW

SIMULATION = "simulation"

# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def as_json(one: Answer) -> dict[str, Any]:
    """The whole answer: money in kronor as text; null what is absent or was not asked for."""
    replay, facts = one.replay, one.replay.facts
    return {
        "contract": replay.contract,
        "as_of": str(replay.when.as_of),
        **output.basis_json(facts),
        "label": SIMULATION,
        "audience": "payer" if one.behind is None else NARROWEST,
        "withheld": FEW if withholds(one) else None,
        "currency": one.terms.currency,
        "facts": "then" if replay.then else "now",
        "months": [str(month) for month in replay.months],
        "stopped": {label: list(reasons) for label, reasons in one.stopped.items()},
        "suspended_months": [str(month) for month in replay.suspended],
        "recorded": {"label": output.label(facts), **_figures(one.recorded, one.terms)},
        "methodologies": [_methodology(side, one) for side in one.sides],
        "differences": None if one.differences is None else [_difference(each) for each in one.differences],
        "sweep": None if one.grid is None else replay_sweep.as_json(one.grid),
    }


def _methodology(one: Side, answer: Answer) -> dict[str, Any]:
    change = one.procurement
    return {
        "name": one.label,
        "sha256": one.methodology.sha256,
        "label": SIMULATION,
        **_figures(one, answer.terms),
        "findings": [
            {
                "name": "symmetry",
                "what": found.what,
                "size": WITHHELD if found.few else _amount(found.symmetry.size),
                "to_accept": found.symmetry.to_accept,
            }
            for found in one.findings
        ],
        "procurement": {
            "change": None if change is None else kronor(change.change),
            "remuneration": None if change is None else kronor(change.remuneration),
            "value": None if change is None else kronor(change.value),
            "share": None if change is None else decimals(change.share, 4),
            "compared_with": None if change is None else answer.began_with,
            "what": procurement_text(one),
        },
        "workplaces": None if one.workplaces is None else [_workplace(each) for each in one.workplaces],
        "workplaces_in_all": None if one.in_all is None else _workplace(one.in_all),
    }


def _figures(one: Side, terms: ContractTerms) -> dict[str, Any]:
    found, kinds = one.outcome, one.kinds
    return {
        **{f"months_{each}": kinds[each] for each in ("measured", "deemed", "excluded")},
        "preliminary": one.preliminary,
        "savings": {"sum": kronor(found.sum), "by_month": _by_month(found.savings)},
        "entitlement": {"by_month": _by_month(one.steps)},
        **{name: kronor(amount) for name, amount in amounts(one, terms).items()},
        "break_even": {party: _reaching(found.reaching[party]) for party in ("contract", "authority", "provider")},
        "cap": _cap(found.reaching["cap"], terms),
    }


def _by_month(amounts: dict[Month, int]) -> dict[str, str]:
    return {str(month): kronor(amount) for month, amount in amounts.items()}


def _reaching(one: Reaching) -> dict[str, Any]:
    """As ``soc state`` says it; since when it is known a simulation cannot say."""
    return {
        "at_savings": _amount(one.target.at_savings),
        "reached": one.reached,
        "reached_on": _day(one.reached_on),
        "lost_on": _day(one.lost_on),
        "known_since": None,
        "remaining": kronor(one.remaining),
    }


def _cap(one: Reaching, terms: ContractTerms) -> dict[str, Any]:
    said = _reaching(one)
    return {
        "amount": kronor(one.target.amount),
        **{name: said[name] for name in ("reached", "reached_on", "lost_on", "known_since")},
        "headroom": said["remaining"],
        "binding": waterfall.targets(terms).binding,
        "at_savings": said["at_savings"],
        "ceiling_savings": kronor(terms.ceiling_savings),
    }


def _workplace(one: Workplace) -> dict[str, str]:
    """Days and employees on average with two decimals."""
    return {
        "workplace": one.name,
        "employees": _hundredths(one.employees),
        "actual_days": _hundredths(one.actual),
        "left_out_days": _hundredths(one.left_out),
        "expected_days_allocated_by_employees": _hundredths(one.expected),
    }


def _hundredths(amount: int | None) -> str:
    return WITHHELD if amount is None else decimals(Fraction(amount, 100), 2)


def _difference(one: Compared) -> dict[str, Any]:
    residual = one.residual
    return {
        "from": one.before,
        "to": one.after,
        "months": [str(month) for month in one.months],
        "why_not": one.why,
        **(dict.fromkeys(MOVED) if one.found is None else _moved(one.total)),
        "causes": [{"cause": name, **_moved(moved)} for name, moved in one.causes.items()],
        "by_month": [
            {"month": str(month), "cause": name, **_moved(moved)}
            for month, causes in one.by_month.items()
            for name, moved in causes.items()
        ],
        "residual": kronor(abs(residual.savings) + abs(residual.to_provider)),
    }


MOVED = ("savings", "to_provider", "to_authority", "facts")


def _moved(one: Moved) -> dict[str, Any]:
    facts = WITHHELD if one.facts is None else one.facts
    amounts = (kronor(one.savings), kronor(one.to_provider), kronor(one.to_authority), facts)
    return dict(zip(MOVED, amounts, strict=True))


def _amount(ore: int | None) -> str | None:
    return None if ore is None else kronor(ore)


def _day(value: date | None) -> str | None:
    return None if value is None else str(value)


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

HEAD = ("contract", "label", "methodology", "sha256")
MONTHLY = (
    *("month", "kind", "employees", "expected_days", "actual_days", "left_out_days", "trend_quarter", "trend_factor", "price"),
    *("reimbursed", "savings", "entitlement", "entitled", "recorded_savings", "recorded_entitlement"),
)
CAUSES = ("contract", "label", "from", "to", "month", "cause", *MOVED)
WORKPLACES = ("workplace", "employees", "actual_days", "left_out_days", "expected_days_allocated_by_employees")


def as_csv(one: Answer) -> str:
    """One table: the sweep, the causes or the workplaces where they were asked for, else the months."""
    if one.grid is not None:
        return output.as_csv(*replay_sweep.csv_rows(one.grid, one.replay.contract))
    if one.differences is not None:
        return output.as_csv([row for each in one.differences for row in _cause_rows(one, each)], CAUSES)
    if one.sides[0].workplaces is not None:
        rows = [{**_head(one, side), **_workplace(each)} for side in one.sides for each in side.workplaces or ()]
        return output.as_csv(rows, [*HEAD, *WORKPLACES])
    return output.as_csv([row for side in one.sides for row in _monthly_rows(one, side)], [*HEAD, *MONTHLY])


def _head(one: Answer, side: Side) -> dict[str, Any]:
    return dict(zip(HEAD, (one.replay.contract, SIMULATION, side.label, side.methodology.sha256), strict=True))


def _cause_rows(one: Answer, compared: Compared) -> list[dict[str, Any]]:
    said = _difference(compared)
    head = {"contract": one.replay.contract, "label": SIMULATION, "from": compared.before, "to": compared.after}
    return [{**head, **row} for row in said["by_month"]]


def _monthly_rows(one: Answer, side: Side) -> list[dict[str, Any]]:
    """Every month that counts; ``label`` says ``recorded`` of one that stands as determined, by the methodology of then."""
    savings, steps = one.recorded.outcome.savings, one.recorded.steps
    few = frozenset[Month]() if one.behind is None else left_out(one.replay, one.behind, side.methodology, side.lines)
    rows = []
    for month, line in side.lines.items():
        stands = {} if month in one.replay.months else {"label": "recorded"}
        rows.append(
            {
                **_head(one, side),
                **stands,
                "sha256": line.methodology_sha256,
                "month": str(month),
                "kind": kind(line),
                **(_measured(line) if isinstance(line, MonthDetermined) else {}),
                **({"left_out_days": WITHHELD} if month in few else {}),
                "savings": kronor(line.savings_ore),
                "entitlement": kronor(side.steps[month]),
                "entitled": kronor(side.outcome.entitlements[month]),
                "recorded_savings": _amount(savings.get(month)),
                "recorded_entitlement": _amount(steps.get(month)),
            }
        )
    return [{**dict.fromkeys(MONTHLY), **row} for row in rows]


def _measured(line: MonthDetermined) -> dict[str, Any]:
    return {
        "employees": line.employees,
        "expected_days": decimals(line.expected_days, 6),
        "actual_days": _hundredths(line.actual_hundredths),
        "left_out_days": None if line.left_out_hundredths is None else _hundredths(line.left_out_hundredths),
        "trend_quarter": str(line.trend.quarter),
        "trend_factor": str(line.trend.factor),
        "price": kronor(line.price_ore),
        "reimbursed": None if line.reimbursed is None else str(line.reimbursed),
    }
