"""Uploads and their answers, the head of a chain, pairing. Shapes only."""

from typing import Annotated

import msgspec

from timebank.kiosks.wire.envelopes import NUMBER_MAX

BATCH_MAX = 200  # Envelopes in one upload.
Number = Annotated[int, msgspec.Meta(ge=0, le=NUMBER_MAX)]


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One envelope on its way. ``seq`` stands outside the bytes: they are read last."""

    epoch: Number
    seq: Number
    raw: str
    sig: str


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sent at once. ``sent_at`` tells the server how far the kiosk's clock is off."""

    sent_at: Number
    events: tuple[Item, ...]


class Result(msgspec.Struct, frozen=True):
    """What became of one envelope: posted, review, duplicate, fork, damaged or gap.

    ``first`` is the first result of a duplicate, ``digest`` names the bytes that were judged,
    ``expected`` the seq that the server waits for after a gap.
    """

    epoch: int
    seq: int
    digest: str
    outcome: str
    first: str | None = None
    reason: str | None = None
    expected: int | None = None


class BatchAnswer(msgspec.Struct, frozen=True):
    """Every result, and the high-water mark of the epoch; ``now`` by the server's clock."""

    results: tuple[Result, ...]
    head_seq: int
    head_digest: str
    now: int


class Head(msgspec.Struct, frozen=True):
    """Where the server stands: the last seq it holds, its bytes' digest, the device's state."""

    epoch: int
    seq: int
    digest: str
    state: str


class PairingAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device shows the one-time code and its public key."""

    code: str
    public_key: str


class Paired(msgspec.Struct, frozen=True):
    """What a device learns when it is paired. ``card_key`` is a secret of the two.

    ``seal_key`` is the verifier key by which it checks the books; empty where they are not sealed.
    """

    device: str
    epoch: int
    store_code: str
    store_zh: str
    store_en: str
    card_key: str
    fingerprint: str
    seal_key: str = ""
