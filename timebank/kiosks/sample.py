"""What the subject of kiosks brings to the sample community: a kiosk that waits for its second."""

from timebank.goods.sample import SampleShop
from timebank.kiosks.actions import ask_pairing
from timebank.people.sample import Neighbourhood
from timebank.stories.life import Life


def ask_for_kiosk(life: Life) -> None:
    """On the last day the coordinator asks for the kiosk of the shop; an approver may agree."""
    if life.is_last_day:
        (head,) = life.part(Neighbourhood).staff["coordinator"]
        store_id = life.part(SampleShop).store_id
        life.send(ask_pairing, head, now=life.at(11, 20), store_id=store_id)
