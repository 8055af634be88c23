"""Time stamps that do not read: whatever word the library has for it, a ValueError says so."""

from __future__ import annotations

import pytest
import rfc3161_client

from ledger import stamps


@pytest.mark.parametrize("content", [b"", b"\x30\x00", b"no stamp at all"])
def test_what_is_no_response_does_not_read(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        stamps.read(content)


@pytest.mark.parametrize("error", [KeyError(44), OverflowError("too far"), TypeError("no tag")])
def test_every_word_of_the_library_is_one(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def falls(content: bytes) -> None:
        raise error

    monkeypatch.setattr(rfc3161_client, "decode_timestamp_response", falls)
    with pytest.raises(ValueError, match=type(error).__name__):
        stamps.read(b"bytes")
    with pytest.raises(ValueError, match=type(error).__name__):
        stamps.is_signed_with(b"bytes", object())  # type: ignore[arg-type]
