"""A small simulated ledger with a bond on record, written through the log as the commands write it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

from ledger import events as e
from ledger.canonical import canonical
from ledger.events import Actor
from ledger.facts import Facts
from ledger.log import Log
from ledger.tiered import (
    AgreeTiers,
    AmendTiered,
    CorrectTieredPayment,
    DetermineTiers,
    OfTiered,
    PayTiered,
    SignTiered,
    TieredCommand,
)
from ledger.tiered_terms import TieredTerms, read_tiered_terms
from projections import read_model

FIXTURES = Path(__file__).parents[1] / "fixtures"
OPENED = datetime(2018, 1, 2, 8, tzinfo=UTC)


def terms_of(name: str) -> TieredTerms:
    """The terms of a bond that comes with the product."""
    return read_tiered_terms((FIXTURES / "contracts" / f"{name}.toml").read_bytes(), f"{name}.toml")


HEALTH, SBIR = terms_of("health-impact-bond"), terms_of("sbir")


def changed(terms: TieredTerms, **bond: Any) -> TieredTerms:
    """The terms with other values in [bond]."""
    values = terms.model_dump(mode="json", exclude_none=True)
    values["bond"] = {key: value for key, value in {**values["bond"], **bond}.items() if value is not None}
    return TieredTerms.model_validate_json(canonical(values))


@dataclass
class BondLedger:
    """A ledger with what is recorded in it, each record on the day that it is about, at a later minute."""

    folder: Path
    terms: TieredTerms = HEALTH
    minutes: count[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        by = Actor(name="O. Test", role="issuer")
        Log.create(self.url, by=by, at=OPENED, simulated=True, seed="bond", follower=read_model)

    @property
    def url(self) -> str:
        """The ledger's URL."""
        return f"sqlite:///{self.folder / 'bond.db'}"

    def facts(self) -> Facts:
        """All that is on record."""
        return Log.open(self.url, follower=read_model).facts()

    def record(self, on: str, command: TieredCommand, role: str = "issuer") -> int:
        """Record a command on a day; the record's position."""
        log, number = Log.open(self.url, follower=read_model), next(self.minutes)
        at = datetime.combine(date.fromisoformat(on), datetime.min.time(), UTC).replace(hour=9 + number // 60, minute=number % 60)
        by = Actor(name="T. Test", role=role)
        done = log.submit(lambda facts: OfTiered(self.terms.id, command), {"number": number}, by=by, at=at)
        return done.records[-1].position

    def signed(self, on: str | None = None) -> BondLedger:
        """The terms signed, on the day on which they start unless another is said."""
        day = on or str(self.terms.starts_on)
        self.record(day, SignTiered(self.terms, date.fromisoformat(day)), self.terms.governance.signs[0])
        return self

    def issued(self) -> BondLedger:
        """Signed, and the principal lent on the day of issue."""
        bond = self.signed().terms.bond
        assert bond is not None
        return self.paid("issue", bond.holder, bond.issuer, bond.principal, str(bond.issued_on))

    def paid(self, kind: e.TieredPayment, payer: str, payee: str, amount: int, on: str) -> BondLedger:
        """A payment in öre."""
        day = date.fromisoformat(on)
        self.record(on, PayTiered(kind, payer, payee, amount, day, f"BG {kind} {on}"), self.terms.governance.pays)
        return self

    def corrected(self, number: int, on: str, amount: int | None = None) -> BondLedger:
        """A payment reversed, or replaced."""
        self.record(on, CorrectTieredPayment(number, "entered in error", amount), self.terms.governance.pays)
        return self

    def amended(self, terms: TieredTerms, on: str) -> BondLedger:
        """Other terms from a day on."""
        command = AmendTiered(terms, date.fromisoformat(on), self.terms.governance.agrees, "agreed anew")
        self.record(on, command, self.terms.governance.signs[0])
        return self

    def determined(self, on: str, savings: int, redo: str | None = None) -> BondLedger:
        """Savings of so many öre determined as of a day; ``redo``: why anew."""
        [of] = self.terms.waterfall.divided
        found = (e.AmountFound(id=of, amount_ore=savings),)
        command = DetermineTiers(date.fromisoformat(on), found, (), self.facts().basis, "a test", redo)
        self.record(on, command, self.terms.governance.determines)
        return self

    def agreed(self, number: int, on: str) -> BondLedger:
        """A determination agreed to by all who must."""
        for role in self.terms.governance.agrees:
            self.record(on, AgreeTiers(number, role, date.fromisoformat(on)), role)
        return self
