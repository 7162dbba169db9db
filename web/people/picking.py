"""Pick a person in a form: typed, scanned, or chosen among search results."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session
from wtforms import HiddenField

from timebank.errors import NotFound
from timebank.people.queries import PersonFound, briefs, search_people
from timebank.values import By
from web import units
from web.forms import CodeField
from web.people.sight import sees, shown_name
from web.reader import gettext as _
from web.reader import lazy_gettext as _l
from web.reading import read_id
from web.units import PartForm

FOUND_MAX = 8


class PickForm(PartForm):
    """The typed text, and the person it matched."""

    text = CodeField(
        _l("姓名、拼音首字母、卡号或户号"),
        render_kw={"autocomplete": "off", "spellcheck": "false", "maxlength": 60},
    )
    person_id = HiddenField()


@dataclass(slots=True)
class Picked:
    """The person a form means so far; several are in ``found`` if the text matches several.

    ``today`` is the day of their ages.
    """

    person_id: int | None = None
    name: str = ""
    household_id: int | None = None
    household_no: str | None = None
    found: tuple[PersonFound, ...] = ()
    today: date = field(default_factory=units.today)


def pick(session: Session, by: By, form: PickForm, *, cleared: bool = False) -> Picked:
    """Find the person a form means, within the reader's sight; show a message if nobody matches.

    **Refuses**: ``NotFound`` for the id of somebody unknown or out of sight: a form that lost the
    person would be kept for nobody.
    """
    chosen = None if cleared else read_id(form.person_id.data)
    if cleared:
        form.person_id.data = form.text.data = ""
    if chosen is not None:
        form.text.data = ""
        return _known(session, by, chosen)
    text = (form.text.data or "").strip()
    if not text:
        return Picked()
    found = search_people(session, by, text, limit=FOUND_MAX)
    if not found:
        form.text.errors = [_("没有找到。请核对，或者扫一下服务卡。")]
    if len(found) == 1:
        form.person_id.data, form.text.data = str(found[0].id), ""
        return _picked(found[0])
    return Picked(found=tuple(found))


def _known(session: Session, by: By, person_id: int) -> Picked:
    brief = briefs(session, by.community_id, [person_id]).get(person_id)
    if brief is None or not sees(by, brief.grid_id):
        raise NotFound(kind="person")
    return Picked(
        person_id=brief.id,
        name=shown_name(by, brief),
        household_id=brief.household_id,
        household_no=brief.household_no,
    )


def _picked(one: PersonFound) -> Picked:
    return Picked(
        person_id=one.id,
        name=one.shown_name,
        household_id=one.household_id,
        household_no=one.household_no,
    )
