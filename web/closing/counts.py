"""What a keeper typed while counting, read from the sent page and kept as typed.

Keepers count item by item: the number of an item is ``n-<item>``, what the books said when they
compared ``seen-<item>``, the reason ``why-<item>`` and a note ``note-<item>``. The till is the
item called ``till``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request

from timebank.closing.queries import Till
from timebank.closing.rules import (
    COUNTED_MAX,
    FEN_MAX,
    NOTE_MAX,
    OVER_REASONS,
    SHORT_REASONS,
    Counted,
    check_reason,
)
from timebank.errors import BadInput
from timebank.goods.queries import Item, LotOnHand
from web.reader import gettext as _
from web.reading import read_fen, read_number

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
    faults: dict[str, str] = field(default_factory=dict)

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
        )


def lines_of(
    lots: Iterable[LotOnHand], catalogue: Mapping[int, Item], till: Till | None
) -> list[CountedLine]:
    """Every item in the books, and the till, with what was typed."""
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
    if till is not None:
        known.append(CountedLine(key=TILL, id=till.account_id, expected=till.fen))
    for line in known:
        _read(line)
    return known


def _read(line: CountedLine) -> None:
    told = request.form
    line.text = told.get(f"n-{line.key}", "").strip()
    line.seen = read_number(told.get(f"seen-{line.key}"))
    line.why = told.get(f"why-{line.key}", "")[:12]
    line.note = told.get(f"note-{line.key}", "").strip()
    if len(line.note) > NOTE_MAX:
        line.faults["note"] = _("说明太长了，最多 %(most)s 个字。", most=NOTE_MAX)
    if not line.text:
        if line.why or line.note:
            line.faults["n"] = _("写了原因，也请写上数到几件。")
        return
    line.counted = read_fen(line.text) if line.is_till else read_number(line.text)
    if line.counted is None or line.counted > (FEN_MAX if line.is_till else COUNTED_MAX):
        line.counted = None
        line.text = line.text[:_SHOWN_MAX]
        line.faults["n"] = _("请写上金额，例如 120.50。") if line.is_till else _("请只写数字。")


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
