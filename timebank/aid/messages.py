"""What people learn of their claims without asking: kinds of message, and who gets them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from timebank.aid.rules import READY, REFUSED
from timebank.aid.tables import IS_READY, claim
from timebank.db import built, up_to
from timebank.deeds.action import action
from timebank.deeds.deed import Deed
from timebank.goods.queries import stores
from timebank.messages.actions import NewMessage, write_messages, write_unsaid
from timebank.subject import MessageKind
from timebank.values import local_day, local_instant

CLAIM_READY = MessageKind(name="claim_ready", is_called=True)
CLAIM_APPROVED = MessageKind(name="claim_approved", is_called=True)
CLAIM_REFUSED = MessageKind(name="claim_refused", is_called=True)
HOLD_ENDS = MessageKind(name="hold_ends", is_called=True)
KINDS = (CLAIM_READY, CLAIM_APPROVED, CLAIM_REFUSED, HOLD_ENDS)
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class AnsweredClaim:
    """A claim as its message tells of it."""

    id: int
    claim_no: str
    person_id: int
    store_id: int
    hold_until_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EndsSaid:
    count: int


def tell_answer(
    deed: Deed, answered: AnsweredClaim, state: str, *, is_review: bool = False
) -> None:
    """Write to the claimant what the rules or a reviewer answered."""
    ready = CLAIM_APPROVED if is_review else CLAIM_READY
    kind = {READY: ready, REFUSED: CLAIM_REFUSED}.get(state)
    if kind is not None:
        write_messages(deed, [_message(deed, kind, answered, about=f"claim:{answered.id}")])


_ENDING = (
    select(claim.c.id, claim.c.claim_no, claim.c.person_id, claim.c.store_id, claim.c.hold_until_at)
    .where(
        claim.c.community_id == bindparam("of_community"),
        IS_READY,
        claim.c.hold_until_at.between(bindparam("first_at"), bindparam("last_at")),
    )
    .limit(up_to())
)


@action("remind_of_ends")
def remind_of_ends(deed: Deed) -> EndsSaid:
    """Write to everybody whose reservation ends tomorrow, once a reservation and day."""
    tomorrow = local_day(deed.now) + timedelta(days=1)
    rows = deed.session.execute(
        _ENDING,
        {
            "of_community": deed.community_id, "first_at": local_instant(tomorrow),
            "last_at": local_instant(tomorrow + timedelta(days=1)) - timedelta(microseconds=1),
            "most": AT_ONCE,
        },
    )  # fmt: skip
    ending = built(AnsweredClaim, rows)
    messages = [
        _message(deed, HOLD_ENDS, one, about=f"claim:{one.id}:{tomorrow}") for one in ending
    ]
    return EndsSaid(write_unsaid(deed, messages))


def _message(deed: Deed, kind: MessageKind, answered: AnsweredClaim, *, about: str) -> NewMessage:
    shops = {shop.id: shop for shop in stores(deed.session, deed.community_id)}
    shop, until = shops[answered.store_id], answered.hold_until_at
    return NewMessage(
        kind=kind,
        person_id=answered.person_id,
        about=about,
        facts={
            "claim_id": answered.id, "claim_no": answered.claim_no, "shop_zh": shop.name_zh,
            "shop_en": shop.name_en, "until": until.isoformat() if until else None,
        },
        until_at=until,
    )  # fmt: skip
