"""Random seeds for tests: how many, and which, so that a failure can be repeated.

``TIMEBANK_PROOF=10`` runs every random test ten times as long; ``TIMEBANK_SEED=7`` repeats seed 7.
"""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager

LONGER = int(os.environ.get("TIMEBANK_PROOF", "1"))


def seeds(count: int) -> list[int]:
    """The seeds to run: so many, more on request, or the requested one."""
    asked = os.environ.get("TIMEBANK_SEED")
    return [int(asked)] if asked else list(range(count * LONGER))


@contextmanager
def drawn_lots() -> Iterator[random.Random]:
    """Use a new seed in each run; a failure reports it."""
    asked = os.environ.get("TIMEBANK_SEED")
    seed = int(asked) if asked else random.SystemRandom().getrandbits(32)
    try:
        yield random.Random(seed)
    except BaseException as error:
        error.add_note(f"to draw the same lots again: TIMEBANK_SEED={seed}")
        raise
