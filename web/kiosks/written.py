"""What a kiosk wrote of a deed, in words. It may be damaged, so nothing of it is trusted."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from timebank.goods.queries import items
from timebank.hours.queries import all_services
from timebank.kiosks.wire.envelopes import NUMBER_MAX
from timebank.people.queries import household_briefs
from timebank.values import from_us
from web import formats
from web.cases import Row
from web.goods.forms import CONDITIONS, THANKS
from web.reader import language
from web.reader import lazy_gettext as _l
from web.reading import read_id
from web.wording import Text

ROWS_MAX = 20
_LENGTH_MAX = 80
_NAMES: Mapping[str, Text] = {
    "lines": _l("物品"),
    "thanks": _l("怎样感谢"),
    "claim_id": _l("申领"),
    "service_id": _l("服务"),
    "helped_ref": _l("帮的是"),
    "helped_id": _l("帮的是"),
    "helped_no": _l("帮的是"),
    "is_group": _l("帮的是"),
    "started_at": _l("从什么时候开始"),
    "asks_person": _l("请人再看一次"),
}


def written_rows(session: Session, community_id: int, body: Mapping[str, Any]) -> list[Row]:
    """The content of an event, a row a field; what is not understood is shown as it is."""
    rows: list[Row] = []
    for name, value in body.items():
        label = str(_NAMES.get(name, name))
        read = _READERS.get(name, _as_it_is)
        rows += [(label, shown) for shown in read(session, community_id, value)]
    return rows[:ROWS_MAX]


def _as_it_is(_session: Session, _community_id: int, value: Any) -> list[str]:
    return [str(value)[:_LENGTH_MAX]]


def _moment(session: Session, community_id: int, value: Any) -> list[str]:
    if not isinstance(value, int) or not 0 < value < NUMBER_MAX:
        return _as_it_is(session, community_id, value)
    return [formats.full_moment(from_us(value), language())]


def _service(session: Session, community_id: int, value: Any) -> list[str]:
    found = [one for one in all_services(session, community_id) if one.id == value]
    return [formats.own_name(one, language()) for one in found] or [str(value)[:_LENGTH_MAX]]


def _household(session: Session, community_id: int, value: Any) -> list[str]:
    found = household_briefs(session, community_id, [read_id(value) or 0])
    if not found:
        return _as_it_is(session, community_id, value)
    return [one.household_no for one in found.values()]


def _lines(session: Session, community_id: int, value: Any) -> list[str]:
    lines = [line for line in value if isinstance(line, dict)] if isinstance(value, list) else []
    if not lines:
        return _as_it_is(session, community_id, value)
    asked = [read_id(line.get("item_id")) or 0 for line in lines]
    known = {one.id: one for one in items(session, community_id, asked)}
    return [_line(line, known.get(item_id)) for line, item_id in zip(lines, asked, strict=True)]


def _line(line: Mapping[str, Any], item: Any) -> str:
    pieces, condition = line.get("pieces"), line.get("condition")
    parts = [formats.own_name(item, language()) if item else line.get("item_id")]
    parts += [formats.pieces(pieces, language(), item) if isinstance(pieces, int) else pieces]
    if condition:
        parts += [str(one.label) for one in CONDITIONS if one.value == condition] or [condition]
    return " · ".join(str(part)[:_LENGTH_MAX] for part in parts if part is not None)


def _chosen(choices: Any) -> Callable[[Session, int, Any], list[str]]:
    def read(_session: Session, _community_id: int, value: Any) -> list[str]:
        return [str(choice.label) for choice in choices if choice.value == value] or [str(value)]

    return read


def _always(word: Text) -> Callable[[Session, int, Any], list[str]]:
    return lambda _session, _community_id, value: [str(word)] if value else []


def _secret(_session: Session, _community_id: int, _value: Any) -> list[str]:
    return []


_READERS: Mapping[str, Callable[[Session, int, Any], list[str]]] = {
    "lines": _lines,
    "thanks": _chosen(THANKS),
    "service_id": _service,
    "helped_ref": _always(_l("刷了对方的服务卡")),
    "helped_id": _household,
    "is_group": _always(_l("集体活动，没有特定的人")),
    "started_at": _moment,
    "asks_person": _always(_l("是")),
    "grant": _secret,
    "pickup_code": _secret,
}
