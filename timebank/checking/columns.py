"""The tables and columns that the checker reads, in key order.

They are repeated here on purpose: the checker does not import the tables of the books. A test
fails if a column is neither here nor in ``LEFT_OUT``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_COLUMN = re.compile(r"(\w+)(?::(\w+))?(\??)")
_KINDS = {"": int, "text": str, "bytes": bytes}


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of a table with their types; the first ``key`` columns are its key.

    Only the columns in ``optional`` may be null.
    """

    kinds: Mapping[str, type]
    key: int
    optional: frozenset[str]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.kinds)

    @property
    def keys(self) -> tuple[str, ...]:
        return self.columns[: self.key]


def _shape(text: str, key: int) -> Shape:
    """Read ``name``, ``name:kind`` (else a whole number), and ``?`` after what may be empty."""
    parts = _COLUMN.findall(text)
    kinds = {name: _KINDS[kind] for name, kind, _ in parts}
    return Shape(kinds, key, frozenset(name for name, _, mark in parts if mark))


SHAPES = {
    "community": _shape("id code:text", 1),
    "commodity": _shape("community_id id code:text", 2),
    "account": _shape("community_id id commodity_id kind:text owner_id", 2),
    "balance": _shape(
        "community_id account_id commodity_id posted_in posted_out pending_in pending_out"
        " seq last_us floor? ceiling? closed",
        2,
    ),
    "txn": _shape(
        "community_id id kind:text status reason:text? client:text request_key:text"
        " fingerprint:bytes effective_us posted_us reverses_id? relates_id? closes_id? mode"
        " note_hash:bytes? leaf_hash:bytes",
        2,
    ),
    "hold": _shape(
        "community_id txn_id line source_account_id destination_account_id commodity_id quantity"
        " expires_us",
        3,
    ),
    "posting": _shape(
        "community_id txn_id line phase commodity_id source_account_id destination_account_id"
        " quantity released hold_txn_id? hold_line? source_seq destination_seq source_after"
        " destination_after",
        3,
    ),
    "shortfall": _shape("community_id txn_id line account_id side quantity found_us", 3),
    "shortfall_settled": _shape("community_id txn_id line settling_txn_id settled_us", 3),
    "seal_queue": _shape("community_id entry entry_id", 3),
    "log_leaf": _shape("community_id idx entry entry_id leaf_hash:bytes", 2),
    "log_tile": _shape("community_id idx root:bytes at_us behind_us?", 2),
    "tile_total": _shape(
        "community_id commodity_id kind:text idx is_first accounts posted_in posted_out"
        " pending_in pending_out",
        4,
    ),
    "log_head": _shape("community_id size frontier:bytes", 1),
    "checkpoint": _shape("community_id size root:bytes note:text signed_us", 2),
    "balance_snapshot": _shape(
        "community_id account_id log_size posted_in posted_out pending_in pending_out seq at_us", 3
    ),
    "txn_note": _shape("community_id txn_id salt:bytes body:text", 2),
}
# An export has no notes: they may speak of people.
EXPORTED = tuple(name for name in SHAPES if name != "txn_note")

# Columns that cannot be proved, and why. The check lists them every time.
LEFT_OUT = {
    "community.name_zh": "a name to show; the code is in every checkpoint",
    "community.name_en": "a name to show; the code is in every checkpoint",
    "community.street": "where it is, to show; no posting depends on it",
    "community.division_code": "where it is, to show; no posting depends on it",
    "community.contact_name": "whom to ask, to show; no posting depends on it",
    "community.contact_phone": "whom to ask, to show; no posting depends on it",
    "deed": "answers stored for retries; they move no value",
}


def select_all(name: str, where: str = "", order: str = "") -> str:
    """Write the SELECT of a table, ordered by its key unless ``order`` is given."""
    shape = SHAPES[name]
    by = order or ", ".join(shape.keys)
    return f"SELECT {', '.join(shape.columns)} FROM {name} {where} ORDER BY {by}"
