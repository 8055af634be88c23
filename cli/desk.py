"""What a command works with: the log, the vault, who acts, and the instant. Opened when first used."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import cached_property, partial
from typing import Any

from cli import clock
from cli.settings import Settings
from ledger.errors import LedgerError, Usage, VerificationFailed
from ledger.events import Actor, Document
from ledger.facts import Facts
from ledger.log import Log, Propose, Receipt, Replaced
from ledger.periods import day_in_stockholm, parse_instant
from ledger.vault import Vault, beside
from projections.book import Book

RECORDED: list[int] = []
"""The positions that this process has recorded, so that a fault after it can say so."""


class Desk:
    """One command's work place."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def log(self) -> Log:
        """The ledger. Raises Usage where there is none."""
        from projections import read_model

        entropy = partial(secrets.token_bytes, 32)
        return Log.open(self.settings.ledger, wait=self.wait, entropy=entropy, follower=read_model)

    def book(self, facts: Facts) -> Book:
        """What a state is computed from: the tables that follow the log."""
        from projections import read_model

        return read_model.Book(self.log.recorder, facts)

    def refuse_damage(self, error: Exception) -> None:
        """Raise VerificationFailed where a fault came of a ledger's file that is damaged."""
        found = []
        with suppress(LedgerError):
            found = self.log.recorder.damage()
        if found:
            raise VerificationFailed(
                f"the ledger at {self.log.recorder.place} is damaged: {found[0]}", do="restore its latest copy"
            ) from error

    @property
    def wait(self) -> float:
        """Seconds to wait for another writer; SOC_WAIT changes it."""
        said = os.environ.get("SOC_WAIT", "30")
        if not re.fullmatch(r"[0-9]{1,5}(\.[0-9]+)?", said):
            raise Usage(f"SOC_WAIT is a number of seconds, not {said!r}")
        return float(said)

    @cached_property
    def facts(self) -> Facts:
        """All that is on record. Raises Usage for ``--now`` on a real ledger."""
        facts = self.log.facts()
        if self.settings.now is not None:
            clock.instant(self.settings.now, facts)
        return facts

    @cached_property
    def vault(self) -> Vault:
        """The vault that belongs to the ledger. Raises Usage where there is none."""
        vault = Vault(self.vault_url, wait=self.wait)
        vault.belongs_to(self.log.recorder.head_at(1).root.hex())
        return vault

    @property
    def has_vault(self) -> bool:
        """Whether the vault is at hand; reading the record needs none."""
        url = self.settings.vault or beside(self.settings.ledger)
        return url is not None and Vault(url).exists()

    @property
    def vault_url(self) -> str:
        """The vault's URL: as given, or beside a SQLite ledger."""
        url = self.settings.vault or beside(self.settings.ledger)
        if url is None:
            raise Usage(
                "only beside a SQLite ledger is the vault found by itself", do="give its URL with --vault, or in SOC_VAULT"
            )
        return url

    @property
    def actor(self) -> Actor:
        """Who acts. Raises Usage where nobody is named."""
        name, _, role = (self.settings.actor or "").rpartition(",")
        if not name.strip() or not role.strip() or not name.isprintable():
            raise Usage('every write needs to know who acts: --actor "NAME, ROLE"', do='for example --actor "A. Ek, payer"')
        try:
            return Actor(name=name.strip(), role=role.strip())
        except ValueError:
            raise Usage(f"{role.strip()!r} is not a role; roles are the keys of [parties], such as external_provider") from None

    @cached_property
    def now(self) -> datetime:
        """The instant to record under."""
        return clock.instant(self.settings.now, self.facts)

    @property
    def today(self) -> date:
        """The date in Stockholm at that instant."""
        return day_in_stockholm(self.now)

    def known_at(self, text: str | None, option: str = "--known-at") -> Facts:
        """The record as known at an instant, a date (its end in Stockholm) or a record number; all of it for None."""
        if text is None:
            return self.facts
        if re.fullmatch(r"[0-9]{1,12}", text):
            return self._at_record(int(text))
        try:
            instant = parse_instant(text)
        except ValueError as error:
            raise Usage(f"{option}: {error}") from None
        last = self.facts.known_at
        same_day = len(text) == len("2020-06-15") and day_in_stockholm(last) == date.fromisoformat(text)
        return self.facts if same_day else self.log.known_at(instant)

    def _at_record(self, position: int) -> Facts:
        if not 1 <= position <= self.facts.position:
            raise Usage(f"record {position} is outside the record, which runs from 1 to {self.facts.position}")
        return self.facts.at(position)

    def submit(
        self,
        propose: Propose,
        words: Mapping[str, Any],
        *,
        dry_run: bool,
        reference: str | None,
        documents: Sequence[Document] = (),
        replaced: Replaced | None = None,
        before_commit: Callable[[], None] | None = None,
    ) -> Receipt:
        """Submit a command under the actor and the instant, with the document it rests on."""
        evidence = tuple(documents)
        if reference is not None:
            named = Document(document=reference, obtained_on=self.today, obtained_how="named by who recorded it")
            evidence = (*evidence, named)
            words = {**words, "reference": reference}
        done = self.log.submit(
            propose,
            words,
            by=self.actor,
            at=self.now,
            evidence=evidence,
            replaced=replaced,
            before_commit=before_commit,
            dry_run=dry_run,
        )
        if not (done.repeated or done.dry_run):
            RECORDED.extend(record.position for record in done.records)
        return done
