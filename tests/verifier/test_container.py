"""The container: one zip for one set of members, and nothing that is not one of them."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from cli.verifier.checkpoints import Given
from cli.verifier.container import NotABundle, read_container
from cli.verifier.verdict import verify_bundle
from tests.verifier import bundles

MEMBERS = {"a.txt": b"one\n", "b/c.json": b"{}", "d": b""}


def zipped(
    members: list[tuple[str, bytes]],
    *,
    method: int = zipfile.ZIP_STORED,
    about: Callable[[zipfile.ZipInfo], None] = lambda info: None,
    comment: bytes = b"",
) -> bytes:
    """A zip by Python's own writer, in the order given; ``about`` changes each entry at the last moment."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        for name, content in members:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.compress_type = 0, method
            container.writestr(info, content)
            info.external_attr = 0
            about(info)
        container.comment = comment
    return out.getvalue()


RIGHT = zipped(list(MEMBERS.items()))


def test_members_are_read_as_they_are() -> None:
    assert {name: bytes(content) for name, content in read_container(RIGHT).items()} == MEMBERS
    assert list(read_container(RIGHT)) == sorted(MEMBERS)
    assert read_container(zipped([])) == {}


def setting(**attributes: object) -> Callable[[zipfile.ZipInfo], None]:
    def change(info: zipfile.ZipInfo) -> None:
        for name, value in attributes.items():
            setattr(info, name, value)

    return change


def zip64() -> bytes:
    """The same members with the end that zip64 has before the usual one."""
    begins = RIGHT.rindex(b"PK\5\6")
    size, at = struct.unpack_from("<II", RIGHT, begins + 12)
    end = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 3, 3, size, at)
    return RIGHT[:begins] + end + struct.pack("<4sIQI", b"PK\6\7", 0, begins, 1) + RIGHT[begins:]


def bomb() -> bytes:
    """Ten million bytes in ten thousand."""
    return zipped([("a.txt", bytes(10_000_000))], method=zipfile.ZIP_DEFLATED)


def overlapping() -> bytes:
    """Two names for one content: the second entry of the directory points at the first's place."""
    both = zipped([("a.txt", b"one\n"), ("b.txt", b"one\n")])
    second = both.rindex(b"PK\1\2")
    return both[: second + 42] + struct.pack("<I", 0) + both[second + 46 :]


CRIMES = {
    "empty": (b"", "cut short, or not a zip"),
    "no zip": (b"PK" * 40, "cut short, or not a zip"),
    "cut short": (RIGHT[:-1], "cut short within its end"),
    "cut in the middle": (RIGHT[:60], "cut short, or not a zip"),
    "bytes before": (b"x" + RIGHT, "does not stand where its end says"),
    "bytes after": (RIGHT + b"x", "1 bytes follow the end"),
    "a comment": (zipped(list(MEMBERS.items()), comment=b"hello"), "5 bytes follow the end"),
    "a comment on a member": (zipped([("a", b"")], about=setting(comment=b"hello")), "a comment"),
    "an extra field": (zipped([("a", b"")], about=setting(extra=b"\1\0\0\0")), "an extra field"),
    "a bomb": (bomb(), "compressed"),
    "bzip2": (zipped([("a", b"x" * 99)], method=zipfile.ZIP_BZIP2), "compressed"),
    "overlapping members": (overlapping(), "overlap or leave a gap"),
    "zip64": (zip64(), "zip64"),
    "a link": (zipped([("a", b"/etc/passwd")], about=setting(external_attr=0o120777 << 16)), "a link"),
    "a mode": (zipped([("a", b"")], about=setting(external_attr=0o644 << 16)), "attributes"),
    "another system": (zipped([("a", b"")], about=setting(create_system=3)), "another directory"),
    "another date": (zipped([("a", b"")], about=setting(date_time=(1981, 1, 1, 0, 0, 0))), "another directory"),
    "encrypted": (zipped([("a", b"")], about=setting(flag_bits=1)), "encrypted"),
    "out of order": (zipped([("b", b""), ("a", b"")]), "in order of name"),
    "a name that climbs": (zipped([("../a", b"")]), "leads out of the bundle"),
    "a name that climbs further in": (zipped([("a/../../b", b"")]), "leads out of the bundle"),
    "a name from the root": (zipped([("/etc/passwd", b"")]), "leads out of the bundle"),
    "a drive": (zipped([("C:x", b"")]), "leads out of the bundle"),
    "a backslash": (zipped([("a", b"")]).replace(b"a" + b"PK", b"\\PK").replace(b"aPK\5", b"\\PK\5"), "leads out of the bundle"),
    "a folder": (zipped([("a/", b"")]), "is a directory"),
    "letters of other scripts": (zipped([("å.txt", b"")]), "no name of a member"),
    "a deep folder": (zipped([("a/b/c", b"")]), "no name of a member"),
    "a name with a line feed": (zipped([("a\n", b"")]), "no name of a member"),
    "a hidden name": (zipped([(".a", b"")]), "no name of a member"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_told() -> None:
    with pytest.raises(NotABundle, match="a is there twice"):
        read_container(zipped([("a", b"1"), ("a", b"2")]))


@pytest.mark.parametrize("crime", CRIMES)
def test_every_crime_is_told_by_what_it_is(crime: str) -> None:
    content, says = CRIMES[crime]
    with pytest.raises(NotABundle, match=says):
        read_container(content)
    verdict, looked = verify_bundle(content, Given(), lambda done: None)
    assert looked is None
    assert [(item.part, item.where) for item in verdict.bad] == [("intact", "container")]
    assert {part["status"] for name, part in verdict.parts.items() if name != "intact"} == {"not checked"}


def test_nothing_between_the_members_passes() -> None:
    """Bytes before the second member, with every place in the directory set right for them."""
    infos: list[zipfile.ZipInfo] = []
    zipped(list(MEMBERS.items()), about=infos.append)
    begins, end = infos[1].header_offset, RIGHT.rindex(b"PK\5\6")
    padded = bytearray(RIGHT[:begins] + b"extra" + RIGHT[begins:])
    struct.pack_into("<I", padded, end + 5 + 16, struct.unpack_from("<I", RIGHT, end + 16)[0] + 5)
    at = padded.index(b"PK\1\2")
    for number, info in enumerate(infos):
        struct.pack_into("<I", padded, at + 42, info.header_offset + (5 if number else 0))
        at += 46 + len(info.filename)
    assert zipfile.ZipFile(io.BytesIO(padded)).read("d") == b""
    with pytest.raises(NotABundle, match="overlap or leave a gap"):
        read_container(bytes(padded))


def test_no_bit_can_be_flipped_without_being_seen() -> None:
    """Each single bit of a small bundle, some ten thousand of them at random with others, and pieces cut out."""
    bundle, chance = bundles.zipped(bundles.contract_bundle(opened={6: (0, 1)})), Random(6)
    read_container(bundle)
    for _ in range(10_000):
        changed = bytearray(bundle)
        for _ in range(chance.choice((1, 1, 1, 2, 5))):
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        if changed != bundle:
            with pytest.raises(NotABundle):
                read_container(bytes(changed))
    for _ in range(1000):
        begins, ends = sorted(chance.randrange(len(bundle) + 1) for _ in range(2))
        if begins < ends:
            with pytest.raises(NotABundle):
                read_container(bundle[:begins] + bundle[ends:])


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for content, _ in CRIMES.values():
        verify_bundle(content, Given(), lambda done: None)
    assert list(tmp_path.iterdir()) == []
