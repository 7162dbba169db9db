"""How often the tests repeat what is random, killed or struck: one place decides.

``make test`` runs bounded counts, ``make test-long`` the full ones (``TIMEBANK_PROOF=1``) and
``make test-long PROOF=10`` ten times as many. A bounded count is chosen so that the test still
fails when its guard is taken out. A failure names its seed; ``TIMEBANK_SEED=7`` runs it again.
"""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager

PROOF = int(os.environ.get("TIMEBANK_PROOF", "0"))


def repeats(bounded: int, full: int) -> int:
    """Return how often to repeat something in this run."""
    return full * PROOF if PROOF else bounded


def stride(bounded: int) -> int:
    """Return how far apart the moments lie at which something is killed; in full it is each one."""
    return 1 if PROOF else bounded


def seeds(bounded: int, full: int) -> list[int]:
    """Name the seeds to run, or the one that ``TIMEBANK_SEED`` asks for."""
    asked = os.environ.get("TIMEBANK_SEED")
    return [int(asked)] if asked else list(range(repeats(bounded, full)))


@contextmanager
def seeded() -> Iterator[random.Random]:
    """Give new random numbers each run; a failure names the seed that they came from."""
    asked = os.environ.get("TIMEBANK_SEED")
    seed = int(asked) if asked else random.SystemRandom().getrandbits(32)
    try:
        yield random.Random(seed)
    except BaseException as error:
        error.add_note(f"to draw the same numbers again: TIMEBANK_SEED={seed}")
        raise
