"""Any bit flipped, anything cut out, put in or swapped: both verifiers refuse it, and neither falls over."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Mapping
from hashlib import sha256

import pytest

from fixtures.tampered.bundle import clumsy, told, zipped
from fixtures.tampered.corpus import Honest
from ledger.notes import Note
from tests.verifier.honest import OutOfBand, by_soc, by_verify_py, honest_bundles, named

__all__ = ["honest_bundles"]

Record = Callable[[str, object], None]
FLIPS = int(os.environ.get("LEDGER_FLIPS", 10_000 if os.environ.get("CI") else 1_000))
"""Bits to flip; a tenth as many of everything else is done."""
OTHERS = FLIPS // 10
UNBOUND = ("README.txt", "verify.py", "schema.json", "fields.csv", "manifest.json")
"""What can be exchanged by who makes the manifest fit: nothing is computed from it."""


@pytest.fixture
def chance() -> random.Random:
    seed = os.environ.get("LEDGER_SEED") or str(random.SystemRandom().randrange(10**9))
    print(f"LEDGER_SEED={seed}")  # noqa: T201 - shown with a failure
    return random.Random(seed)


def given(honest: Honest) -> OutOfBand:
    keys = [str(honest.operator.verifier), str(honest.party.verifier)]
    kept = honest.members[f"checkpoints/{honest.sizes[0]}.note"]
    return OutOfBand(keys, kept, honest.authority.certificate)


def refused(data: bytes, out_of_band: OutOfBand) -> tuple[str, str]:
    """The first bad item that both name."""
    ours, theirs = by_soc(data, out_of_band), by_verify_py(data, out_of_band)
    assert ours["verdict"] == theirs["verdict"] == "failed"
    assert named(ours)[0] == named(theirs)[0]
    return named(ours)[0]


def flipped(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


def test_no_flipped_bit_passes(honest_bundles: Mapping[str, Honest], chance: random.Random, record_property: Record) -> None:
    honest = honest_bundles["payer"]
    data, out_of_band = zipped(honest.members), given(honest)
    for _ in range(FLIPS):
        assert refused(flipped(data, chance), out_of_band) == ("intact", "container")
    record_property("counts", f"flipped bits of a bundle: {FLIPS}, all refused by both verifiers")


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def cut_out(data: bytes, chance: random.Random) -> bytes:
    begins = chance.randrange(len(data))
    return data[:begins] + data[begins + chance.randint(1, 100) :]


def put_in(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.randbytes(chance.randint(1, 100)) + data[at:]


def repeated(data: bytes, chance: random.Random) -> bytes:
    begins = chance.randrange(len(data))
    part = data[begins : begins + chance.randint(1, 1000)]
    return data[:begins] + part + data[begins:]


def test_nothing_cut_out_or_put_in_passes(
    honest_bundles: Mapping[str, Honest], chance: random.Random, record_property: Record
) -> None:
    honest = honest_bundles["payer"]
    data, out_of_band = zipped(honest.members), given(honest)
    counts: Counter[str] = Counter()
    for _ in range(OTHERS):
        change = chance.choice([cut, cut_out, put_in, repeated])
        counts[change.__name__] += 1
        assert refused(change(data, chance), out_of_band) == ("intact", "container")
    record_property("counts", f"bundles with bytes cut out or put in: {sum(counts.values())}, all refused by both verifiers")


def exchanged(honest: Honest, chance: random.Random) -> bytes:
    """Two members of other contents, under each other's name."""
    while True:
        one, other = chance.sample(sorted(honest.members), 2)
        if honest.members[one] != honest.members[other]:
            return clumsy(honest, {one: honest.members[other], other: honest.members[one]})


def dropped(honest: Honest, chance: random.Random) -> bytes:
    return clumsy(honest, {chance.choice(sorted(honest.members)): None})


def lines_exchanged(honest: Honest, chance: random.Random) -> bytes:
    """Two lines of a member in each other's place."""
    while True:
        name = chance.choice(["events.jsonl", "leaves.txt", "lines.jsonl"])
        lines = honest.members[name].splitlines(keepends=True)
        one, other = chance.sample(range(len(lines)), 2)
        if lines[one] != lines[other]:
            lines[one], lines[other] = lines[other], lines[one]
            return clumsy(honest, {name: b"".join(lines)})


def member_cut(honest: Honest, chance: random.Random) -> bytes:
    name = chance.choice([name for name, content in sorted(honest.members.items()) if content])
    return clumsy(honest, {name: cut(honest.members[name], chance)})


def member_from_another_bundle(honest: Honest, chance: random.Random) -> bytes:
    """What stands at the end of a member, once more."""
    name = chance.choice(sorted(honest.members))
    content = honest.members[name]
    return clumsy(honest, {name: content + content[-chance.randint(1, 200) :]})


def test_no_swapped_member_passes(honest_bundles: Mapping[str, Honest], chance: random.Random, record_property: Record) -> None:
    counts: Counter[str] = Counter()
    for _ in range(OTHERS):
        honest = honest_bundles["payer"]
        change = chance.choice([exchanged, dropped, lines_exchanged, member_cut, member_from_another_bundle])
        counts[change.__name__] += 1
        refused(change(honest, chance), given(honest))
    record_property(
        "counts", f"bundles with members swapped, cut or dropped: {sum(counts.values())}, all refused by both verifiers"
    )


def bound(honest: Honest, name: str) -> int:
    """So many bytes of a member are bound by something; of earlier checkpoints, where no signature is asked for, the text."""
    content = honest.members[name]
    earlier = name.endswith(".note") and name != f"checkpoints/{honest.sizes[-1]}.note"
    return content.index(b"\n\n") if earlier else len(content)


def test_no_flipped_bit_passes_where_container_and_manifest_fit(
    honest_bundles: Mapping[str, Honest], chance: random.Random, record_property: Record
) -> None:
    parts: Counter[str] = Counter()
    for _ in range(OTHERS):
        honest = honest_bundles[chance.choice(["payer", "auditor"])]
        names = [name for name in sorted(honest.members) if name not in UNBOUND and not name.endswith(".tsr")]
        name = chance.choice(names)
        end = bound(honest, name)
        content = honest.members[name]
        members = {**honest.members, name: flipped(content[:end], chance) + content[end:]}
        at = next(at for at in range(len(content)) if members[name][at] != content[at])
        print(name, at, content[max(at - 40, 0) : at + 40], members[name][at])  # noqa: T201 - shown with a failure
        part, _ = refused(zipped(told(members)), given(honest))
        parts[part] += 1
    said = ", ".join(f"{count} {part}" for part, count in sorted(parts.items()))
    record_property("counts", f"flipped bits of members that all else fits: {OTHERS}, all refused by both verifiers ({said})")


def test_no_flipped_bit_of_what_was_stamped_passes(honest_bundles: Mapping[str, Honest], chance: random.Random) -> None:
    """Of a response, the imprint and its signature. How else it may be written, openssl and we see a little differently."""
    honest = honest_bundles["payer"]
    name = f"checkpoints/{honest.sizes[-1]}.1.tsr"
    content, text = honest.members[name], Note.parse(honest.members[f"checkpoints/{honest.sizes[-1]}.note"]).text
    imprint = content.index(sha256(text).digest())
    for _ in range(OTHERS):
        begins, ends = chance.choice([(imprint, imprint + 32), (len(content) - 32, len(content))])
        other = content[:begins] + flipped(content[begins:ends], chance) + content[ends:]
        part, where = refused(zipped(told({**honest.members, name: other})), given(honest))
        assert (part, where) == ("anchored", f"timestamp 1 of checkpoint {honest.sizes[-1]}")


def test_neither_falls_over_a_response_written_anyhow(honest_bundles: Mapping[str, Honest], chance: random.Random) -> None:
    honest = honest_bundles["payer"]
    name = f"checkpoints/{honest.sizes[-1]}.1.tsr"
    for _ in range(OTHERS):
        change = chance.choice([flipped, cut, cut_out, put_in])
        data = zipped(told({**honest.members, name: change(honest.members[name], chance)}))
        for verdict in (by_soc(data, given(honest)), by_verify_py(data, given(honest))):
            assert named(verdict) in ([], [("anchored", f"timestamp 1 of checkpoint {honest.sizes[-1]}")])
