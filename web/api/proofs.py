"""Checkpoints and proofs of the books, open to all: they name nobody.

An entry itself is not told here. It holds ids of accounts and of who asked, which together
draw a picture of a neighbourhood; a receipt names its leaf, and its page hands the entry over.
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
    """How far the books are sealed

    The last signed checkpoint. Keep it: with it you can later ask for a proof that nothing
    before it was changed.
    """
    with units.reading() as session:
        found = queries.checkpoint_latest(session, units.community_id())
    if found is None:
        raise NotFound(kind="checkpoint")
    return {
        "size": found.size,
        "root": found.root.hex(),
        "signed_at": from_us(found.signed_us),
        "checkpoint": found.note,
    }


@blueprint.route("/checkpoint/consistency")
@open_to_all
@blueprint.doc(**OPEN, operationId="readConsistency")
@blueprint.arguments(GrowthAsked, location="query")
@blueprint.response(200, Growth)
def consistency(asked: dict[str, Any]) -> dict[str, Any]:
    """Whether the books only grew

    A proof that the log of the checkpoint begins with the whole of the log of size `from`.
    """
    with units.reading() as session:
        found = queries.consistency(session, units.community_id(), asked["from_"], asked["to"])
    return {"checkpoint": found.checkpoint.note, "proof": [step.hex() for step in found.proof]}


@blueprint.route("/proofs/<txn_id>", parameters=[id_shape("txn_id")])
@open_to_all
@blueprint.doc(**OPEN, operationId="readProof")
@blueprint.response(200, Proof)
def proof(txn_id: str) -> dict[str, Any]:
    """That a transaction is in the log

    The leaf's hash, its place, and the path from it to the signed root. Rejections are in the
    log, too: what a leaf says is told by its entry alone.
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
