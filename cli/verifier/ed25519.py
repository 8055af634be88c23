"""Ed25519 signatures verified in plain Python (RFC 8032, section 5.1).

Where RFC 8032 leaves a choice, the one of OpenSSL is taken, on which the ledger's own program rests:

- S must be below the order L (section 5.1.7): a second signature cannot be made from a first;
- the equation is checked without the cofactor, [S]B = R + [k]A, and R by its bytes: no point passes in another spelling;
- of a public key only the residue of y counts, and no sign where x is 0. Section 5.1.3 refuses such spellings. There are a few
  dozen, no key that was ever made is among them, and keys come from the auditor and never from the bundle.
"""

from __future__ import annotations

import hashlib

FIELD = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE_D = -121665 * pow(121666, -1, FIELD) % FIELD
ROOT_OF_MINUS_ONE = pow(2, (FIELD - 1) // 4, FIELD)

EdwardsPoint = tuple[int, int, int, int]
"""Extended coordinates X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z."""

NEUTRAL: EdwardsPoint = (0, 1, 1, 0)


def _edwards_sum(one: EdwardsPoint, other: EdwardsPoint) -> EdwardsPoint:
    a = (one[1] - one[0]) * (other[1] - other[0]) % FIELD
    b = (one[1] + one[0]) * (other[1] + other[0]) % FIELD
    c = 2 * one[3] * other[3] * CURVE_D % FIELD
    d = 2 * one[2] * other[2] % FIELD
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % FIELD, g * h % FIELD, f * g % FIELD, e * h % FIELD


def _edwards_multiple(times: int, point: EdwardsPoint) -> EdwardsPoint:
    found = NEUTRAL
    while times:
        if times & 1:
            found = _edwards_sum(found, point)
        point = _edwards_sum(point, point)
        times >>= 1
    return found


def _x_of(y: int) -> int | None:
    """One of the two x of a point, None where no point has this y (section 5.1.3)."""
    u, v = (y * y - 1) % FIELD, (CURVE_D * y * y + 1) % FIELD
    x = u * pow(v, 3, FIELD) * pow(u * pow(v, 7, FIELD), (FIELD - 5) // 8, FIELD) % FIELD
    if v * x * x % FIELD == u:
        return x
    if v * x * x % FIELD == -u % FIELD:
        return x * ROOT_OF_MINUS_ONE % FIELD
    return None


def _edwards_point(encoded: bytes) -> EdwardsPoint | None:
    number = int.from_bytes(encoded, "little")
    y, sign = number % 2**255 % FIELD, number >> 255
    x = _x_of(y)
    if x is None:
        return None
    if x & 1 != sign:
        x = -x % FIELD
    return x, y, 1, x * y % FIELD


def _edwards_bytes(point: EdwardsPoint) -> bytes:
    inverse = pow(point[2], -1, FIELD)
    x, y = point[0] * inverse % FIELD, point[1] * inverse % FIELD
    return (y | (x & 1) << 255).to_bytes(32, "little")


_base_y = 4 * pow(5, -1, FIELD) % FIELD
BASE_POINT = _edwards_point(_base_y.to_bytes(32, "little")) or NEUTRAL


def ed25519_holds(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the 64 bytes are the signature of the message by the key of 32 bytes; never raises."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key = _edwards_point(public_key)
    s = int.from_bytes(signature[32:], "little")
    if key is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % ORDER
    minus = (-key[0] % FIELD, key[1], key[2], -key[3] % FIELD)
    point = _edwards_sum(_edwards_multiple(s, BASE_POINT), _edwards_multiple(k, minus))
    return _edwards_bytes(point) == signature[:32]
