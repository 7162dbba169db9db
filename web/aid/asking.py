"""Read from a list of items how many pieces of each are wanted: all of it, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import request

from timebank.goods.rules import PIECES_MAX
from web.reader import gettext as _
from web.reading import read_id, read_number
from web.units import DeedForm

_SHOWN_MAX = 12  # Of what somebody typed; a longer text is no number of pieces.


@dataclass(slots=True)
class WantedPieces:
    """The pieces by item, what was typed, and the items whose number cannot be read."""

    pieces: dict[int, int] = field(default_factory=dict)
    typed: dict[int, str] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)
    is_garbled: bool = False  # A field that this page does not have.

    def is_whole(self, form: DeedForm, names: Mapping[int, str]) -> bool:
        """Tell whether every line was read; otherwise the form names each one that was not.

        ``names`` are the items that the page offers.
        """
        strange = self.is_garbled or not self.typed.keys() <= names.keys()
        for item_id, why in self.faults.items():
            if item_id in names:
                name = names[item_id]
                form.form_errors.append(_("“%(name)s”：%(why)s", name=name, why=why))
        if strange:
            form.form_errors.append(_("有一样已经不在这张单子上，请重新核对数量。"))
        if strange or self.faults:
            form.renew()
        elif not self.pieces:
            form.form_errors.append(_("请先选择要领的物品和数量。"))
            form.renew()
        return not (strange or self.faults) and bool(self.pieces)


def asked_pieces() -> WantedPieces:
    """Read the pieces by item from the fields ``pieces-<item>``; skip empty ones and zeros."""
    wanted = WantedPieces()
    for name, texts in request.form.lists():
        head, _dash, item = name.partition("-")
        if head == "pieces" and any(text.strip() for text in texts):
            _read(wanted, read_id(item), texts)
    return wanted


def _read(wanted: WantedPieces, item_id: int | None, texts: list[str]) -> None:
    if item_id is None:
        wanted.is_garbled = True
        return
    pieces = {read_number(text, PIECES_MAX) for text in texts}
    number = pieces.pop()
    if number is None or pieces:  # No number, too large, or two different ones.
        wanted.faults[item_id] = _("请只写数字，从 0 到 %(most)s。", most=PIECES_MAX)
        wanted.typed[item_id] = texts[0].strip()[:_SHOWN_MAX]
    elif number:
        wanted.pieces[item_id] = number
        wanted.typed[item_id] = str(number)
