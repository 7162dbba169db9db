"""The addresses of the store keeper's pages; what each one shows is in the module it names."""

from flask import Blueprint

from web.store import counter, day, day_sheet, desk, intake, issue, shelf

blueprint = Blueprint("store", __name__, url_prefix="/store")

_GET, _BOTH = ["GET"], ["GET", "POST"]
for address, endpoint, view, methods in (
    ("", "desk", desk.desk, _GET),
    ("/intake", "intake", intake.intake, _BOTH),
    ("/receipts/<int:deposit_id>", "receipt", intake.receipt, _GET),
    ("/issue", "issue", issue.issue, _BOTH),
    ("/slips/<int:claim_id>", "slip", issue.slip, _GET),
    ("/counter", "counter", counter.counter, _BOTH),
    ("/day", "day", day.day, _BOTH),
    ("/day/<int:no>", "day_sheet", day_sheet.day_sheet, _GET),
    ("/shelf", "shelf", shelf.shelf, _BOTH),
):
    blueprint.add_url_rule(address, endpoint, view, methods=methods)
