"""The addresses of a person's own pages; what each one shows is in the module it names."""

from flask import Blueprint

from web.me import deposit, passbook, services, take

blueprint = Blueprint("me", __name__, url_prefix="/me")

_GET, _BOTH = ["GET"], ["GET", "POST"]
for address, endpoint, view, methods in (
    ("/", "passbook", passbook.passbook, _GET),
    ("/take", "take", take.take, _BOTH),
    ("/claims", "take_claims", take.claims, _GET),
    ("/claims/<int:claim_id>", "take_claim", take.claim, _BOTH),
    ("/deposit", "deposit", deposit.deposits, _GET),
    ("/deposit/announce", "deposit_announce", deposit.announce, _BOTH),
    ("/deposit/<int:deposit_id>", "deposit_one", deposit.one, _GET),
    ("/services", "services", services.services, _BOTH),
):
    blueprint.add_url_rule(address, endpoint, view, methods=methods)
