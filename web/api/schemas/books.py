"""Schemas of checkpoints and proofs: hashes are hexadecimal text, a note is a C2SP signed note."""

from marshmallow import Schema, fields

from web.api.schemas.common import LARGEST_SEQ, Answered, WholeInAddress, about

HASH = {"pattern": "^[0-9a-f]{64}$"}


def _size(**options: object) -> WholeInAddress:
    return WholeInAddress(0, LARGEST_SEQ, **options)


def _hash(description: str) -> fields.String:
    return fields.String(metadata=about(description, **HASH))


class Checkpoint(Answered):
    """The size of the log and its root, signed."""

    size = fields.Integer()
    root = _hash("RFC 6962 root over the first `size` leaves.")
    signed_at = fields.AwareDateTime()
    checkpoint = fields.String(metadata=about("The signed note, C2SP tlog-checkpoint."))


class GrowthAsked(Schema):
    """From which size, and up to which; without ``to`` up to the last checkpoint."""

    from_ = _size(data_key="from", required=True)
    to = _size(load_default=None)


class Growth(Answered):
    """Proof that the log of the checkpoint extends the log of size ``from``."""

    checkpoint = fields.String(metadata=about("The signed note of the longer log."))
    proof = fields.List(_hash("RFC 6962, 2.1.2"))


class Proof(Answered):
    """Proof that a leaf is in the tree of the checkpoint, without the content of the leaf."""

    format = fields.String(metadata=about("timebank-proof-2"))
    leaf = _hash("SHA-256(0x00, entry): the code of a receipt names it.")
    index = fields.Integer()
    path = fields.List(_hash("RFC 6962, 2.1.1"))
    checkpoint = fields.String(metadata=about("The signed note."))
