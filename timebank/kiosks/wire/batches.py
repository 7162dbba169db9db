"""Uploads and their answers, the head of a chain, pairing. Shapes only."""

from typing import Annotated

import msgspec

from timebank.kiosks.wire.envelopes import NUMBER_MAX

BATCH_MAX = 200  # Envelopes in one upload.
Number = Annotated[int, msgspec.Meta(ge=0, le=NUMBER_MAX)]


class BatchItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One envelope in an upload. ``seq`` is repeated outside the bytes, which are read last."""

    epoch: Number
    seq: Number
    raw: str
    sig: str


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One upload. From ``sent_at`` the server computes the error of the kiosk's clock.

    ``boot_id`` and ``monotonic_ms`` say how long the machine has run, by a clock that cannot be
    set: so the server knows how old an event of the same run is.
    """

    sent_at: Number
    events: tuple[BatchItem, ...]
    boot_id: str | None = None
    monotonic_ms: Number | None = None


class Result(msgspec.Struct, frozen=True):
    """The result of one envelope: posted, review, duplicate, fork, damaged or gap.

    ``first`` is the first result of a duplicate, ``digest`` identifies the bytes that were judged,
    ``expected`` is the seq that the server expects after a gap.
    """

    epoch: int
    seq: int
    digest: str
    outcome: str
    first: str | None = None
    reason: str | None = None
    expected: int | None = None


class BatchAnswer(msgspec.Struct, frozen=True):
    """Every result, and the last seq of the epoch that the server has; ``now`` is the server's
    time.
    """

    results: tuple[Result, ...]
    head_seq: int
    head_digest: str
    now: int


class Head(msgspec.Struct, frozen=True):
    """The last seq that the server has, the digest of its bytes, and the state of the device."""

    epoch: int
    seq: int
    digest: str
    state: str


class PairingAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device sends the one-time code and its public key."""

    code: str
    public_key: str


class Paired(msgspec.Struct, frozen=True):
    """The answer to a pairing. ``card_key`` is a secret shared by device and server.

    ``seal_key`` is the verifier key for the books; it is empty if the books are not sealed.
    """

    device: str
    epoch: int
    store_code: str
    store_zh: str
    store_en: str
    card_key: str
    fingerprint: str
    seal_key: str = ""
