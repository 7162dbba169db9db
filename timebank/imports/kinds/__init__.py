"""The kinds of sheet, each declared in a file of its own."""

from timebank.errors import NotFound
from timebank.imports.kinds.firms import FIRMS
from timebank.imports.kinds.hours import HOURS
from timebank.imports.kinds.items import ITEMS
from timebank.imports.kinds.people import PEOPLE
from timebank.imports.kinds.records import RECORDS
from timebank.imports.kinds.stock import STOCK
from timebank.imports.kinds.timeoverflow import TO_MEMBERS, TO_TRANSFERS
from timebank.imports.kinds.volunteers import VOLUNTEERS
from timebank.imports.shapes import SheetKind

KINDS = (PEOPLE, VOLUNTEERS, ITEMS, STOCK, HOURS, RECORDS, FIRMS, TO_MEMBERS, TO_TRANSFERS)
_BY_NAME = {kind.name: kind for kind in KINDS}


def kind_named(name: str) -> SheetKind:
    """**Refuses**: ``NotFound``."""
    if name not in _BY_NAME:
        raise NotFound(kind="sheet_kind")
    return _BY_NAME[name]
