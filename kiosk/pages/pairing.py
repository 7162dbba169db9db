"""The first page of a new kiosk: eight characters pair it with a shop. For staff only.

A kiosk that must be paired again shows this page too; it sends neighbours to the counter.
"""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from kiosk.agent import pair_kiosk
from kiosk.desk import _, go, kiosk, show, visit
from kiosk.server import ServerDown
from timebank.errors import TimebankError
from timebank.kiosks import wire
from timebank.people.refusals import TooManyTries

blueprint = Blueprint("pairing", __name__, url_prefix="/pair")


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Type the code. After pairing, show the fingerprint to compare with the coordinator's page."""
    here = kiosk()
    drawn = show(
        "pair.html",
        letters=wire.CODE_LETTERS,
        length=wire.CODE_LENGTH,
        identity=here.outbox.identity,
        trouble=here.sync.trouble,
        waiting=here.outbox.count_waiting(),
        is_staff="staff" in request.args,
    )
    visit().page = "/pair"
    return drawn


@blueprint.post("")
def join() -> ResponseReturnValue:
    """Send the code to the server, and say plainly why it was refused."""
    here = kiosk()
    if here.outbox.identity is not None and here.sync.trouble is None:
        return go("/")
    try:
        pair_kiosk(here, request.form.get("code", ""))
    except ServerDown:
        visit().notice = _("现在联系不上服务器，请检查网线后再试。")
    except TooManyTries:
        visit().notice = _("试得太多了，请过几分钟再试。")
    except TimebankError:
        visit().notice = _("这个配对码不对，或者已经过了十分钟，请向协调员要一个新的。")
    return go("/pair?staff=1")
