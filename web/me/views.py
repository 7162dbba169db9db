"""The addresses of a person's own pages; what each one shows is in the module it names."""

from flask import Blueprint

from web.me import deposit, passbook, services, take

blueprint = Blueprint("me", __name__, url_prefix="/me")

for address, endpoint, view, methods in (
    ("/", "passbook", passbook.passbook, ["GET"]),
    ("/take", "take", take.take, ["GET", "POST"]),
    ("/claims", "take_claims", take.claims, ["GET"]),
    ("/claims/<int:claim_id>", "take_claim", take.claim, ["GET"]),
    ("/claims/<int:claim_id>/cancel", "take_cancel", take.cancel, ["POST"]),
    ("/claims/<int:claim_id>/ask", "take_ask", take.ask, ["POST"]),
    ("/deposit", "deposit", deposit.deposits, ["GET"]),
    ("/deposit/announce", "deposit_announce", deposit.announce, ["GET", "POST"]),
    ("/deposit/<int:deposit_id>", "deposit_one", deposit.one, ["GET"]),
    ("/services", "services", services.services, ["GET"]),
    ("/services/confirm", "services_confirm", services.confirm, ["POST"]),
    ("/services/check-in", "services_check_in", services.begin, ["POST"]),
    ("/services/check-out", "services_check_out", services.end, ["POST"]),
):
    blueprint.add_url_rule(address, endpoint, view, methods=methods)
