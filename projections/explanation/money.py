"""What a determination owes taken apart: the difference that it makes to the entitlement, month by month, and the claim that it
became (rules 10, 15, 16)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ledger.contract import ContractState, Determination, Notice
from ledger.events import AnyMonth, SavingsDetermined
from ledger.periods import Month, day_in_stockholm
from ledger.terms import ContractTerms
from projections.explanation.ground import Ground, place
from projections.explanation.month import named, savings
from projections.explanation.redo import causes
from projections.explanation.sharing import Path
from projections.explanation.tree import Node, RestsOn, added, computed, number


def determination(ground: Ground, which: int, *, why: bool = False) -> Node:
    """What a determination claims: the difference that it makes to the entitlement, month by month. ``why``: of a redo also the
    causes of the difference."""
    one, key = ground.folded.determination(which), f"D{which}"
    return ground.once(key, lambda: _determination(ground, one, key, why))


def _determination(ground: Ground, one: Determination, key: str, why: bool) -> Node:
    event: SavingsDetermined = ground.records[one.position].data
    moved = {each.month: each.amount_ore for each in event.entitlement}
    now, before = after(ground, one), _before(ground, one)
    months = sorted({line.month for line in one.months} | moved.keys())
    parts = [_moved(month, moved.get(month, 0), now, before, key) for month in months]
    carried = [_carried(ground, event, key)] if event.supersedes else []
    how = "how the provider's entitlement moves at the end of each month"
    if carried:
        how += ", and what superseded determinations would have claimed and were never notified of"
    summed = [*parts, *carried]
    return computed(
        key,
        f"D{one.number}, determination of {one.period}: what it claims",
        one.claim_ore,
        sum(map(number, summed)),
        (*summed, *(causes(ground, one) if why else ())),
        unit="SEK",
        how=how,
        rests_on=(ground.determined(one),),
        notes=tuple(_notes(ground, one, event)),
    )


def moved(ground: Ground, which: int, month: Month) -> Node:
    """How a determination moves the entitlement at one month's end."""
    one, key = ground.folded.determination(which), f"D{which}"
    event: SavingsDetermined = ground.records[one.position].data
    amount = sum(each.amount_ore for each in event.entitlement if each.month == month)
    return _moved(month, amount, after(ground, one), _before(ground, one), key)


def _notes(ground: Ground, one: Determination, event: SavingsDetermined) -> Iterable[str]:
    yield f"It saw all records up to {event.basis.position}, fingerprint {event.basis.root[:16]}."
    if one.preliminary:
        yield "Preliminary: it rests on index values that are not published figures."
    if event.supersedes:
        names = ", ".join(f"D{one}" for one in event.supersedes)
        yield f"It supersedes {names}: {event.reason}"
    if one.superseded_by is not None:
        yield f"Superseded by D{one.superseded_by}."
    if one.resolves is not None:
        yield f"It carries out the resolution of X{one.resolves}."


def after(ground: Ground, one: Determination) -> Path:
    """Sums and entitlements just after a determination; its own months are taken apart."""
    folded = ground.after[one.number]
    lines = _lines(folded)

    def leaf(month: Month) -> Node:
        by, line = lines[month]
        if by.number == one.number:
            return savings(ground, by, line)
        return named(ground, by, line, f"D{one.number}.earlier")

    return Path(f"D{one.number}", folded, leaf, one.period.first, ground.once)


def _before(ground: Ground, one: Determination) -> Path:
    """Sums and entitlements just before a determination, of months that are taken apart where they were determined."""
    folded = ground.before[one.number]
    lines = _lines(folded)

    def leaf(month: Month) -> Node:
        return named(ground, *lines[month], f"D{one.number}.before")

    return Path(f"D{one.number}.before", folded, leaf, one.period.first, ground.once)


def _lines(folded: ContractState) -> dict[Month, tuple[Determination, AnyMonth]]:
    """The determined months, each with the determination in force."""
    return {line.month: (one, line) for one in folded.in_force for line in one.months}


def _moved(month: Month, value: int, now: Path, before: Path, key: str) -> Node:
    """How a determination moves the entitlement at a month's end."""
    name, what = f"{key}.{month}", f"Entitlement of {month}"
    if month not in before.steps:
        return now.step(name, what, month)
    steps = (now.step(f"{name}.now", f"{what}, now", month), before.step(f"{name}.until", f"{what}, before", month))
    given = [one.value for one in steps if isinstance(one.value, int)]
    return computed(name, f"{what}, difference", value, given[0] - given[1], steps, unit="SEK", how="now − before")


def _carried(ground: Ground, event: SavingsDetermined, key: str) -> Node:
    """What superseded determinations would have claimed and were never notified of: its notice claims it too."""
    superseded = [ground.before[event.number].determination(number) for number in event.supersedes]
    parts = [
        Node(
            f"{key}.carried.D{one.number}",
            f"D{one.number}, {one.period}",
            one.claim_ore,
            "SEK",
            see=f"{ground.contract}/D{one.number}",
        )
        for one in superseded
        if one.notice is None
    ]
    return added(f"{key}.carried", "Of superseded determinations that were never notified", parts)


# Claims


def claim(ground: Ground, folded: ContractState, which: int) -> Node:
    """What fell payable by a determination's notice, or by a dispute's resolution, and why on that day (rules 16, 18).
    ``folded``: the contract as known."""
    one = folded.determination(which)
    notice = one.notice
    assert notice is not None
    owed, terms = determination(ground, one.number), folded.terms_on(notice.on)
    return computed(
        f"N{one.number}",
        f"Claim of D{one.number}, {one.period}, payable on {notice.claim.payable_on}",
        notice.claim.amount_ore,
        owed.value,
        (owed,),
        unit="SEK",
        how=_payable(folded, one, notice, terms, day_in_stockholm(ground.facts.known_at)),
        clause=place(terms, "settlement.payment_days"),
        status=terms.status("settlement.payment_days"),
        rests_on=tuple(_noticed(ground, one, notice)),
    )


def _payable(folded: ContractState, one: Determination, notice: Notice, terms: ContractTerms, known_on: date) -> str:
    """How the day came about on which it falls payable."""
    if one.resolves is not None:
        return f"as the resolution of X{one.resolves} of {notice.on} says"
    if notice.accepted_on is not None:
        accepted = f"accepted on {notice.accepted_on} by all that must agree"
    else:
        nobody = "nobody objected by" if notice.objection_until < known_on else "if nobody objects by"
        silence = place(terms, "settlement.objection_days")
        accepted = f"{nobody} {notice.objection_until} ({silence}) accepted on {notice.deemed_on}"
        raised = [dispute for dispute in folded.disputes if dispute.raised.determination == one.number]
        if raised:
            said = ", ".join(f"{x.name}, {x.raised.by.replace('_', ' ')} on {x.raised.on}" for x in raised)
            accepted = f"objected to in part ({said}); the rest accepted by silence on {notice.deemed_on} ({silence})"
    return f"notified on {notice.on}; {accepted}; payable {(notice.claim.payable_on - notice.deemed_on).days} days later"


def _noticed(ground: Ground, one: Determination, notice: Notice) -> Iterable[RestsOn]:
    """The notice and the acceptances that stand."""
    what = "notice" if one.resolves is None else "resolution"
    yield ground.rests(notice.position, f"{what} of D{one.number}")
    for position, role in sorted(notice.acceptances.items()):
        yield ground.rests(position, f"accepted by {role.replace('_', ' ')} on {notice.accepted[role]}")
