"""What a keeper typed while counting, read from the sent page and kept as typed.

Keepers count item by item: the number of an item is ``n-<item>``, what the books said when they
compared ``seen-<item>``, the reason ``why-<item>`` and a note ``note-<item>``. The till is the
item called ``till``. An item of which the books have none is added to the list: ``more`` names it,
``found`` each that was added, ``cond-<item>`` and ``best-<item>`` its condition and last day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import request

from timebank.closing.queries import Till
from timebank.closing.rules import (
    COUNTED_MAX,
    FEN_MAX,
    FOUND_CONDITIONS,
    NOTE_MAX,
    OVER_REASONS,
    SHORT_REASONS,
    Counted,
    check_reason,
)
from timebank.errors import BadInput
from timebank.goods.queries import Item, LotOnHand
from timebank.goods.rules import NEW
from web.aid.finding import Finding
from web.reader import gettext as _
from web.reading import is_plausible, parse_day, read_fen, read_id, read_number

TILL = "till"
_SHOWN_MAX = 12  # Of what somebody typed and cannot be read.


@dataclass(slots=True)
class CountedLine:
    """One item, or the till, on the page. **Units**: pieces, or fen for the till."""

    key: str
    id: int
    expected: int
    item: Item | None = None
    lots: list[LotOnHand] = field(default_factory=list)
    text: str = ""
    counted: int | None = None
    seen: int | None = None
    why: str = ""
    note: str = ""
    is_found: bool = False
    condition: str = NEW
    best_before_on: date | None = None
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> str:
        """What the search of the page compares with: the item in both languages, or the till."""
        return f"{self.item.name_zh} {self.item.name_en}" if self.item else _("钱箱里的现金")

    @property
    def is_touched(self) -> bool:
        """Tell whether the keeper wrote something here, which no search may hide."""
        return bool(self.text or self.faults or self.is_found)

    @property
    def is_till(self) -> bool:
        return self.key == TILL

    @property
    def difference(self) -> int:
        return 0 if self.counted is None else self.counted - self.expected

    @property
    def reasons(self) -> tuple[str, ...]:
        return SHORT_REASONS if self.difference < 0 else OVER_REASONS

    def as_counted(self) -> Counted:
        """The line in the form that the rules judge."""
        seen = self.expected if self.seen is None else self.seen
        return Counted(
            id=self.id,
            counted=self.counted or 0,
            seen=seen,
            reason=self.why or None,
            note=self.note,
            condition=self.condition,
            best_before_on=self.best_before_on,
        )


def lines_of(
    lots: Iterable[LotOnHand], catalogue: Mapping[int, Item], till: Till | None
) -> list[CountedLine]:
    """Every item in the books, those that the keeper added, and the till, with what was typed."""
    by_item: dict[int, list[LotOnHand]] = {}
    for lot in lots:
        by_item.setdefault(lot.item_id, []).append(lot)
    known = [
        CountedLine(
            key=str(item_id),
            id=item_id,
            expected=sum(lot.on_hand for lot in some),
            item=catalogue[item_id],
            lots=some,
        )
        for item_id, some in by_item.items()
    ]
    known.sort(key=lambda line: (line.item.kind, line.item.name_zh) if line.item else ("", ""))
    known += [
        CountedLine(
            key=str(item_id), id=item_id, expected=0, item=catalogue[item_id], is_found=True
        )
        for item_id in _added(catalogue)
        if item_id not in by_item
    ]
    if till is not None:
        known.append(CountedLine(key=TILL, id=till.account_id, expected=till.fen))
    for line in known:
        _read(line)
    return known


def shown_lines(lines: Iterable[CountedLine], finding: Finding) -> list[CountedLine]:
    """The lines whose name contains what is looked for, and those in which something stands."""
    text = finding.text.lower()
    return [line for line in lines if text in line.names.lower() or line.is_touched]


def _added(catalogue: Mapping[int, Item]) -> list[int]:
    """The items that the keeper added to the list, the one just chosen last."""
    item_ids = [
        read_id(text) for text in (*request.form.getlist("found"), request.form.get("more"))
    ]
    return list(dict.fromkeys(item_id for item_id in item_ids if item_id in catalogue))


def items_to_add(lines: Iterable[CountedLine], catalogue: Mapping[int, Item]) -> list[Item]:
    """The items that are not on the list."""
    listed = {line.id for line in lines if not line.is_till}
    return [item for item in catalogue.values() if item.id not in listed]


def _read(line: CountedLine) -> None:
    form = request.form
    if line.is_found:
        _read_found(line)
    line.text = form.get(f"n-{line.key}", "").strip()
    line.seen = read_number(form.get(f"seen-{line.key}"))
    line.why = form.get(f"why-{line.key}", "")[:12]
    line.note = form.get(f"note-{line.key}", "").strip()
    if len(line.note) > NOTE_MAX:
        line.faults["note"] = _("说明太长了，最多 %(most)s 个字。", most=NOTE_MAX)
    if not line.text:
        is_chosen = line.is_found and form.get("more") == line.key
        if is_chosen and "check" in form:
            line.faults["n"] = _("请写上数到几件；没有就写 0。")
        if line.why or line.note:
            line.faults["n"] = _("写了原因，也请写上数到几件。")
        return
    line.counted = read_fen(line.text) if line.is_till else read_number(line.text)
    if line.counted is None or line.counted > (FEN_MAX if line.is_till else COUNTED_MAX):
        line.counted = None
        line.text = line.text[:_SHOWN_MAX]
        line.faults["n"] = _("请写上金额，例如 120.50。") if line.is_till else _("请只写数字。")


def _read_found(line: CountedLine) -> None:
    """Read the facts of a lot that the books do not have; food needs its last day."""
    form = request.form
    line.condition = form.get(f"cond-{line.key}", NEW)
    if line.condition not in FOUND_CONDITIONS:
        line.condition = NEW
    text = form.get(f"best-{line.key}", "").strip()
    line.best_before_on = parse_day(text)
    if text and (line.best_before_on is None or not is_plausible(line.best_before_on)):
        line.best_before_on = None
        line.faults["best"] = _("请写日期，例如 2026-03-01。")
    is_needed = line.item is not None and line.item.has_best_before
    counts_some = form.get(f"n-{line.key}", "").strip() not in ("", "0")
    if is_needed and counts_some and not text:
        line.faults["best"] = _("请看包装，写上保质期到哪天。")


def judge_reasons(lines: Iterable[CountedLine]) -> bool:
    """Mark each line whose reason is missing or wrong; tell whether all lines are valid."""
    whole = True
    for line in lines:
        if line.counted is None or not line.difference:
            continue
        try:
            check_reason(line.difference, line.why or None, line.note, line=line.id)
        except BadInput as refusal:
            whole = False
            is_note = refusal.facts["field"] == "note"
            line.faults["note" if is_note else "why"] = (
                _("选“其他”时请写一句。") if is_note else _("请选择原因。")
            )
    return whole


def has_strange_line(lines: Iterable[CountedLine]) -> bool:
    """Tell whether something was counted that is no longer on the page: all of it went."""
    known = {f"n-{line.key}" for line in lines}
    return any(
        name.startswith("n-") and name not in known and text.strip()
        for name, text in request.form.items()
    )


def forget_looks(lines: Iterable[CountedLine]) -> None:
    """Compare with the current books: earlier comparisons no longer count."""
    for line in lines:
        line.seen = None


def typed(lines: Iterable[CountedLine]) -> list[CountedLine]:
    """The lines that somebody counted."""
    return [line for line in lines if line.counted is not None]


def reason_words() -> dict[str, Any]:
    """The name of each reason."""
    return {
        "lost": _("不见了"), "damaged": _("坏了、不能用"), "found": _("多出来、找到了"),
        "miscounted": _("以前数错或记错"), "other": _("其他（请写一句）"),
    }  # fmt: skip
