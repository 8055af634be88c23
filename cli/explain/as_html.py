"""An explanation as a page of its own: the tree to open and close, all of it on paper."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cli.explain.as_text import MONTHS
from cli.explain.words import capital, facts, figure, known, method, name, privacy, proof, unit, unsound
from cli.page import render
from projections.explanation.answer import Explanation
from projections.explanation.tree import Node, RestsOn


@dataclass(frozen=True)
class View:
    """A node as the page shows it. ``place`` names it in the page, ``at`` what takes it apart elsewhere in it; ``open``: its
    parts are shown at once."""

    place: str
    name: str
    figure: str
    unit: str
    how: str
    notes: Sequence[str]
    records: Sequence[RestsOn]
    facts: str
    parts: Sequence[View]
    at: str
    open: bool

    @property
    def leaf(self) -> bool:
        """Whether there is nothing to open."""
        return not (self.how or self.notes or self.records or self.facts or self.parts)


def view(top: Node, within: str = "") -> View:
    """A tree for the macro ``tree`` of ``tree.html``; ``within`` begins its places, so that several fit one page."""
    months = sum(one.folds == "month" and not one.see for one in top.walk()) <= 2 * MONTHS
    places = {one.key: place(one.key, within) for one in top.walk()}
    return _view(top, places, months)


def place(key: str, within: str = "") -> str:
    """A key as a page names a place, with no letter in it that must be escaped."""
    from markupsafe import Markup

    return Markup(re.sub(r"[^\w.~-]", "_", within + key))


def _view(one: Node, places: dict[str, str], months: bool) -> View:
    folded = one.folds == "evidence" or (one.folds == "month" and not months) or one.key.startswith("reference.")
    elsewhere = all(part.see for part in one.parts)
    return View(
        place=places[one.key],
        name=name(one).removesuffix(" (above)"),
        figure=figure(one),
        unit=unit(one),
        how=method(one),
        notes=(*filter(None, [unsound(one)]), *one.notes),
        records=one.rests_on,
        facts=facts(one),
        parts=[_view(part, places, months) for part in one.parts],
        at=places.get(one.see, ""),
        open=not (folded or elsewhere),
    )


def as_html(one: Explanation, basis: str) -> str:
    """One file that stands alone; ``basis`` says what it rests on."""
    return render(
        "explain.html",
        asked=one.asked,
        contract=one.name,
        heading=one.top.what,
        known=capital(known(one, basis)),
        position=one.basis.position,
        fingerprint=one.basis.root[:16],
        privacy=privacy(one),
        sound=one.coverage.sound,
        proof=[said.strip() for said in proof(one.coverage, 10)],
        top=view(one.top),
    )


def arrived_html(asked: str, told: str) -> str:
    """What has arrived since an earlier moment, as its text tells it."""
    return render("explain.html", asked=asked, told=told)
