"""The form of the fourth step: the shop, a donation point, goods and services."""

from typing import Any

from wtforms import BooleanField, StringField, TextAreaField

from timebank.founding.faults import PlanFault
from timebank.founding.spelling import usual_shop
from timebank.founding.stores import USUAL_HOURS
from timebank.goods.usual import usual_items
from timebank.hours.usual import usual_services
from web.formats import own_name
from web.forms import named
from web.founding.forms import NEEDED, OFF, StepForm, Tables, TicksField
from web.founding.words import WEEKDAY_WORDS
from web.founding.writing import (
    own_items,
    own_services,
    read_days,
    written_days,
    written_items,
    written_services,
)
from web.reader import language
from web.reader import lazy_gettext as _l

_ITEM = ("", "name_zh", "unit_zh", "kind", "price", "shelf_life_days", "barcode")
_SERVICE = ("", "name_zh", "code", "category")


class ShopForm(StepForm):
    """Everything is filled in but the address: a shop that is open all week, all usual goods."""

    NAMES = {
        ("store", "name_zh"): "name",
        **{("item", name): "own_items" for name in _ITEM},
        **{("service", name): "own_services" for name in _SERVICE},
    }
    name = StringField(_l("店名"), [NEEDED], render_kw=OFF)
    address = StringField(_l("地址"), [NEEDED], render_kw=OFF)
    phone = StringField(_l("电话"), [NEEDED], render_kw={**OFF, "inputmode": "tel"})
    hours = StringField(_l("几点到几点开门"), [NEEDED], render_kw=OFF)
    closed_weekdays = TicksField(_l("每周哪几天休息"), choices=named(*WEEKDAY_WORDS.items()))
    closed_days = TextAreaField(_l("还有哪些日子不开门"), render_kw={"rows": 2, **OFF})
    has_point = BooleanField(_l("另外还有一个只收物品的接收点"))
    point_name = StringField(_l("接收点的名字"), render_kw=OFF)
    point_address = StringField(_l("接收点的地址"), render_kw=OFF)
    items = TicksField(_l("店里有哪些物品"))
    own_items = TextAreaField(_l("单子上没有的物品"), render_kw={"rows": 3, **OFF})
    services = TicksField(_l("邻居之间有哪些服务"))
    own_services = TextAreaField(_l("单子上没有的服务"), render_kw={"rows": 3, **OFF})

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        lang = language()
        self.items.choices = named(
            *((usual_item.name_zh, own_name(usual_item, lang)) for usual_item in usual_items())
        )
        services = (
            (usual_service.code, own_name(usual_service, lang))
            for usual_service in usual_services()
        )
        self.services.choices = named(*services)

    def tables(self) -> dict[str, Any]:
        return {
            "store": [self._shop(), *self._point()],
            "catalogue": {"items": self.items.data or [], "services": self.services.data or []},
            "item": own_items(self.own_items.data or ""),
            "service": own_services(self.own_services.data or ""),
        }

    def _shop(self) -> dict[str, Any]:
        fields = ("address", "phone", "hours", "closed_weekdays")
        typed = {name: self[name].data or [] for name in fields}
        days = {"closed_days": read_days(self.closed_days.data or "")}
        return {"code": "S1", "kind": "store", "name_zh": self.name.data, **typed, **days}

    def _point(self) -> list[dict[str, Any]]:
        if not self.has_point.data:
            return []
        point = {"name_zh": self.point_name.data, "address": self.point_address.data}
        return [{"code": "P1", "kind": "donation_point", **point}]

    def name_of(self, fault: PlanFault) -> str:
        """The second store is the donation point, with fields of its own."""
        if fault.table == "store" and fault.number == 2:
            return {"name_zh": "point_name", "address": "point_address"}.get(fault.name, "")
        return super().name_of(fault)

    @classmethod
    def of(cls, tables: Tables) -> dict[str, Any]:
        shop, *points = tables.get("store", [_usual_shop(tables)])
        point = points[0] if points else {}
        ticked = tables.get("catalogue") or {
            "items": [usual_item.name_zh for usual_item in usual_items()],
            "services": [usual_service.code for usual_service in usual_services()],
        }
        return {
            **shop,
            **ticked,
            "name": shop["name_zh"],
            "closed_days": written_days(shop["closed_days"]),
            "has_point": bool(point),
            "point_name": point.get("name_zh", ""),
            "point_address": point.get("address", ""),
            "own_items": written_items(tables.get("item", ())),
            "own_services": written_services(tables.get("service", ())),
        }


def _usual_shop(tables: Tables) -> dict[str, Any]:
    community = tables.get("community", {})
    return {
        "name_zh": usual_shop(community.get("name_zh", "")),
        "phone": community.get("contact_phone", ""),
        "hours": USUAL_HOURS,
        "closed_weekdays": [],
        "closed_days": [],
    }
