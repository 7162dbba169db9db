"""Lots that are drawn in tests: how many, and which, so that a failure can be drawn again.

``TIMEBANK_PROOF=10`` lets every test that draws lots run ten times as long;
``TIMEBANK_SEED=7`` lets it draw what it drew with seed 7.
"""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager

LONGER = int(os.environ.get("TIMEBANK_PROOF", "1"))


def seeds(count: int) -> list[int]:
    """Name the seeds to run: so many, more where it is asked for, or the one that is asked for."""
    asked = os.environ.get("TIMEBANK_SEED")
    return [int(asked)] if asked else list(range(count * LONGER))


@contextmanager
def drawn_lots() -> Iterator[random.Random]:
    """Draw new lots each run; whatever fails tells the seed that they came from."""
    asked = os.environ.get("TIMEBANK_SEED")
    seed = int(asked) if asked else random.SystemRandom().getrandbits(32)
    try:
        yield random.Random(seed)
    except BaseException as error:
        error.add_note(f"to draw the same lots again: TIMEBANK_SEED={seed}")
        raise
