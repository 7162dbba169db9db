"""A receipt, looked up by whoever holds the paper. No name stands here."""

from contextlib import suppress

from flask import Response, render_template, request

from timebank.errors import NotFound
from web import units
from web.auth import open_to_all
from web.pages import OPEN, page
from web.sealing.receipts import check, proof_of


@page(OPEN, "/receipt", "receipt")
@open_to_all
def receipt() -> str:
    """Look a receipt up by its number or its QR: what was accepted, never by whom."""
    told, checked = request.args.get("no", "").strip(), None
    if told:
        with suppress(NotFound), units.reading() as session:
            checked = check(session, told)
    return render_template("sealing/open_receipt.html", told=told, checked=checked)


@page(OPEN, "/receipt/proof", "receipt_proof")
@open_to_all
def receipt_proof() -> Response:
    """Hand over the proof of a receipt as a file that anybody may check without us."""
    with units.reading() as session:
        proof = proof_of(session, request.args.get("no", "").strip())
    answer = Response(proof, mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="receipt-proof.json"'
    return answer
