"""``soc forecast`` for a controller: the three ways in a table, the dates, how each is worked out, what it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from cli import output
from cli.forecast.words import CLAIM, NAMES, NO_RANGE, RANGE, TARGETS, counted, formula, label, months, remark, tried
from cli.sections import Section, Table, as_text, wrapped
from cli.state_text import head
from ledger.facts import Facts
from ledger.money import decimals, shown
from projections.forecasts.back_test import Said, Score
from projections.forecasts.forecast import Expected, Forecast, Outlook
from projections.forecasts.methods import Run


def as_answer(one: Forecast, facts: Facts, *, back_test: bool) -> str:
    """The whole answer as text."""
    lines = [*head(one.state, basis_line(facts)), *wrapped(CLAIM)]
    return "\n".join(lines) + "\n\n" + as_text(sections(one, back_test=back_test))


def basis_line(facts: Facts) -> str:
    """What the forecast rests on: known at, record number, fingerprint; and that it is one."""
    return f"{output.basis_line(facts).rpartition(' · ')[0]} · {label(facts)}"


def sections(one: Forecast, *, back_test: bool) -> list[Section]:
    """The answer's parts; with ``back_test`` everything that was said then and what came."""
    parts = [_end(one), _dates(one), _how(one), _rests_on(one)]
    return [*parts, _back_test(one)] if back_test else parts


def _end(one: Forecast) -> Section:
    over = f"To the end of the term, {one.ends_on}"
    savings = Table(
        "Savings",
        ["", "forecast", "of the investment", "from", "to"],
        [
            [NAMES[each.method], shown(each.savings), _percent(one, each.savings), _or_none(each.low), _or_none(each.high)]
            for each in one.outlooks
        ],
        figures=(1, 2, 3, 4),
    )
    provider = Table(
        "The provider's part of it",
        ["", "forecast", "from", "to"],
        [
            [NAMES[each.method], shown(each.entitlement), _or_none(each.entitlement_low), _or_none(each.entitlement_high)]
            for each in one.outlooks
        ],
        figures=(1, 2, 3),
    )
    says = ["Every month of the term is determined or left out: this is what came, and nothing is left to forecast."]
    if one.ground.ahead:
        says = [f"Determined so far: {shown(one.ground.carried)}; {counted(len(one.ground.ahead))} to come.", *_runs(one)]
    return Section("end", over, tables=(savings, provider), says=[*says, tried(one)])


def _percent(one: Forecast, savings: int) -> str:
    return decimals(one.state.share_of_investment(savings) * 100, 0) + " %"


def _or_none(ore: int | None) -> str:
    return "—" if ore is None else shown(ore)


def _runs(one: Forecast) -> Iterable[str]:
    if one.worst is not None and one.best is not None:
        yield f"If every month to forecast were like {_run(one, one.worst, 'worst')}; like {_run(one, one.best, 'best')}."


def _run(one: Forecast, run: Run, which: str) -> str:
    span = str(run.first) if run.months == 1 else f"{run.first} to {run.last}"
    row = "month" if run.months == 1 else f"{run.months} months in a row"
    return f"the {which} {row} measured ({span}), {shown(run.savings)}, {_percent(one, run.savings)} of the investment"


def _dates(one: Forecast) -> Section:
    rows, says = [], []
    for target, name in TARGETS.items():
        each_of = {outlook.method: outlook.expected[target] for outlook in one.outlooks}
        said = next(iter(each_of.values()))
        if said.reached_on is not None:
            rows.append([name, "", f"reached on {said.reached_on}", "", ""])
        else:
            rows += [_row(name, outlook, each_of[outlook.method]) for outlook in one.outlooks]
        remarks = {f"{name}, {NAMES[method].lower()}: {noted}." for method, each in each_of.items() if (noted := remark(each))}
        says += sorted(remarks)
    says.append("Missing: in the party's own kronor, at the end of the term.")
    caption = "The first month's end at which it is attained; earliest and latest by the ends of the range"
    table = Table(caption, ["", "by", "expected", "earliest", "latest"], rows, figures=())
    return Section("dates", "When break-even and cap may be expected", tables=(table,), says=says)


def _row(name: str, outlook: Outlook, each: Expected) -> list[str]:
    expected = _none(each) if each.on is None else str(each.on)
    if outlook.low is None or each.target.at_savings is None:
        return [name, NAMES[outlook.method], expected, "—", "—"]
    return [name, NAMES[outlook.method], expected, _by(each.earliest), _by(each.latest)]


def _none(each: Expected) -> str:
    return "never" if each.target.at_savings is None else f"none: {shown(each.missing)} missing"


def _by(day: date | None) -> str:
    return "not in the term" if day is None else str(day)


def _how(one: Forecast) -> Section:
    facts = [(NAMES[each.method], formula(one, each.method)) for each in one.outlooks]
    return Section("how", "How each is worked out", facts=facts, says=[RANGE if one.outlooks[0].low is not None else NO_RANGE])


def _rests_on(one: Forecast) -> Section:
    known, state = one.ground, one.state
    facts = [
        ("Divided by", f"{counted(len(known.counted))}: {months(known.counted)}"),
        ("Measured", f"{counted(len(known.measured))}: {months(known.measured)}"),
    ]
    for name, several, note in [
        ("Left out", known.left_out, "count for nothing, by agreement"),
        ("Agreed", tuple(known.agreed), "not determined yet, count for the mean agreed"),
        ("Suspended", known.open, "what they will count for is not agreed; taken as any other month"),
        ("To forecast", known.coming, "by each of the three ways"),
        ("Not determined", state.undetermined, "ended; they are among those above"),
    ]:
        if several:
            facts.append((name, f"{counted(len(several))}: {months(several)} ({note})"))
    return Section("ground", "What it rests on", facts=facts, says=list(_caveats(one)))


def _caveats(one: Forecast) -> Iterable[str]:
    state, known = one.state, one.ground
    ratio = state.forecast.ratio
    shown_there = None if ratio is None else decimals(ratio * 100, 0)
    if shown_there is not None and f"{shown_there} %" != _percent(one, one.outlooks[0].savings):
        yield (
            f"The state's own pro-rata line says {shown_there} %: it multiplies by all {known.terms.months} months of the term, "
            "also those whose savings are agreed or left out."
        )
    if state.preliminary:
        yield "Preliminary: it rests on trend values that are not published figures."
    if state.unsettled_facts:
        yield f"Not counted: {counted(state.unsettled_facts, 'report')} recorded after the months they are about were determined."
    if any(dispute.open_on(state.when.as_of) for dispute in state.disputes):
        yield "A dispute is open; the months are counted as they are determined."
    if known.amended_from is not None:
        yield f"Other terms are agreed from {known.amended_from}: they are not in force on {state.when.as_of} and not counted."
    if "ramp_up_months" in state.terms.assumed:
        yield "The ramp-up is assumed, not published."
    if state.simulated:
        yield "The ledger is simulated: the months it rests on are synthetic."


# ── Tried on the record ──────────────────────────────────────────────────────────────────────────────────────────────


def _back_test(one: Forecast) -> Section:
    test = one.back_test
    rows = [_scored(one, "all", each) for each in test.scores]
    for ahead, scores in test.by_quarters_ahead.items():
        rows += [_scored(one, counted(ahead, "quarter"), each) for each in scores]
    summed = Table(
        "Off on average, without regard to sign, by how far it looked ahead",
        ["ahead", "by", "times", "off by, SEK", "of the investment", "too high (+), too low (−)", "in range"],
        rows,
        figures=(2, 3, 4, 5, 6),
    )
    headers = ["after", "of", "by", "forecast", "came", "error, SEK", "error"]
    said = Table("Each forecast", headers, [_said(each) for each in test.said], figures=(3, 4, 5, 6))
    note = (
        "After each determination but a redo, on what was known at that moment: the sum forecast for each later date that is "
        "determined now, and what it came to as determined now. What was said of one date from several moments, and of several "
        "dates from one, hangs together: these are not so many independent trials."
    )
    return Section("tried", "Tried on the record", tables=(summed, said) if test.said else (), says=[note, tried(one)])


def _scored(one: Forecast, ahead: str, each: Score) -> list[str]:
    share = decimals(one.state.share_of_investment(each.mean_absolute) * 100, 1)
    held = f"{each.within} of {each.ranged}"
    return [ahead, NAMES[each.method], str(each.times), shown(each.mean_absolute), f"{share} %", signed(each.mean), held]


def _said(each: Said) -> list[str]:
    error = "—" if each.ratio is None else signed_percent(each)
    made = f"D{each.determination} {each.through}"
    return [made, str(each.about), NAMES[each.method], shown(each.said), shown(each.came), signed(each.error), error]


def signed(ore: int) -> str:
    """An amount with its sign."""
    return f"+{shown(ore)}" if ore > 0 else shown(ore)


def signed_percent(each: Said) -> str:
    """The error in per cent of what came, with its sign."""
    assert each.ratio is not None
    text = decimals(each.ratio * 100, 1).replace("-", "−")
    return f"+{text} %" if each.error > 0 else f"{text} %"
