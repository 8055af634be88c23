"""Any figure, determination, payment, posting or other record of a contract explained: the tree from money to facts, and the
proof that nothing is missing in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from ledger.errors import Refused, Usage
from ledger.events import Basis
from ledger.facts import Facts
from projections import names
from projections.as_of import AsOf
from projections.audience import NARROWEST, Audience, is_employer
from projections.explanation.figure import Figures
from projections.explanation.ground import Ground
from projections.explanation.keys import figure
from projections.explanation.posting import posting
from projections.explanation.record import record
from projections.explanation.tree import Coverage, Node, coverage, found
from projections.state import state


@dataclass(frozen=True)
class Explanation:
    """What was asked for, taken apart. ``as_of`` is None for a record, which is explained on the facts that it rested on;
    ``name`` and ``asked`` are the contract's name and the ID or figure."""

    asked: str
    contract: str
    name: str
    top: Node
    as_of: date | None
    when: AsOf
    basis: Basis
    simulated: bool
    audience: Audience
    coverage: Coverage


def explain(
    facts: Facts,
    ident: str,
    figure_key: str | None = None,
    *,
    as_of: date | None = None,
    audience: Audience = NARROWEST,
    lines: bool = False,
) -> Explanation:
    """The explanation of ``ident``: a record such as ``botkyrka/D5``, a posting such as ``botkyrka/812.2``, or a figure of the
    state by its dotted key, as ``botkyrka/balance.provider.due`` or the contract with ``figure_key``. With a record,
    ``figure_key`` is a key of its tree. ``lines``: down to single report lines, for the employer alone.

    Raises Usage for what is not on record, Refused for lines to another audience and for a date before signature.
    """
    if lines and not is_employer(audience):
        raise Refused(
            f"single report lines are for the employer alone, not for the audience {audience}",
            do="ask with --audience payer, and keep the answer",
        )
    contract_id, _, rest = ident.partition("/")
    ground = Ground(facts, contract_id, audience, lines=lines)
    if rest and re.fullmatch(r"[DNPLMXAS]?\d+(\.\d+)?", rest):
        if as_of is not None:
            raise Usage(f"{ident} is explained on the facts that it rested on", do="leave --as-of out; it is for figures")
        top = _within(ident, _of_record(facts, ground, ident), figure_key)
        return _explanation(ground, ident if figure_key is None else f"{ident} {figure_key}", top, None)
    key = ".".join(part for part in (rest, figure_key) if part)
    if not key:
        raise Usage(
            f"{ident} is a contract; say which of its figures is to be explained",
            do=f"for example: soc explain {ident} balance.provider.due, or a record such as {ident}/D1",
        )
    found_state = state(facts, contract_id, as_of)
    return _explanation(ground, f"{contract_id} {key}", figure(Figures(ground, found_state), key), found_state.when.as_of)


def _of_record(facts: Facts, ground: Ground, ident: str) -> Node:
    """A record of the contract, of its evidence or of its national series, or one of its postings."""
    whole, dot, place = ident.partition(".")
    number = whole.rpartition("/")[2]
    series = ground.evidence.get(int(number)) if number.isdecimal() else None  # that it is measured by, common to all contracts
    one = series or names.resolve(facts, whole)[1]
    return posting(ground, one, int(place)) if dot else record(ground, one)


def _within(ident: str, top: Node, key: str | None) -> Node:
    """The node of that key in a record's tree; what its keys begin with may be left out. Raises Usage with near ones."""
    if key is None:
        return top
    wanted = {key, f"{top.key}.{key}"}
    if nodes := found(top, lambda one: one.key in wanted):
        return nodes[0]
    keys = [one.key for one in top.walk()]
    near = [one for one in keys if one.endswith(f".{key}")][:5] or get_close_matches(key, keys, 5)
    said = f"near it: {', '.join(near)}" if near else f"its keys stand in: soc explain {ident} -O json"
    raise Usage(f"{key} is not a figure in the explanation of {ident}", do=said)


def _explanation(ground: Ground, asked: str, top: Node, as_of: date | None) -> Explanation:
    when = AsOf.latest(ground.facts, as_of)
    return Explanation(
        asked=asked,
        contract=ground.contract,
        name=ground.folded.terms_on(when.as_of).name,
        top=top,
        as_of=as_of,
        when=when,
        basis=ground.facts.basis,
        simulated=ground.facts.opened.simulated,
        audience=ground.audience,
        coverage=coverage(top),
    )
