"""Sign-in at a user pool by Secure Remote Password: the password is proven and never sent.

A person's side of USER_SRP_AUTH, as RFC 5054 and Cognito's amazon-cognito-identity-js have it.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

G = 2
Send = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@cache
def group() -> int:
    """Return the prime of RFC 5054's group of 3072 bits.

    By its formula in RFC 3526: 2^3072 - 2^3008 - 1 + 2^64 * (floor(2^2942 pi) + 1690314), with pi by Machin's.
    """
    bits = 2942 + 64

    def arctan(inverse: int) -> int:
        total, term, n = 0, (1 << bits) // inverse, 1
        while term:
            total += term // n if n % 4 == 1 else -(term // n)
            term //= inverse * inverse
            n += 2
        return total

    pi = 4 * (4 * arctan(5) - arctan(239)) >> 64
    return int(2**3072 - 2**3008 - 1 + 2**64 * (pi + 1690314))


def as_bytes(value: int) -> bytes:
    """Return the bytes of a number, with a leading zero where it would be read as a negative one."""
    return value.to_bytes(value.bit_length() // 8 + 1, "big")


def _number(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


def sign_in(send: Send, name: str, password: str) -> Mapping[str, Any]:
    """Sign in by what `send` makes of requests to /auth; return its last answer."""
    n = group()
    secret = secrets.randbits(256)
    shown = pow(G, secret, n)
    said = send(
        {
            "operation": "InitiateAuth",
            "AuthFlow": "USER_SRP_AUTH",
            "AuthParameters": {"USERNAME": name, "SRP_A": f"{shown:x}"},
        }
    )
    challenge, pool = said["ChallengeParameters"], said["pool"]
    user, theirs = challenge["USER_ID_FOR_SRP"], int(challenge["SRP_B"], 16)
    mixed = _number(as_bytes(shown), as_bytes(theirs))
    inner = hashlib.sha256(f"{pool}{user}:{password}".encode()).digest()
    x = _number(as_bytes(int(challenge["SALT"], 16)), inner)
    k = _number(as_bytes(n), as_bytes(G))
    shared = pow(theirs - k * pow(G, x, n), secret + mixed * x, n)
    drawn = hmac.digest(as_bytes(mixed), as_bytes(shared), "sha256")
    key = hmac.digest(drawn, b"Caldera Derived Key\1", "sha256")[:16]
    when = re.sub(r" 0(\d) ", r" \1 ", datetime.now(UTC).strftime("%a %b %d %H:%M:%S UTC %Y"))
    message = pool.encode() + user.encode() + base64.b64decode(challenge["SECRET_BLOCK"]) + when.encode()
    proof = base64.b64encode(hmac.digest(key, message, "sha256")).decode()
    return send(
        {
            "operation": "RespondToAuthChallenge",
            "ChallengeName": "PASSWORD_VERIFIER",
            "ChallengeResponses": {
                "USERNAME": user,
                "PASSWORD_CLAIM_SECRET_BLOCK": challenge["SECRET_BLOCK"],
                "PASSWORD_CLAIM_SIGNATURE": proof,
                "TIMESTAMP": when,
            },
        }
    )
