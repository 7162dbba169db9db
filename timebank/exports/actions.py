"""Note that somebody takes a list away as a file, before it leaves."""

from dataclasses import dataclass

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.exports import may
from timebank.people.rules import check_reason


@dataclass(frozen=True, slots=True)
class SheetTaken:
    """A list and the number of its rows."""

    name: str
    rows: int


@action("take_sheet")
def take_sheet(deed: Deed, *, name: str, kind: str, rows: int) -> SheetTaken:
    """Note which list somebody takes, in which kind of file, and how many rows it has.

    Whether they may read the list is decided where it is read: by the right of its page.

    **Refuses**: ``NotAllowed`` for residents, who take their own only.
    """
    may.OPEN.require(deed.by)
    facts = {"sheet": name, "file": kind, "rows": rows}
    audit(deed, name="take_sheet", subject_kind="sheet", facts=facts)
    return SheetTaken(name, rows)


@action("take_everything")
def take_everything(deed: Deed, *, kind: str, rows: int, reason: str) -> SheetTaken:
    """Note that somebody takes every list in one file, how many rows, and why.

    **Refuses**: ``NotAllowed``; ``BadInput`` for a reason that is not a sentence.
    """
    may.TAKE_EVERYTHING.require_everywhere(deed.by)
    facts = {"file": kind, "rows": rows, "reason": check_reason(reason)}
    audit(deed, name="take_everything", subject_kind="sheet", facts=facts)
    return SheetTaken("everything", rows)
