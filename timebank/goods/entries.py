"""What an entry of the catalogue may say, and how proposals for it go on. Pure.

Not here: which goods are good enough (``acceptance``), and who proposes and agrees (``actions``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from timebank.goods.rules import ITEM_KINDS, is_in_store_ean
from timebank.typed import joined, plain

DRY, COOL, FRIDGE, FREEZER = "dry", "cool", "fridge", "freezer"
STORAGES = (DRY, COOL, FRIDGE, FREEZER)
# What intake may ask of an item, beside what its kind requires. Source: domain.md, C.2.
ASKED = (
    "sealed", "label_readable", "expiry_visible", "washed", "working_test", "safety_mark",
    "age_label",
)  # fmt: skip

ADD, CHANGE, RETIRE, RESUME = "add", "change", "retire", "resume"
CHANGE_KINDS = (ADD, CHANGE, RETIRE, RESUME)
PROPOSED, AGREED, DONE, DROPPED = "asked", "agreed", "done", "dropped"
CHANGE_STATES = (PROPOSED, AGREED, DONE, DROPPED)
OPEN_STATES = (PROPOSED, AGREED)

REFERENCE_FEN_MAX = 1_000_000  # 10,000 yuan; more is a typing error. Source: our own limit.
SHELF_LIFE_DAYS_MAX = 3650
AHEAD_MAX = timedelta(days=400)  # So far ahead a change may begin.
NOTE_MAX = 200
_LENGTHS = {"name_zh": 60, "name_en": 80, "unit_zh": 10, "unit_en": 20}


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item to add. **Units**: ``reference_fen`` per new piece, shelf life in days.

    If ``needs_cleaning`` is not given, it follows from the kind.
    """

    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    kind: str
    barcode: str
    reference_fen: int
    shelf_life_days: int | None = None
    needs_cleaning: bool | None = None
    is_loan: bool = False
    storage: str = DRY
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFields:
    """What somebody proposes for an item; None is what they do not speak of.

    **Units**: ``reference_fen`` per new piece, shelf life in days.
    """

    name_zh: str | None = None
    name_en: str | None = None
    unit_zh: str | None = None
    unit_en: str | None = None
    item_kind: str | None = None
    reference_fen: int | None = None
    shelf_life_days: int | None = None
    needs_cleaning: bool | None = None
    is_loan: bool | None = None
    storage: str | None = None
    asks: tuple[str, ...] | None = None

    def told(self) -> dict[str, Any]:
        """What is spoken of, tidied as it is stored."""
        pairs = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: _tidied(name, value) for name, value in pairs if value is not None}


# These say what a piece is. Once there are pieces they stay: another unit is another item.
OF_ADDITION = ("unit_zh", "unit_en", "item_kind", "is_loan")
NEEDED = ("name_zh", "name_en", "unit_zh", "unit_en", "item_kind", "reference_fen", "is_loan")


def _tidied(name: str, value: Any) -> Any:
    if name == "asks":
        return ",".join(code for code in ASKED if code in value)
    return plain(value) if name in _LENGTHS else value


def asks_of(written: str) -> tuple[str, ...]:
    """Read the codes of what intake asks, as they are stored."""
    return tuple(code for code in written.split(",") if code)


def name_key(name: str) -> str:
    """Under which two names count as one: without spaces, width and case."""
    return joined(name).casefold()


def addition_fault(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """The invalid field of a new item and why, or None."""
    missing = next((name for name in NEEDED if name not in values), None)
    if missing is not None:
        return missing, "missing"
    is_food = values["item_kind"] == "food"
    if is_food != ("shelf_life_days" in values):
        return "shelf_life_days", "food_only"
    return told_fault(values)


def told_fault(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """The first invalid field of a proposal and why, or None."""
    for name, most in _LENGTHS.items():
        if name in values and not 1 <= len(values[name]) <= most:
            return name, "length" if values[name] else "missing"
    if values.get("item_kind", ITEM_KINDS[0]) not in ITEM_KINDS:
        return "item_kind", "unknown"
    if not 0 <= values.get("reference_fen", 0) <= REFERENCE_FEN_MAX:
        return "reference_fen", "range"
    if not 1 <= values.get("shelf_life_days", 1) <= SHELF_LIFE_DAYS_MAX:
        return "shelf_life_days", "range"
    return ("storage", "unknown") if values.get("storage", DRY) not in STORAGES else None


def new_item_fault(new: NewItem, known: set[str]) -> tuple[str, str] | None:
    """The invalid field of an item of a list and why, or None; ``known`` are codes in use."""
    names = ("name_zh", "name_en", "unit_zh", "unit_en")
    if empty := next((name for name in names if not getattr(new, name).strip()), None):
        return empty, "missing"
    if new.kind not in ITEM_KINDS:
        return "kind", "unknown"
    if not is_in_store_ean(new.barcode):
        return "barcode", "shape"
    if new.barcode in known:
        return "barcode", "repeated"
    if new.reference_fen < 0:
        return "reference_fen", "range"
    if (new.kind == "food") != (new.shelf_life_days is not None):
        return "shelf_life_days", "food_only"
    if new.shelf_life_days is not None and new.shelf_life_days < 1:
        return "shelf_life_days", "range"
    if new.storage not in STORAGES:
        return "storage", "unknown"
    return None if set(new.asks) <= set(ASKED) else ("asks", "unknown")


def next_number(barcodes: Iterable[str]) -> int:
    """The number after the largest one among codes for in-store use: 1 for an empty catalogue."""
    return 1 + max((int(code[1:12]) for code in barcodes if is_in_store_ean(code)), default=0)


def is_retired(retired_on: date | None, on: date) -> bool:
    """Tell whether an item is neither announced nor taken in on a day."""
    return retired_on is not None and retired_on <= on


def takes_second(kind: str, values: Mapping[str, Any], *, decides: bool) -> bool:
    """Tell whether somebody else must agree: to every price, and to whoever only proposes."""
    return kind == ADD or "reference_fen" in values or not decides
