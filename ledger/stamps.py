"""Time stamps of checkpoints (RFC 3161): what an authority is asked, and what its answer says.

The stamp is over the SHA-256 of a note's text. There is no nonce: who asks twice asks the same, and the answer can be checked
years later with nothing but the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from ledger.errors import Refused, VerificationFailed

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

_SHA256 = "2.16.840.1.101.3.4.2.1"


@dataclass(frozen=True)
class Stamp:
    """What a response says: the hash that was stamped, and when. Nothing is verified yet."""

    imprint: bytes
    at: datetime

    def is_of(self, text: bytes) -> bool:
        """Whether it is this text that was stamped."""
        return self.imprint == sha256(text).digest()


def request(text: bytes) -> bytes:
    """The request (DER) to stamp a note's text, that also asks for the authority's certificate."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    builder = TimestampRequestBuilder().data(text).hash_algorithm(HashAlgorithm.SHA256)
    return builder.nonce(nonce=False).cert_request(cert_request=True).build().as_bytes()


def _decoded(response: bytes) -> tuple[TimeStampResponse, Stamp]:
    from rfc3161_client import PKIStatus, decode_timestamp_response

    found = decode_timestamp_response(response)
    if found.status != PKIStatus.GRANTED:
        raise ValueError(f"the authority did not grant it: {'; '.join(found.status_string) or f'status {found.status}'}")
    imprint = found.tst_info.message_imprint
    if imprint.hash_algorithm.dotted_string != _SHA256:
        raise ValueError("what was stamped is no SHA-256")
    return found, Stamp(imprint.message, found.tst_info.gen_time)


def read(response: bytes) -> Stamp:
    """What a response (DER, TimeStampResp) says. Raises ValueError for what is none, or grants nothing."""
    with _of_a_stranger():
        return _decoded(response)[1]


def is_signed_with(response: bytes, certificate: Certificate) -> bool:
    """Whether a response says that it is signed with a certificate. Raises ValueError for what does not read."""
    from rfc3161_client import decode_timestamp_response

    with _of_a_stranger():
        signers = decode_timestamp_response(response).signed_data.signer_infos
        return any((one.issuer, one.serial_number) == (certificate.issuer, certificate.serial_number) for one in signers)


@contextmanager
def _of_a_stranger() -> Iterator[None]:
    """Whatever word the library has for bytes that do not read, some of them only when they are asked for: a ValueError."""
    try:
        yield
    except ValueError:
        raise
    except Exception as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


def verify(response: bytes, text: bytes, certificates: bytes) -> Stamp:
    """The stamp, once it is proved that the authority gave it for this text.

    ``certificates``: PEM, the authority's own and those it rests on up to the root, from another place than the response. A root
    alone trusts every authority that it has issued a certificate for time stamps. Raises Refused for what is no certificate or
    no response, VerificationFailed for a response that is not the authority's, or is for another text.
    """
    given = _certificates(certificates)
    try:
        with _of_a_stranger():
            found, stamp = _decoded(response)
    except ValueError as error:
        raise Refused(f"the response holds no time stamp: {error}", do="Ask the authority again with the request.") from None
    if not stamp.is_of(text):
        raise VerificationFailed("the time stamp is for something else than this checkpoint", do="Nothing was added.")
    try:
        _check(found, text, given)
    except Exception as error:  # the response is a stranger's, and the library has many words for what is wrong with it
        advice = "Nothing was added. Give the authority's certificate together with those it rests on, up to the root."
        raise VerificationFailed(f"the time stamp is not by the authority of that certificate: {error}", do=advice) from error
    return stamp


def _check(found: TimeStampResponse, text: bytes, given: Sequence[Certificate]) -> None:
    """Raise where the signature is not right, or not by one of the certificates given."""
    from rfc3161_client import VerifierBuilder

    authority = next(filter(_stamps, given), None)
    VerifierBuilder(tsa_certificate=authority, roots=list(given)).build().verify_message(found, text)


def _certificates(pem: bytes) -> list[Certificate]:
    from cryptography.x509 import load_pem_x509_certificates

    try:
        given = load_pem_x509_certificates(pem)
    except ValueError:
        raise Refused("the file of certificates holds none", do="Give the authority's certificate as PEM.") from None
    if sum(map(_stamps, given)) > 1:
        raise Refused("the file of certificates holds several for time stamps", do="Give that of one authority.")
    return given


def _stamps(certificate: Certificate) -> bool:
    """Whether it is a certificate for time stamps."""
    from cryptography.x509 import ExtendedKeyUsage, ExtensionNotFound
    from cryptography.x509.oid import ExtendedKeyUsageOID

    try:
        usage = certificate.extensions.get_extension_for_class(ExtendedKeyUsage).value
    except (ExtensionNotFound, ValueError):
        return False
    return ExtendedKeyUsageOID.TIME_STAMPING in usage
