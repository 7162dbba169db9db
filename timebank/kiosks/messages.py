"""What staff learn of kiosks without asking: somebody waits there for them."""

from datetime import datetime, timedelta

from timebank.deeds.deed import Deed
from timebank.goods.queries import store
from timebank.kiosks import may
from timebank.messages.actions import NewMessage, write_messages
from timebank.people.queries import staff
from timebank.subject import MessageKind

KIOSK_HELP = MessageKind(name="kiosk_help")
KINDS = (KIOSK_HELP,)
_OF_USE = timedelta(minutes=30)


def tell_staff(deed: Deed, *, store_id: int, call_id: int, asked_at: datetime) -> None:
    """Write to the keepers of the shop; if it has none, to the others who may answer."""
    shop = store(deed.session, deed.community_id, store_id)
    members = [
        member
        for member in staff(deed.session, deed.community_id, now=deed.now)
        if member.role in may.ANSWER_CALL.roles
    ]
    own = [member for member in members if member.place_id == shop.place_id]
    everywhere = [member for member in members if member.place_id is None]
    people = dict.fromkeys(member.person_id for member in own or everywhere)
    write_messages(
        deed,
        [
            NewMessage(
                kind=KIOSK_HELP, person_id=person_id, about=f"call:{call_id}",
                facts={"shop_zh": shop.name_zh, "shop_en": shop.name_en,
                       "at": asked_at.isoformat()},
                until_at=asked_at + _OF_USE,
            )
            for person_id in people
        ],
    )  # fmt: skip
