"""The authority's certificate and those that it rests on, as an auditor may give them: both verifiers say the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fixtures.tampered.bundle import told, zipped
from fixtures.tampered.corpus import Honest
from fixtures.tampered.stamps import Authority
from ledger.notes import Note
from tests.verifier.honest import OutOfBand, by_soc, by_verify_py, honest_bundles, named, statuses

__all__ = ["honest_bundles"]

BEGINS, ENDS = datetime(2018, 1, 1, tzinfo=UTC), datetime(2048, 1, 1, tzinfo=UTC)
Key = ec.EllipticCurvePrivateKey


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates)


def named_as(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def root_of(name: str) -> tuple[Key, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    made = x509.CertificateBuilder(named_as(name), named_as(name), key.public_key(), 1, BEGINS, ENDS)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return key, made.sign(key, hashes.SHA256())


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """PEM by name, and under "key" the authority's secret key."""
    key, root = root_of("Root")
    _, other = root_of("Other root")
    _, namesake = root_of("Root")
    own = ec.generate_private_key(ec.SECP256R1())
    made = x509.CertificateBuilder(root.subject, named_as("Authority"), own.public_key(), 5, BEGINS, ENDS)
    made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    made = made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    leaf = made.sign(key, hashes.SHA256())
    form = serialization.PrivateFormat.PKCS8
    secret = own.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return {"leaf": pem(leaf), "root": pem(root), "other root": pem(other), "namesake of the root": pem(namesake), "key": secret}


@pytest.fixture(scope="module")
def stamped(
    honest_bundles: Mapping[str, Honest], certificates: Mapping[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> bytes:
    """A bundle whose last checkpoint is stamped by the authority that the root has issued a certificate for."""
    folder: Path = tmp_path_factory.mktemp("chain") / "authority"
    authority, honest = Authority(folder, "replaced"), honest_bundles["payer"]
    (folder / "tsa.pem").write_bytes(certificates["leaf"])
    (folder / "tsa.key").write_bytes(certificates["key"])
    size = honest.sizes[-1]
    response = authority.stamp(Note.parse(honest.members[f"checkpoints/{size}.note"]).text)
    return zipped(told({**honest.members, f"checkpoints/{size}.1.tsr": response}))


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (("leaf", "root"), "yes"),
        (("root", "leaf"), "yes"),
        (("leaf", "root", "other root"), "yes"),
        (("leaf",), "not checked"),
        (("leaf", "other root"), "not checked"),
        (("leaf", "namesake of the root"), "no"),
        (("root",), "no"),
        (("other root",), "no"),
    ],
)
def test_the_certificate_is_given_with_those_that_it_rests_on(
    stamped: bytes, certificates: Mapping[str, bytes], given: tuple[str, ...], status: str
) -> None:
    out_of_band = OutOfBand(certificate=b"".join(certificates[name] for name in given))
    ours, theirs = by_soc(stamped, out_of_band), by_verify_py(stamped, out_of_band)
    assert statuses(ours)["anchored"] == statuses(theirs)["anchored"] == status
    assert named(ours) == named(theirs)
    if status == "not checked":
        assert all("up to the root" in one["parts"]["anchored"]["says"] for one in (ours, theirs))
