"""RSA and ECDSA signatures verified in plain Python, as authorities sign time stamps with them (RFC 8017, FIPS 186-5)."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

HASH_HEADS = {
    "sha256": "3031300d060960864801650304020105000420",
    "sha384": "3041300d060960864801650304020205000430",
    "sha512": "3051300d060960864801650304020305000440",
}
"""What stands before a hash in a PKCS #1 v1.5 signature (RFC 8017, section 9.2, note 1)."""


def rsa_holds(modulus: int, exponent: int, hash_name: str, message: bytes, signature: bytes) -> bool:
    """Whether it is the RSA signature (PKCS #1 v1.5) of the message; the padding is built and compared, not parsed."""
    size = (modulus.bit_length() + 7) // 8
    number = int.from_bytes(signature, "big")
    hashed = bytes.fromhex(HASH_HEADS[hash_name]) + hashlib.new(hash_name, message).digest()
    if modulus.bit_length() < 1024 or len(signature) != size or number >= modulus:
        return False
    padded = b"\x00\x01" + b"\xff" * (size - 3 - len(hashed)) + b"\x00" + hashed
    return pow(number, exponent, modulus).to_bytes(size, "big") == padded


class Curve(NamedTuple):
    """y² = x³ − 3x + b over the integers modulo p, with a point of prime order (SP 800-186)."""

    p: int
    b: int
    order: int
    base: tuple[int, int]


CURVES = {
    "1.2.840.10045.3.1.7": Curve(
        0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        (
            0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
            0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
        ),
    ),
    "1.3.132.0.34": Curve(
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
        (
            0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
            0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
        ),
    ),
    "1.3.132.0.35": Curve(
        2**521 - 1,
        int(
            "51953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E"
            "156193951EC7E937B1652C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00",
            16,
        ),
        int(
            "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
            "FA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409",
            16,
        ),
        (
            int(
                "C6858E06B70404E9CD9E3ECB662395B4429C648139053FB521F828AF606B4D3DB"
                "AA14B5E77EFE75928FE1DC127A2FFA8DE3348B3C1856A429BF97E7E31C2E5BD66",
                16,
            ),
            int(
                "11839296A789A3BC0045C8A5FB42C7D1BD998F54449579B446817AFBD17273E66"
                "2C97EE72995EF42640C550B9013FAD0761353C7086A272C24088BE94769FD16650",
                16,
            ),
        ),
    ),
}
"""P-256, P-384 and P-521, by object identifier."""

CurvePoint = tuple[int, int] | None
"""x and y; None is the point at infinity."""


def _curve_sum(curve: Curve, one: CurvePoint, other: CurvePoint) -> CurvePoint:
    if one is None or other is None:
        return one or other
    if one[0] == other[0]:
        if (one[1] + other[1]) % curve.p == 0:
            return None
        slope = (3 * one[0] * one[0] - 3) * pow(2 * one[1], -1, curve.p) % curve.p
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, curve.p) % curve.p
    x = (slope * slope - one[0] - other[0]) % curve.p
    return x, (slope * (one[0] - x) - one[1]) % curve.p


def _curve_multiple(curve: Curve, times: int, point: CurvePoint) -> CurvePoint:
    found: CurvePoint = None
    while times:
        if times & 1:
            found = _curve_sum(curve, found, point)
        point = _curve_sum(curve, point, point)
        times >>= 1
    return found


def _public_point(curve: Curve, encoded: bytes) -> CurvePoint:
    """The key's point, uncompressed (SEC 1, section 2.3.4); None where it is none of the curve."""
    size = (curve.p.bit_length() + 7) // 8
    if len(encoded) != 1 + 2 * size or encoded[0] != 4:
        return None
    x, y = int.from_bytes(encoded[1 : 1 + size], "big"), int.from_bytes(encoded[1 + size :], "big")
    on_curve = x < curve.p and y < curve.p and (y * y - x * x * x + 3 * x - curve.b) % curve.p == 0
    return (x, y) if on_curve else None


def ecdsa_holds(curve: Curve, public_key: bytes, hash_name: str, message: bytes, r: int, s: int) -> bool:
    """Whether r and s are the ECDSA signature of the message (FIPS 186-5, section 6.4.2)."""
    key = _public_point(curve, public_key)
    if key is None or not (0 < r < curve.order and 0 < s < curve.order):
        return False
    hashed = hashlib.new(hash_name, message).digest()
    excess = max(0, 8 * len(hashed) - curve.order.bit_length())
    e, inverse = int.from_bytes(hashed, "big") >> excess, pow(s, -1, curve.order)
    one = _curve_multiple(curve, e * inverse % curve.order, curve.base)
    found = _curve_sum(curve, one, _curve_multiple(curve, r * inverse % curve.order, key))
    return found is not None and found[0] % curve.order == r
