"""Time stamps by a local authority (``openssl ts``), RSA and elliptic curves: right ones hold, and nothing else does."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from cli.verifier.signing import CURVES, ecdsa_holds, rsa_holds
from cli.verifier.timestamps import NotSupported, read_certificates, read_stamp, stamp_faults

TEXT = b"soc-ledger/00112233445566778899aabbccddeeff\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
SETTINGS = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_digest = {digest}
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = {essential}
"""

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
KEYS: dict[str, Callable[[], Key]] = {
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "brainpool": lambda: ec.generate_private_key(ec.BrainpoolP256R1()),
}


class Authority:
    """A time-stamping authority with a certificate that it signed itself."""

    def __init__(self, folder: Path, key: Key, *, days: int = 60, serial: int = 7) -> None:
        self.folder, self.key = folder, key
        folder.mkdir()
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Tidsstämplaren")])
        now = datetime.now(UTC)
        made = x509.CertificateBuilder(
            name, name, key.public_key(), serial, now - timedelta(days=30), now + timedelta(days=days - 30)
        )
        usage = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING])
        certificate = made.add_extension(usage, critical=True).sign(key, hashes.SHA256())
        self.pem = certificate.public_bytes(serialization.Encoding.PEM)
        self.der = certificate.public_bytes(serialization.Encoding.DER)
        (folder / "tsa.pem").write_bytes(self.pem)
        form = serialization.PrivateFormat.PKCS8
        (folder / "tsa.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
        (folder / "serial").write_text("01")

    def stamp(
        self,
        text: bytes,
        *more: str,
        digest: str = "sha256",
        essential: str = "sha256",
        hashed: str = "sha256",
        cert: bool = True,
    ) -> bytes:
        settings, data, query, reply = (self.folder / name for name in ("tsa.cnf", "data", "query", "reply"))
        settings.write_text(SETTINGS.format(folder=self.folder, digest=digest, essential=essential))
        data.write_bytes(text)
        asked = ["openssl", "ts", "-query", "-data", str(data), f"-{hashed}", "-out", str(query), *(["-cert"] if cert else [])]
        subprocess.run(asked, check=True, capture_output=True)
        answer = ["openssl", "ts", "-reply", "-config", str(settings), "-queryfile", str(query), "-out", str(reply)]
        own = ["-signer", str(self.folder / "tsa.pem"), "-inkey", str(self.folder / "tsa.key"), *more]
        subprocess.run([*answer, *own], check=True, capture_output=True)
        return reply.read_bytes()


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Authority]:
    folder = tmp_path_factory.mktemp("authorities")
    return {name: Authority(folder / name, made(), serial=serial) for serial, (name, made) in enumerate(KEYS.items(), 1)}


# ── Right ones ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("name", ["rsa", "p256", "p384", "p521"])
def test_a_stamp_by_the_authority_whose_certificate_is_given_holds(
    authorities: dict[str, Authority], name: str, digest: str
) -> None:
    authority = authorities[name]
    stamp = read_stamp(authority.stamp(TEXT, digest=digest))
    assert (stamp.hash_name, stamp.imprint) == ("sha256", hashlib.sha256(TEXT).digest())
    assert abs(datetime.fromisoformat(stamp.at) - datetime.now(UTC)) < timedelta(minutes=5)
    assert stamp_faults(stamp, read_certificates(authority.pem)) == []


def test_the_certificate_may_be_der_one_of_several_and_need_not_be_in_the_response(authorities: dict[str, Authority]) -> None:
    authority = authorities["rsa"]
    stamp = read_stamp(authority.stamp(TEXT, cert=False, essential="sha1"))
    assert stamp.certificates == ()
    assert stamp_faults(stamp, read_certificates(authority.der)) == []
    several = read_certificates(authorities["p256"].pem + authority.pem)
    assert len(several) == 2
    assert stamp_faults(stamp, several) == []


# ── Wrong ones ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_another_authority_is_refused_even_under_the_same_name_and_number(
    tmp_path: Path, authorities: dict[str, Authority]
) -> None:
    response = authorities["rsa"].stamp(TEXT)
    assert "not signed with the certificate" in stamp_faults(read_stamp(response), read_certificates(authorities["p256"].pem))[0]
    other = Authority(tmp_path / "other", KEYS["p256"](), serial=1)
    [fault] = stamp_faults(read_stamp(response), read_certificates(other.pem))
    assert "another than the one that is given" in fault
    faults = stamp_faults(read_stamp(authorities["rsa"].stamp(TEXT, cert=False)), read_certificates(other.pem))
    assert "its signature is wrong" in faults


def test_a_forger_with_the_name_of_the_authority_is_refused(tmp_path: Path, authorities: dict[str, Authority]) -> None:
    forger = Authority(tmp_path / "forger", KEYS["rsa"](), serial=1)
    given = read_certificates(authorities["rsa"].pem)
    faults = stamp_faults(read_stamp(forger.stamp(TEXT, cert=False)), given)
    assert "its signature is wrong" in faults
    assert any("names another certificate" in fault for fault in faults)
    stranger = Authority(tmp_path / "stranger", KEYS["rsa"](), serial=99)
    assert "not signed with the certificate" in stamp_faults(read_stamp(stranger.stamp(TEXT)), given)[0]


def test_a_stamp_after_the_certificate_has_ended_is_refused(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "old", KEYS["rsa"](), days=20)
    [fault] = stamp_faults(read_stamp(authority.stamp(TEXT)), read_certificates(authority.pem))
    assert "valid from" in fault


@pytest.mark.parametrize("name", ["rsa", "p256", "p384"])
def test_no_changed_byte_passes(authorities: dict[str, Authority], name: str) -> None:
    """But the status, of which two values say that it was granted."""
    authority, chance = authorities[name], Random(name)
    response, given = authority.stamp(TEXT, cert=False), read_certificates(authority.pem)
    assert stamp_faults(read_stamp(response), given) == []
    passed = []
    for at in range(0, len(response), 1 if name == "rsa" else 5):
        changed = bytearray(response)
        changed[at] ^= 1 << chance.randrange(8)
        with suppress(ValueError, NotSupported):
            passed += [] if stamp_faults(read_stamp(bytes(changed)), given) else [at]
    assert set(passed) <= {response.index(b"\x02\x01\x00") + 2}


def test_tampered_content_is_told(authorities: dict[str, Authority]) -> None:
    authority = authorities["rsa"]
    response = authority.stamp(TEXT)
    stamp = read_stamp(response.replace(hashlib.sha256(TEXT).digest(), hashlib.sha256(b"other").digest()))
    assert stamp.imprint == hashlib.sha256(b"other").digest()
    assert "its content is not what was signed" in stamp_faults(stamp, read_certificates(authority.pem))


def test_random_bytes_are_refused_in_words(authorities: dict[str, Authority]) -> None:
    chance, response = Random(5), authorities["p256"].stamp(TEXT)
    given = read_certificates(authorities["p256"].pem)
    for _ in range(3000):
        changed = bytearray(response)
        for _ in range(chance.randrange(1, 20)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        cut = bytes(changed[: chance.randrange(len(changed) + 1)]) if chance.random() < 0.3 else bytes(changed)
        with suppress(ValueError, NotSupported):  # and nothing else
            assert isinstance(stamp_faults(read_stamp(cut), given), list)


@pytest.mark.parametrize("content", [b"", b"\x30\x80\x00\x00", b"\x30\x84\xff\xff\xff\xff", b"\x1f\x01", b"0" * 5])
def test_what_is_no_der_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_stamp(content)
    with pytest.raises(ValueError, match=r"\w"):
        read_certificates(content)


def test_a_refusal_of_the_authority_is_no_stamp(authorities: dict[str, Authority]) -> None:
    response = authorities["rsa"].stamp(TEXT, hashed="sha1")  # which its settings do not take
    with pytest.raises(ValueError, match="refused to stamp: status 2"):
        read_stamp(response)


def test_ways_to_sign_that_are_not_verified_are_told_apart(authorities: dict[str, Authority]) -> None:
    authority = authorities["brainpool"]
    with pytest.raises(NotSupported, match="key of"):
        stamp_faults(read_stamp(authority.stamp(TEXT)), read_certificates(authority.pem))


# ── Signatures, against cryptography ─────────────────────────────────────────────────────────────────────────────────


def test_rsa_takes_what_was_signed_and_nothing_else() -> None:
    from cryptography.hazmat.primitives.asymmetric import padding

    key = rsa.generate_private_key(65537, 2048)
    numbers, chance = key.public_key().public_numbers(), Random(1)
    for name, hashed in (("sha256", hashes.SHA256()), ("sha384", hashes.SHA384()), ("sha512", hashes.SHA512())):
        signature = key.sign(TEXT, padding.PKCS1v15(), hashed)
        assert rsa_holds(numbers.n, numbers.e, name, TEXT, signature)
        assert not rsa_holds(numbers.n, numbers.e, name, TEXT + b".", signature)
        assert not rsa_holds(numbers.n, numbers.e, name, TEXT, b"\0" + signature)
        assert not rsa_holds(numbers.n, numbers.e, name, TEXT, (int.from_bytes(signature) + numbers.n).to_bytes(257))
        for _ in range(50):
            changed = bytearray(signature)
            changed[chance.randrange(256)] ^= 1 << chance.randrange(8)
            assert not rsa_holds(numbers.n, numbers.e, name, TEXT, bytes(changed))


@pytest.mark.parametrize(
    ("curve", "made"),
    [("1.2.840.10045.3.1.7", ec.SECP256R1()), ("1.3.132.0.34", ec.SECP384R1()), ("1.3.132.0.35", ec.SECP521R1())],
)
@pytest.mark.parametrize(
    ("name", "hashed"), [("sha256", hashes.SHA256()), ("sha384", hashes.SHA384()), ("sha512", hashes.SHA512())]
)
def test_ecdsa_takes_what_was_signed_and_nothing_else(
    curve: str, made: ec.EllipticCurve, name: str, hashed: hashes.HashAlgorithm
) -> None:
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    key, one = ec.generate_private_key(made), CURVES[curve]
    point = serialization.PublicFormat.UncompressedPoint
    public = key.public_key().public_bytes(serialization.Encoding.X962, point)
    for number in range(5):
        message = TEXT * number
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashed)))
        assert ecdsa_holds(one, public, name, message, r, s)
        wrong = [(r, s + 1), (s, r), (0, s), (r, 0), (r + one.order, s), (r, s + one.order)]
        assert not any(ecdsa_holds(one, public, name, message, *pair) for pair in wrong)
        assert not ecdsa_holds(one, public, name, message + b".", r, s)
        assert not ecdsa_holds(one, public[:-1] + bytes([public[-1] ^ 1]), name, message, r, s)
