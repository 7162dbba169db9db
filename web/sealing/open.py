"""The public receipt page, for anybody who holds the paper. It shows no names."""

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
    """Look a receipt up by its number or its QR code: what was accepted, never from whom."""
    typed, checked = request.args.get("no", "").strip(), None
    if typed:
        with suppress(NotFound), units.reading() as session:
            checked = check(session, typed)
    return render_template("sealing/open_receipt.html", told=typed, checked=checked)


@page(OPEN, "/receipt/proof", "receipt_proof")
@open_to_all
def receipt_proof() -> Response:
    """Send the proof of a receipt as a file that anybody can verify without us."""
    with units.reading() as session:
        proof = proof_of(session, request.args.get("no", "").strip())
    answer = Response(proof, mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="receipt-proof.json"'
    return answer
