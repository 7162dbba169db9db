"""What closing brings to the sample community: the shop of its last days, counted and signed."""

from collections import Counter
from datetime import timedelta

from timebank.closing.actions import close_day, count_day, open_day
from timebank.closing.queries import day_of
from timebank.closing.rules import LOST, Counted
from timebank.goods.queries import lots_on_hand
from timebank.goods.sample import SampleShop
from timebank.people.sample import Neighbourhood
from timebank.stories.life import Life


def open_shop(life: Life) -> None:
    """Begin the book of the day."""
    if life.is_recent:
        keeper = life.part(Neighbourhood).staff["keeper"][0]
        life.send(open_day, keeper, now=life.at(8, 55), store_id=life.part(SampleShop).store_id)


def close_shop(life: Life) -> None:
    """Let one of staff count the whole shelf, and another sign. One evening a piece is missing."""
    if not life.is_recent:
        return
    neighbourhood, store_id = life.part(Neighbourhood), life.part(SampleShop).store_id
    assert life.session is not None
    day = day_of(life.session, life.founder.community_id, store_id)
    counted = life.send(
        count_day,
        neighbourhood.staff["keeper"][0],
        now=life.at(17, 35),
        store_id=store_id,
        no=day.no,
        items=_counted(life, store_id),
    )
    if counted is not None:
        life.send(
            close_day,
            neighbourhood.staff["coordinator"][0],
            now=life.at(17, 50),
            store_id=store_id,
            no=day.no,
            round_id=counted.round_id,
        )


def _counted(life: Life, store_id: int) -> tuple[Counted, ...]:
    assert life.session is not None
    held: Counter[int] = Counter()
    for lot in lots_on_hand(
        life.session, life.founder.community_id, now=life.at(17, 35), store_id=store_id
    ):
        held[lot.item_id] += lot.on_hand
    is_short = life.day == life.today - timedelta(days=2)
    missing = max(held, key=lambda item: (held[item], item)) if held and is_short else 0
    return tuple(
        Counted(id=item, counted=pieces - 1, seen=pieces, reason=LOST, note="找遍了货架也没有")
        if item == missing
        else Counted(id=item, counted=pieces, seen=pieces)
        for item, pieces in sorted(held.items())
    )
