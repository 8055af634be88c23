"""The time stamps of a bundle's checkpoints (RFC 3161): what they are of, when, and whether the authority given made them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ledger import stamps
from ledger.errors import LedgerError
from ledger.periods import instant_text
from projections.verification.items import Items
from projections.verification.sealed import Sealed, numbered

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_STAMP = re.compile(r"checkpoints/([1-9][0-9]{0,15})\.([1-9][0-9]{0,3})\.tsr")
_CLOCKS_APART = timedelta(minutes=5)
"""By so much the authority's clock and the ledger's may differ."""
_LARGEST = 65_536
"""Bytes: a time stamp with the certificates of its authority is a tenth of it."""


@dataclass
class Stamped:
    """What the stamps of the last checkpoint that has any say: its size and their instants. ``unsupported``: why some of them
    could not be verified, though nothing is wrong with them."""

    size: int | None = None
    instants: list[datetime] = field(default_factory=list)
    unsupported: list[str] = field(default_factory=list)

    @property
    def at(self) -> str | None:
        """The earliest of the instants."""
        return instant_text(min(self.instants)) if self.instants else None


def stamped(
    members: Mapping[str, bytes],
    sealed: Sealed,
    certificates: bytes | None,
    recorded: Callable[[int], datetime | None],
    items: Items,
) -> Stamped:
    """Every response is read and must be of its checkpoint; those of the last checkpoint that has any are verified where
    certificates (PEM) are given. ``recorded``: when the last record that is shown up to a size was recorded, before which nobody
    can have stamped it."""
    every = numbered(_STAMP, members)
    found = Stamped(size=every[-1][0] if every else None)
    for size, number in every:
        content, last = members[f"checkpoints/{size}.{number}.tsr"], size == found.size
        text = sealed.notes[size][0].text if size in sealed.notes else None
        own = found if last else Stamped()
        for what in _wrong(content, text, certificates if last else None, recorded(size), own):
            items.add("anchored", f"timestamp {number} of checkpoint {size}", what)
    return found


def _wrong(
    content: bytes, text: bytes | None, certificates: bytes | None, recorded_at: datetime | None, found: Stamped
) -> Iterator[str]:
    try:
        if len(content) > _LARGEST:
            raise ValueError("it is too large for a time stamp")
        stamp = stamps.read(content)
    except ValueError as error:
        yield f"it does not read: {error}"
        return
    found.instants.append(stamp.at)
    if text is None:
        yield "there is no checkpoint that it could stamp"
    elif not stamp.is_of(text):
        yield "it is for something else than this checkpoint"
    elif certificates is not None:
        yield from _not_by(content, text, certificates, found)
    if recorded_at is not None and stamp.at < recorded_at - _CLOCKS_APART:
        yield f"it says {instant_text(stamp.at)}, when what it stamps was not recorded: that was at {instant_text(recorded_at)}"


def _not_by(content: bytes, text: bytes, certificates: bytes, found: Stamped) -> Iterator[str]:
    """What is wrong with a stamp that must be signed with one of the certificates; the others may be what that one rests on."""
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import load_pem_x509_certificates

    given = load_pem_x509_certificates(certificates)
    try:
        own = [one for one in given if stamps.is_signed_with(content, one)]
    except ValueError as error:  # some of it the library reads only now
        yield f"it does not read: {error}"
        return
    if not own:
        yield "it is not signed with the certificate that is given"
        return
    chain = _chain(own[0], given)
    if chain[-1].issuer != chain[-1].subject:
        found.unsupported.append("give with it the certificates that it rests on, up to the root")
        return
    try:
        stamps.verify(content, text, b"".join(one.public_bytes(Encoding.PEM) for one in chain))
    except LedgerError as error:
        yield error.what


def _chain(certificate: Certificate, given: Sequence[Certificate]) -> list[Certificate]:
    """The certificate and those of the given that it rests on, as far as they go."""
    chain = [certificate]
    while chain[-1].issuer != chain[-1].subject:
        above = [one for one in given if one.subject == chain[-1].issuer and one not in chain]
        if not above:
            break
        chain.append(above[0])
    return chain
