"""``soc replay`` for negotiators: what stands on record and what each methodology would have given, side by side, with what
must be known beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cli.replay import sweep as replay_sweep
from cli.replay import wide as replay_wide
from cli.replay.answer import KINDS, Answer, Side, amounts, procurement_text, withholds
from cli.replay.differences import CAUSES, Compared, Moved
from cli.replay.methods import RECORDED
from ledger.money import shown
from ledger.periods import Month, stockholm_text
from ledger.terms import ContractTerms
from projections.audience import WITHHELD
from projections.replays.workplaces import Workplace
from projections.state import Reaching
from projections.statements.people import FEW

SIMULATION = "A simulation: nothing is recorded, nothing can be paid by it."


def as_text(one: Answer) -> str:
    """The whole answer."""
    blocks = [_head(one), [*_title("What each would give"), *_summary(one)]]
    if one.grid is None:
        blocks.append([*_title("Savings by month"), *_by_month(one, [side.outcome.savings for side in _columns(one)])])
        steps = [side.steps for side in _columns(one)]
        blocks.append([*_title("To the provider by month: how its entitlement moves"), *_by_month(one, steps)])
    else:
        blocks.append([*_title("Over the values asked for"), *replay_sweep.as_text(one.grid)])
    blocks += [_compared(each) for each in one.differences or ()]
    blocks += [_workplaces(each) for each in one.sides if each.workplaces is not None]
    blocks += [[*_title("Beside them"), *_beside(one)], [*_title("Notes"), *_notes(one)]]
    return "\n\n".join("\n".join(block) for block in blocks)


def _title(said: str) -> list[str]:
    lines = replay_wide.wrapped(said, "")
    return [*lines, "─" * max(map(len, lines))]


def _head(one: Answer) -> list[str]:
    replay, basis = one.replay, one.replay.facts.basis
    known = f"known at {stockholm_text(replay.when.known_at)} · record {basis.position} · fingerprint {basis.root[:16]}"
    return [
        f"{one.terms.name} — {replay.contract}",
        f"As of {replay.when.as_of} · {known} · simulation",
        "SEK excluding VAT",
        SIMULATION,
    ]


def _columns(one: Answer) -> list[Side]:
    return [one.recorded, *one.sides]


# ── Side by side ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _summary(one: Answer) -> list[str]:
    """A column each or, where a terminal does not hold them, a row each."""
    columns = _columns(one)
    figures = [_figures(each, one.terms) for each in columns]
    headers = ["", *(each.label for each in columns)]
    rows = [[name, *(each[name] for each in figures)] for name in figures[0]]
    if not replay_wide.fits(headers, rows):
        headers, rows = replay_wide.turned(headers, rows)
    return replay_wide.in_blocks(headers, rows, keep=1)


def _figures(one: Side, terms: ContractTerms) -> dict[str, str]:
    found, kinds, months = one.outcome, one.kinds, list(one.lines)
    money = {name: shown(amount) for name, amount in amounts(one, terms).items()}
    return {
        "months counted": f"{months[0]} to {months[-1]}" if months else "none",
        "measured/ deemed/ left out": "/".join(str(kinds[each]) for each in KINDS),
        "preliminary": "yes" if one.preliminary else "no",
        "savings": shown(found.sum),
        "to the provider": money["to_provider"],
        "to the authority": money["to_authority"],
        "provider in all, with upfront": money["remuneration"],
        "due, if all were payable": money["due"],
        "overpaid then": money["overpaid"],
        "contract breaks even": _reached(found.reaching["contract"]),
        "authority breaks even": _reached(found.reaching["authority"]),
        "provider breaks even": _reached(found.reaching["provider"]),
        "cap reached": _reached(found.reaching["cap"]),
        "left to the cap": shown(found.reaching["cap"].remaining),
    }


def _reached(one: Reaching) -> str:
    if one.reached:
        return str(one.reached_on)
    return "not reached" if one.lost_on is None else f"lost {one.lost_on}"


def _by_month(one: Answer, amounts: Sequence[dict[Month, int]]) -> list[str]:
    headers = ["", *(each.label for each in _columns(one))]
    months = sorted({month for each in amounts for month in each})
    alike = _alike(months, amounts)
    rows = [[f"{alike[0]} to {alike[-1]}", *(shown(sum(each[month] for month in alike)) for each in amounts)]] if alike else []
    rows += [
        [str(month), *("–" if month not in each else shown(each[month]) for each in amounts)]
        for month in months
        if month not in alike
    ]
    rows.append(["in all", *(shown(sum(each.values())) for each in amounts)])
    lines = replay_wide.in_blocks(headers, rows, keep=2)
    said = f"{_span(alike)} are each the same in every column; -O csv has them one by one." if alike else ""
    return [*lines, *replay_wide.wrapped(said)] if said else lines


def _alike(months: Sequence[Month], amounts: Sequence[dict[Month, int]]) -> list[Month]:
    """The months from the first on that are the same in every column, where there are some."""
    same = [len({each.get(month) for each in amounts}) == 1 for month in months]
    count = same.index(False) if False in same else len(same)
    return list(months[:count]) if count > 2 and len(amounts) > 1 else []


# ── Why they differ ──────────────────────────────────────────────────────────────────────────────────────────────────


def _compared(one: Compared) -> list[str]:
    before = "what stands on record" if one.before == RECORDED else one.before
    lines = _title(f"Why {one.after} differs from {before}")
    if one.found is None:
        return [*lines, *replay_wide.wrapped(f"No month can be compared: {one.why}")]
    if not one.months:
        return [*lines, "They have no month in common."]
    lines += replay_wide.wrapped(f"Over {_span(one.months)}{'' if one.causes else ': no month differs'}.")
    if not one.causes:
        return [*lines, _residual(one)]
    headers = ["cause", "savings", "to the provider", "to the authority", "facts"]
    rows = [[name, *_moved(moved)] for name, moved in one.causes.items()]
    rows.append(["difference", *_moved(one.total)])
    lines += replay_wide.in_blocks(headers, rows, keep=1)
    if by_month := _causes_by_month(one):
        lines += ["", "Savings by month and cause", *by_month]
    if one.whole:
        lines += replay_wide.wrapped(f"{_span(sorted(one.whole))}: causes not told apart, {FEW}.")
    return [*lines, _residual(one)]


def _residual(one: Compared) -> str:
    return f"residual {shown(abs(one.residual.savings) + abs(one.residual.to_provider))}"


def _moved(one: Moved) -> list[str]:
    return [
        shown(one.savings),
        shown(one.to_provider),
        shown(one.to_authority),
        WITHHELD if one.facts is None else str(one.facts or "–"),
    ]


def _causes_by_month(one: Compared) -> list[str]:
    """The causes and the months that move savings; what moves the entitlement alone is in the table above."""
    moving = {month: {name: moved for name, moved in causes.items() if moved.savings} for month, causes in one.by_month.items()}
    names = [name for name in CAUSES if any(name in causes for causes in moving.values())]
    rows = []
    for month, causes in ((month, causes) for month, causes in moving.items() if causes):
        cells = [shown(causes[name].savings) if name in causes else "–" for name in names]
        rows.append([str(month), *cells, shown(sum(moved.savings for moved in causes.values()))])
    if not rows:
        return []
    totals = [one.causes[name].savings for name in names]
    rows.append(["in all", *map(shown, totals), shown(sum(totals))])
    return replay_wide.in_blocks(["", *names, "difference"], rows, keep=1)


def _workplaces(side: Side) -> list[str]:
    lines, found = _title(f"By workplace under {side.label}, the months measured"), side.workplaces
    if not found or side.in_all is None:
        return [*lines, "No month is measured."]
    headers = ["workplace", "employees (mean)", "actual", "left out", "expected, allocated by employees"]
    amounts = [
        [each.name, *(_hundredths(each, key) for key in ("employees", "actual", "left_out", "expected"))]
        for each in [*found, side.in_all]
    ]
    said = [f"{FEW[0].upper()}{FEW[1:]}, or such that they would follow."] if any(WITHHELD in row for row in amounts) else []
    return [*lines, *replay_wide.in_blocks(headers, amounts, keep=1), *said]


def _hundredths(one: Workplace, key: str) -> str:
    amount: int | None = getattr(one, key)
    return WITHHELD if amount is None else shown(amount)


# ── Findings and notes ───────────────────────────────────────────────────────────────────────────────────────────────


def _beside(one: Answer) -> Iterator[str]:
    for side in one.sides:
        yield side.label
        for found in side.findings:
            accept = "; whoever adopts it accepts this: --accept-finding symmetry" if found.symmetry.to_accept else ""
            yield from replay_wide.wrapped(f"  symmetry: {found.what}{accept}", "    ")
        yield from replay_wide.wrapped(f"  procurement: {procurement_text(side)}", "    ")
    if any(side.procurement is not None for side in one.sides):
        months = f"{len(one.replay.months)} of {one.terms.months} months"
        said = f"The remuneration is compared with {one.began_with}, which the contract began with, over the same {months}. "
        yield from replay_wide.wrapped(f"{said}Arithmetic, not a legal opinion.")


def _notes(one: Answer) -> Iterator[str]:
    for said in _said(one):
        yield from replay_wide.wrapped(said)


def _said(one: Answer) -> Iterator[str]:
    replay = one.replay
    standing = sorted(set(one.sides[0].lines) - set(replay.months))
    yield f"Replayed: {_span(replay.months)}{'; other months stand as determined' if standing else ''}."
    for reasons, labels in _together(one.stopped).items():
        yield f"Later months are not replayed: {'; '.join(reasons)} ({labels})."
    if replay.suspended:
        yield f"Follow-up is suspended in {_span(replay.suspended)}: no month of it is determined; here they count all the same."
    if replay.then:
        yield "Facts: each determined month on those that its determination saw, other months on all."
    else:
        yield "Facts: all that are known, also those recorded after a month was determined, as determining again would take them."
    if any(side.preliminary for side in _columns(one)):
        yield "Preliminary: it rests on index values that are not published figures."
    yield "Due: if the whole entitlement were payable, less what is paid and instructed, plus what is recovered."
    yield from _for_whom(one)
    yield _to_go_on(one)
    yield SIMULATION


def _for_whom(one: Answer) -> Iterator[str]:
    """That figures are withheld, or that they are not."""
    if one.behind is None:
        yield "For the payer: it may hold figures of fewer than five absent persons; made without --audience payer it holds none."
    elif withholds(one):
        yield "Withheld: what rests on fewer than five absent persons, and what that would follow from; sums stay exact."


def _to_go_on(one: Answer) -> str:
    contract = one.replay.contract
    closed_on = one.replay.replayer.folded.closed_on
    if closed_on is not None:
        return f"{contract} was closed on {closed_on}: no other methodology can be adopted."
    propose = f"soc methodology propose {contract} FILE --from DATE --by ROLE --reason TEXT"
    adopt = f"soc methodology adopt {contract} FILE --from DATE --agreed-by ROLE"
    return f"To go on: {propose}; {adopt}; months determined already: soc determine {contract} PERIOD --redo --reason TEXT."


def _together(stopped: dict[str, tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """The reasons, each with the methodologies that it stops."""
    found: dict[tuple[str, ...], list[str]] = {}
    for label, reasons in stopped.items():
        found.setdefault(reasons, []).append(label)
    return {reasons: ", ".join(labels) for reasons, labels in found.items()}


def _span(months: Sequence[Month]) -> str:
    """``2018-10 to 2019-06, 2020-03 (10 months)``, or the month alone."""
    runs: list[list[Month]] = []
    for month in months:
        if runs and runs[-1][-1] + 1 == month:
            runs[-1].append(month)
        else:
            runs.append([month])
    said = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
    return said if len(months) == 1 else f"{said} ({len(months)} months)"
