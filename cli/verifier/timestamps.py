"""Time stamps (RFC 3161): what a response says, and whether a given authority's certificate signed it, in plain Python.

Verified are RSA (PKCS #1 v1.5) and ECDSA on P-256, P-384 and P-521, with SHA-256, SHA-384 or SHA-512. Other ways to sign are
not found wrong: they are told as not checked.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from datetime import datetime
from typing import NamedTuple

from cli.verifier.der import (
    BIT_STRING,
    GENERALIZED_TIME,
    INTEGER,
    OBJECT_ID,
    OCTETS,
    SEQUENCE,
    SET,
    UTC_TIME,
    Der,
    _exactly,
    der_parts,
    object_id,
    read_der,
)
from cli.verifier.signing import CURVES, ecdsa_holds, rsa_holds

GRANTED = (b"\x00", b"\x01")
"""Statuses: granted, and granted with modifications."""
STAMP_LARGEST = 65_536
"""Bytes: a time stamp with the certificates of its authority is a tenth of it."""
SIGNED_DATA = "1.2.840.113549.1.7.2"
TIME_STAMP_INFO = "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
HASHES = {"2.16.840.1.101.3.4.2.1": "sha256", "2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512"}
RSA_WITH = {
    "1.2.840.113549.1.1.1": None,
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
}
"""RSA with PKCS #1 v1.5, and the hash that the algorithm itself names."""
ECDSA_WITH = {"1.2.840.10045.4.3.2": "sha256", "1.2.840.10045.4.3.3": "sha384", "1.2.840.10045.4.3.4": "sha512"}
RSA_KEY, EC_KEY = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1"


class NotSupported(Exception):
    """A way to sign that is not verified here, and which."""


def _algorithm(value: Der) -> str:
    """Which algorithm, with parameters that say nothing or something of their own. Raises ValueError."""
    parts = der_parts(value, OBJECT_ID)
    if value.tag != SEQUENCE or len(parts) > 2 or any(part.tag != SEQUENCE and part.whole != b"\x05\x00" for part in parts[1:]):
        raise ValueError("an algorithm does not read")
    return object_id(parts[0])


def _hash_name(algorithm: Der) -> str:
    """Raises NotSupported."""
    found = _algorithm(algorithm)
    if found not in HASHES:
        raise NotSupported(f"the hash {found}")
    return HASHES[found]


def _optional(parts: list[Der], tag: int) -> Der | None:
    return next((part for part in parts if part.tag == tag), None)


# --- The response -------------------------------------------------------------------------------------------------------


class TimeStamp(NamedTuple):
    """What a response says: the hash that it stamps and when; the signed content, who signed it how, and certificates with it."""

    hash_name: str
    imprint: bytes
    at: str
    content: bytes
    signer: list[Der]
    certificates: tuple[bytes, ...]


def read_stamp(response: bytes) -> TimeStamp:
    """What a response says, nothing of it verified. Raises ValueError, in words."""
    if len(response) > STAMP_LARGEST:
        raise ValueError("it is too large for a time stamp")
    status, *rest = der_parts(read_der(response), SEQUENCE)
    granted = der_parts(status, INTEGER)[0].content
    if granted not in GRANTED or not rest:
        raise ValueError(f"the authority refused to stamp: status {int.from_bytes(granted, 'big')}")
    kind, signed_data = _exactly(rest[0], OBJECT_ID, 0xA0)
    if len(rest) != 1 or rest[0].tag != SEQUENCE or object_id(kind) != SIGNED_DATA:
        raise ValueError("it is not signed data")
    parts = der_parts(_exactly(signed_data, SEQUENCE)[0], INTEGER, SET, SEQUENCE)
    kind, inner = _exactly(parts[2], OBJECT_ID, 0xA0)
    if object_id(kind) != TIME_STAMP_INFO:
        raise ValueError("what is signed is no time stamp")
    content = _exactly(inner, OCTETS)[0].content
    certificates = _optional(parts[3:-1], 0xA0)
    if len(parts) != 4 + (certificates is not None) + (_optional(parts[3:-1], 0xA1) is not None):
        raise ValueError("its parts are not those of a time stamp")
    signers = der_parts(parts[-1])
    if parts[-1].tag != SET or len(signers) != 1:
        raise ValueError("it is not signed by one authority")
    signer = der_parts(signers[0], INTEGER, SEQUENCE, SEQUENCE, 0xA0, SEQUENCE, OCTETS)
    if [part.tag for part in signer[6:]] not in ([], [0xA1]):
        raise ValueError("its signature has more parts than a time stamp's has")
    versions = signers[0].tag, parts[0].content, signer[0].content
    if versions != (SEQUENCE, b"\x03", b"\x01") or {_algorithm(one) for one in der_parts(parts[1])} != {_algorithm(signer[2])}:
        raise ValueError("its signature is not as a time stamp's is")
    inside = tuple(one.whole for one in der_parts(certificates)) if certificates else ()
    if list(inside) != sorted(inside):
        raise ValueError("its certificates are not in the order of DER")
    hash_name, imprint, at = _stamped(content)
    return TimeStamp(hash_name, imprint, at, content, signer, inside)


def _stamped(content: bytes) -> tuple[str, bytes, str]:
    """Which hash of what was stamped, and when (TSTInfo)."""
    parts = der_parts(read_der(content), INTEGER, OBJECT_ID, SEQUENCE, INTEGER, GENERALIZED_TIME)
    imprint, at = parts[2], parts[4]
    algorithm, hashed = der_parts(imprint, SEQUENCE, OCTETS)[:2]
    try:
        hash_name = _hash_name(algorithm)
    except NotSupported as fault:
        raise ValueError(f"it stamps {fault}, which a bundle's time stamps do not use") from None
    return hash_name, hashed.content, _instant_text(at)


def _instant_text(value: Der) -> str:
    """A time of DER as the record writes instants, in UTC. Raises ValueError."""
    text = value.content.decode("ascii")
    if value.tag == UTC_TIME:
        text = ("20" if text < "50" else "19") + text
    found = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d*[1-9]))?Z", text)
    if not found:
        raise ValueError(f"{text!r} is no time of day in UTC")
    year, month, day, hour, minute, second, fraction = found.groups()
    seconds = min(int(second), 59)  # a leap second is told as the one before it
    datetime(int(year), int(month), int(day), int(hour), int(minute), seconds)  # noqa: DTZ001 - only whether it is there
    return f"{year}-{month}-{day}T{hour}:{minute}:{seconds:02d}.{(fraction or '').ljust(6, '0')[:6]}Z"


# --- The signature ------------------------------------------------------------------------------------------------------


class Certificate(NamedTuple):
    """What is needed of an authority's certificate: all of it, whose number it is, when it is valid, whose it is and its key; and
    how the issuer signed which part of it."""

    whole: bytes
    issuer: bytes
    number: bytes
    begins: str
    ends: str
    subject: bytes
    key: Der
    signed: bytes
    algorithm: Der
    signature: bytes

    @property
    def issuer_and_number(self) -> bytes:
        """What names it in a signature."""
        return self.issuer + self.number


def read_certificates(content: bytes) -> list[Certificate]:
    """The certificates of a file, PEM or DER. Raises ValueError."""
    blocks = re.findall(rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----", content)
    return [_certificate(b64decode(block)) for block in blocks] if blocks else [_certificate(content)]


def _certificate(whole: bytes) -> Certificate:
    signed, algorithm, signature = _exactly(read_der(whole), SEQUENCE, SEQUENCE, BIT_STRING)
    parts = der_parts(signed)
    if parts and parts[0].tag == 0xA0:  # the version, which the first one left out
        parts = parts[1:]
    if [part.tag for part in parts[:6]] != [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE]:
        raise ValueError("it is no certificate")
    number, _, issuer, validity, subject, key = parts[:6]
    begins, ends = (_instant_text(one) for one in der_parts(validity)[:2])
    own = (subject.whole, key, signed.whole, algorithm, signature.content[1:])
    return Certificate(whole, issuer.whole, number.whole, begins, ends, *own)


def _is_issued_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether the issuer's key signed the certificate."""
    try:
        return _signature_holds(issuer.key, certificate.algorithm, "sha256", certificate.signed, certificate.signature)
    except (ValueError, IndexError):
        return False


def _chain_faults(certificate: Certificate, given: list[Certificate]) -> list[str]:
    """A certificate rests on those given with it, up to a root. Raises NotSupported where one of them is not given."""
    seen = {certificate.whole}
    while certificate.issuer != certificate.subject:
        above = [one for one in given if one.subject == certificate.issuer and one.whole not in seen]
        if not above:
            raise NotSupported("a certificate without those that it rests on, up to the root; give them with it")
        if not _is_issued_by(certificate, above[0]):
            return ["the certificate is not by the one that is given as its issuer's"]
        certificate = above[0]
        seen.add(certificate.whole)
    return [] if _is_issued_by(certificate, certificate) else ["the root is not signed by itself"]


def stamp_faults(stamp: TimeStamp, given: list[Certificate]) -> list[str]:
    """What keeps the response from being one by the authority whose certificate is given. Raises NotSupported where it is signed
    in a way that is not verified here."""
    try:
        return _stamp_faults(stamp, given)
    except (ValueError, IndexError, TypeError):
        return ["its signature does not read"]


def _stamp_faults(stamp: TimeStamp, given: list[Certificate]) -> list[str]:
    named, signer = stamp.signer[1], stamp.signer
    ours = [one for one in given if named.content == one.issuer_and_number]
    if not ours:
        return ["it is not signed with the certificate that is given"]
    certificate = ours[0]
    if stamp.certificates and certificate.whole not in stamp.certificates:
        return ["the certificate that comes with it is another than the one that is given"]
    hash_name, attributes = _hash_name(signer[2]), signer[3]
    faults = _chain_faults(certificate, given) + _attribute_faults(attributes, stamp.content, hash_name, certificate)
    if not certificate.begins <= stamp.at <= certificate.ends:
        faults.append(f"the certificate was valid from {certificate.begins} to {certificate.ends}, not at {stamp.at}")
    signed = b"\x31" + attributes.whole[1:]  # signed as the SET that it is (RFC 5652, section 5.4)
    if not _signature_holds(certificate.key, signer[4], hash_name, signed, signer[5].content):
        faults.append("its signature is wrong")
    return faults


def _attribute_faults(attributes: Der, content: bytes, hash_name: str, certificate: Certificate) -> list[str]:
    """The signed attributes against what they are about: the content's kind and hash, and the certificate (RFC 5816)."""
    said = {}
    for attribute in der_parts(attributes):
        name, values = der_parts(attribute, OBJECT_ID, SET)[:2]
        said[object_id(name)] = der_parts(values)[0]
    faults = []
    if CONTENT_TYPE not in said or object_id(said[CONTENT_TYPE]) != TIME_STAMP_INFO:
        faults.append("what it signs does not say that it is a time stamp")
    if MESSAGE_DIGEST not in said or said[MESSAGE_DIGEST].content != hashlib.new(hash_name, content).digest():
        faults.append("its content is not what was signed")
    if _certificate_hash(said, certificate) is not True:
        faults.append("what it signs names another certificate, or none")
    return faults


def _certificate_hash(said: dict[str, Der], certificate: Certificate) -> bool | None:
    """Whether the certificate's hash that is signed is this one's; None where none is signed."""
    if SIGNING_CERTIFICATE_2 in said:
        first = der_parts(der_parts(der_parts(said[SIGNING_CERTIFICATE_2], SEQUENCE)[0], SEQUENCE)[0])
        hash_name = _hash_name(first[0]) if first[0].tag == SEQUENCE else "sha256"
        hashed = first[1] if first[0].tag == SEQUENCE else first[0]
        return hashed.content == hashlib.new(hash_name, certificate.whole).digest()
    if SIGNING_CERTIFICATE in said:
        first = der_parts(der_parts(der_parts(said[SIGNING_CERTIFICATE], SEQUENCE)[0], SEQUENCE)[0], OCTETS)
        return first[0].content == hashlib.sha1(certificate.whole, usedforsecurity=False).digest()
    return None


def _signature_holds(key: Der, algorithm: Der, hash_name: str, signed: bytes, signature: bytes) -> bool:
    """Raises NotSupported for another algorithm."""
    way = _algorithm(algorithm)
    kind, bits = der_parts(key, SEQUENCE, BIT_STRING)[:2]
    of_key = [object_id(part) for part in der_parts(kind) if part.tag == OBJECT_ID]
    if way in RSA_WITH and of_key[0] == RSA_KEY:
        modulus, exponent = der_parts(read_der(bits.content[1:]), INTEGER, INTEGER)[:2]
        return rsa_holds(_whole(modulus), _whole(exponent), RSA_WITH[way] or hash_name, signed, signature)
    if way in ECDSA_WITH and of_key[0] == EC_KEY and len(of_key) == 2 and of_key[1] in CURVES:
        r, s = der_parts(read_der(signature), INTEGER, INTEGER)
        return ecdsa_holds(CURVES[of_key[1]], bits.content[1:], ECDSA_WITH[way], signed, _whole(r), _whole(s))
    if way in (*RSA_WITH, *ECDSA_WITH) and of_key[0] in (RSA_KEY, EC_KEY) and (way in RSA_WITH) != (of_key[0] == RSA_KEY):
        return False  # signed by a key of another sort than the certificate's
    raise NotSupported(f"the way to sign {way} with a key of {' '.join(of_key)}")


def _whole(value: Der) -> int:
    if value.tag != INTEGER or not value.content or value.content[0] & 0x80:
        raise ValueError("a number does not read")
    return int.from_bytes(value.content, "big")
