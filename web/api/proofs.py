"""Checkpoints and proofs of the books, public: they contain no names.

The entry itself is not shown here. It contains ids of accounts and of the actor; many entries
together would reveal a neighbourhood. A receipt contains its leaf, and its page gives the entry to
its holder.
"""

from typing import Any

from timebank.errors import NotFound
from timebank.sealing import queries
from timebank.values import from_us
from web import units
from web.api.blueprint import OPEN, blueprint
from web.api.reading import id_in_path
from web.api.schemas.books import Checkpoint, Growth, GrowthAsked, Proof
from web.api.schemas.common import id_shape
from web.auth import open_to_all


@blueprint.route("/checkpoint")
@open_to_all
@blueprint.doc(**OPEN, operationId="readCheckpoint")
@blueprint.response(200, Checkpoint)
def checkpoint() -> dict[str, Any]:
    """The last checkpoint of the books

    Store it: with it you can later ask for a proof that nothing before it was changed.
    """
    with units.reading() as session:
        newest = queries.checkpoint_latest(session, units.community_id())
    if newest is None:
        raise NotFound(kind="checkpoint")
    return {
        "size": newest.size,
        "root": newest.root.hex(),
        "signed_at": from_us(newest.signed_us),
        "checkpoint": newest.note,
    }


@blueprint.route("/checkpoint/consistency")
@open_to_all
@blueprint.doc(**OPEN, operationId="readConsistency")
@blueprint.arguments(GrowthAsked, location="query")
@blueprint.response(200, Growth)
def consistency(asked: dict[str, Any]) -> dict[str, Any]:
    """Proof that the log only grew

    A proof that the log of the checkpoint extends the log of size `from`.
    """
    with units.reading() as session:
        found = queries.consistency(session, units.community_id(), asked["from_"], asked["to"])
    return {"checkpoint": found.checkpoint.note, "proof": [step.hex() for step in found.proof]}


@blueprint.route("/proofs/<txn_id>", parameters=[id_shape("txn_id")])
@open_to_all
@blueprint.doc(**OPEN, operationId="readProof")
@blueprint.response(200, Proof)
def proof(txn_id: str) -> dict[str, Any]:
    """Proof that a transaction is in the log

    The hash of the leaf, its index, and the path from it to the signed root. Rejections are in the
    log, too: only the entry says what a leaf means.
    """
    number = id_in_path(txn_id, "proof")
    with units.reading() as session:
        found = queries.inclusion(session, units.community_id(), number)
    return {
        "format": queries.FORMAT,
        "leaf": found.leaf.hex(),
        "index": found.index,
        "path": [step.hex() for step in found.path],
        "checkpoint": found.checkpoint.note,
    }
