"""The settlement statement in sections: what its text and its page both say."""

from __future__ import annotations

from collections.abc import Iterable

from cli.sections import Section
from cli.statement.measured import basis, measuring, months, parties, redo
from cli.statement.notes import caveats, checking, signatures
from cli.statement.reference import sources
from cli.statement.settled import balance, claim, sharing, sums, targets
from cli.statement.words import falls_payable, months_of, named
from cli.words import role
from ledger.money import shown
from ledger.periods import stockholm_text
from projections.statements.statement import Statement


def sections(one: Statement) -> list[Section]:
    """The whole statement, in the order of its pages."""
    found = [parties(one), basis(one), months(one), sources(one), redo(one), sharing(one), claim(one), balance(one), targets(one)]
    found += [sums(one), measuring(one), caveats(one), checking(one), signatures(one)]
    return [section for section in found if section is not None]


def title(one: Statement) -> str:
    """The determination in a line; and whether it is not to be handed over."""
    said = f"{one.contract}/D{one.found.number}: savings of {months_of(one.found.period)}"
    return f"{said} (for the payer alone)" if one.for_the_employer else said


def in_short(one: Statement) -> list[str]:
    """What it comes to, in a few sentences."""
    moved = one.entitlement
    redone = "determined again: " if one.redone else ""
    said = [
        f"Savings of {months_of(one.found.period)}, {redone}{shown(one.determined)} SEK"
        f"{' (preliminary)' if one.found.preliminary else ''}. "
        f"The provider's entitlement {_changes(moved.change)}: {shown(moved.before)} before, {shown(moved.after)} after."
    ]
    return [*said, *_agreed(one), _status(one), *_disputed(one)]


def _agreed(one: Statement) -> Iterable[str]:
    """Which of its months count for what is agreed, not for what is measured."""
    if one.months_agreed:
        names = named([month.month for month in one.months_agreed])
        savings = sum(month.savings_ore for month in one.months_agreed)
        yield f"Not measured, by agreement: {names}; they count for {shown(savings)} SEK of these savings."


def _disputed(one: Statement) -> Iterable[str]:
    """What is disputed of it, and what is held."""
    for each in one.disputes:
        by, position = role(each.raised.by), shown(each.raised.position.total)
        if each.open_on(one.as_of):
            yield f"Disputed in {each.name} by the {by} since {each.raised.on}, whose position is {position} SEK of savings."
        elif each.ended is not None:
            yield f"Disputed in {each.name} by the {by} on {each.raised.on}; {each.ended.how} on {each.ended.on}."


def same_records(one: Statement) -> str:
    """Why it can be trusted to be the same for both who file it."""
    return f"The same records give the same statement, byte for byte: fingerprint {one.basis.root}"


def _changes(change: int) -> str:
    if not change:
        return "does not change"
    return f"{'rises' if change > 0 else 'falls'} by {shown(abs(change))} SEK"


def _status(one: Statement) -> str:
    notice, later = one.notice, one.superseded_by
    if later is not None:
        stands = "its own claim stands, and the later one claims the difference" if notice else "it was never notified"
        return f"Superseded by D{later.number} on {stockholm_text(later.recorded_at)[:10]}: {later.reason}; {stands}."
    if notice is None:
        return _unnotified(one.found.claim_ore)
    claim, fallen = notice.claim, notice.claim.payable_on <= one.as_of
    if one.found.resolves is not None:
        moved = falls_payable(claim.amount_ore, claim.payable_on, fallen=fallen)
        return f"It carries out the resolution of X{one.found.resolves} of {notice.on}; {moved}."
    if one.accepted:
        how = "by silence" if notice.by_silence else "by the parties"
        if disputed := ", ".join(each.name for each in one.disputes if each.open_on(one.as_of)):
            held = f"; {shown(one.now.provider.held)} SEK is held" if one.now.provider.held else ""
            moved = falls_payable(claim.amount_ore, claim.payable_on, fallen=fallen)
            return f"Accepted {how} on {notice.deemed_on} but for what {disputed} disputes; {moved}{held}."
        return f"Accepted {how} on {notice.deemed_on}; {falls_payable(claim.amount_ore, claim.payable_on, fallen=fallen)}."
    more = "more " if one.disputes else ""
    objecting = f"if nobody objects {more}by {notice.objection_until}"
    return f"Notified, not yet accepted: {objecting}, {falls_payable(claim.amount_ore, claim.payable_on)}."


def _unnotified(claim_ore: int) -> str:
    if claim_ore < 0:
        return f"Not yet notified: its notice will lower what is payable by {shown(-claim_ore)} SEK, and nothing before."
    return f"Not yet notified: its notice will claim {shown(claim_ore)} SEK, and nothing before."
