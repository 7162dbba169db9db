"""Hash passwords and PINs with argon2id, in the profile that the session selects.

The *small* profile is for tests and for the sample community, where thousands of hashes would take
minutes; a real community never uses it. Not here: who may sign in, throttles.
"""

from functools import cache
from secrets import token_hex

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session

PROFILE = "password_profile"  # The name in ``session.info``: "full" (the default) or "small".


@cache
def hasher(profile: str) -> PasswordHasher:
    """Return the hasher of a profile.

    **Source**: full is the second recommendation of RFC 9106 (3 passes over 64 MiB).
    """
    passes, kibibytes, lanes = {"full": (3, 65536, 4), "small": (1, 1024, 1)}[profile]
    return PasswordHasher(time_cost=passes, memory_cost=kibibytes, parallelism=lanes, type=Type.ID)


@cache
def nobody_hash(profile: str) -> str:
    """A hash that matches no password, so that an unknown name takes as long as a known one."""
    return hasher(profile).hash(token_hex(32))


def profile_of(session: Session) -> str:
    return str(session.info.get(PROFILE, "full"))


def hash_secret(session: Session, secret: str) -> str:
    return hasher(profile_of(session)).hash(secret)


def is_secret_of(secret_hash: str, secret: str) -> bool:
    """Tell whether ``secret`` matches the hash."""
    try:
        return hasher("full").verify(secret_hash, secret)
    except (VerificationError, InvalidHashError):
        return False
