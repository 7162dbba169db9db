"""Which stripe of a pool a posting takes: pure.

Many processes that touch one pool wait for one row. So a busy pool has further accounts of
its name, and each request keeps to the one that its key falls on. Not here: opening and
levelling them, which is in ``stripes.py``.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from timebank.ledger.rules import LARGEST_COUNTER, Counters, Line, Move, Place, Request, Resolve

Stripes = Mapping[int, Sequence[int]]


def stripe_of(request: Request, accounts: Sequence[int]) -> int:
    """Name the account that a request falls on; the same again for the same key."""
    return accounts[zlib.crc32(f"{request.client} {request.key}".encode()) % len(accounts)]


def spread(
    request: Request, stripes: Stripes, counters: Mapping[int, Counters]
) -> tuple[list[Line], bool]:
    """Write the lines of a request with stripes instead of pools.

    What goes in takes one stripe. What goes out takes that one where it has enough, else
    what each stripe has, in their order, in several lines. Tells also whether it would have
    looked at a stripe that is not among ``counters``.
    """
    spare = {a: _spare(counters.get(a)) for accounts in stripes.values() for a in accounts}
    lines: list[Line] = []
    is_short = False
    for line in request.lines:
        if isinstance(line, Resolve) or line.source == line.destination:
            lines.append(line)
            continue
        accounts = stripes.get(line.destination)
        to = line.destination if accounts is None else stripe_of(request, accounts)
        for source, quantity in _sources(request, line, stripes.get(line.source), spare):
            lines.append(replace(line, source=source, destination=to, quantity=quantity))
            _count(spare, source, -quantity)
            _count(spare, to, quantity if isinstance(line, Move) else 0)
        is_short |= _went_dry(spare, stripes.get(line.source, ()))
    return lines, is_short


Spare = dict[int, int | None]


def _spare(account: Counters | None) -> int | None:
    """How much an account can give; None where it was not locked."""
    if account is None:
        return None
    if account.closed:
        return 0
    return LARGEST_COUNTER if account.floor is None else account.available - account.floor


def _sources(
    request: Request, line: Move | Place, accounts: Sequence[int] | None, spare: Spare
) -> Iterator[tuple[int, int]]:
    """Tell which accounts give how much; where all together have too little, one is short."""
    if accounts is None:
        yield line.source, line.quantity
        return
    first = stripe_of(request, accounts)
    if isinstance(line, Place):  # A hold stands on one account.
        able = [a for a in (first, *accounts) if (spare[a] or 0) >= line.quantity]
        yield (able or [first])[0], line.quantity
        return
    if (spare[first] or 0) >= line.quantity:
        yield first, line.quantity
        return
    parts: dict[int, int] = {}
    left = line.quantity
    for account_id in accounts:
        part = int(max(min(spare[account_id] or 0, left), 0))
        if part:
            parts[account_id] = part
            left -= part
    if left:
        parts[first] = parts.get(first, 0) + left
    yield from parts.items()


def _count(spare: Spare, account_id: int, change: int) -> None:
    known = spare.get(account_id)
    if known is not None:
        spare[account_id] = known + change


def _went_dry(spare: Spare, accounts: Sequence[int]) -> bool:
    """Tell whether a stripe gave more than it has while others were not looked at."""
    known = [spare[a] for a in accounts]
    return None in known and any(has is not None and has < 0 for has in known)
