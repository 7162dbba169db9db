"""报名: what is typed, a name by its sound and everything else in digits."""

from dataclasses import dataclass

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from kiosk.desk import _, go, kiosk, show, visit
from kiosk.pages.joining import joining, next_page
from kiosk.spelling import LETTERS, SOUND_MAX, characters_of
from kiosk.visit import Joining
from timebank.errors import BadInput
from timebank.joining.rules import PHONE_MIN, read_birthday
from timebank.people.rules import tidy_phone
from timebank.people.rules.names import tidy_name
from timebank.typed import read_whole
from timebank.values import from_us, local_day

blueprint = Blueprint("join_typing", __name__, url_prefix="/join")
FOUND_PER_PAGE = 24
LETTERS_MAX = 20
NAMES = {"name": "name", "guardian-name": "guardian_name"}  # Page → what it fills.
PHONES = {"phone": "phone", "guardian-phone": "guardian_phone"}


@dataclass(frozen=True, slots=True)
class Question:
    """One question in digits."""

    heading: str
    lead: str
    label: str
    most: int
    pattern: str = ""


def _question(page: str) -> Question:
    if page == "birthday":
        return Question(
            heading=_("您的生日"),
            lead=_("一九五三年四月十二日，就输 19530412。查报名的时候用。"),
            label=_("生日"), most=8, pattern="4 2 2",
        )  # fmt: skip
    if page == "building":
        lead = _("由那一片的工作人员办；门牌不用输。")
        return Question(heading=_("住在几号楼？"), lead=lead, label=_("楼号"), most=4)
    is_own = page == "phone"
    lead = _("只用来约您来办，例如缺了什么。") if is_own else _("有事先找监护人。")
    heading = _("您的电话") if is_own else _("监护人的电话")
    return Question(heading=heading, lead=lead, label=_("电话"), most=15, pattern="3 4 4")


@blueprint.get("/<any('birthday', 'building', 'phone', 'guardian-phone'):page>")
def digits(page: str) -> ResponseReturnValue:
    """One question in digits."""
    if joining() is None:
        return go("/join")
    return show("join_digits.html", page=page, question=_question(page))


@blueprint.post("/<any('birthday', 'building', 'phone', 'guardian-phone'):page>")
def digits_typed(page: str) -> ResponseReturnValue:
    """Keep what can be; say plainly what cannot."""
    begun = joining()
    if begun is None:
        return go("/join")
    typed = request.form.get("digits", "")
    wrong = _keep(begun, page, typed)
    if wrong:
        visit().notice = wrong
        return go(f"/join/{page}")
    return go(next_page(begun))


def _keep(begun: Joining, page: str, typed: str) -> str:
    """Keep a typed answer. Return what is wrong with it, or nothing."""
    if page == "birthday":
        return _keep_birthday(begun, typed)
    if page == "building":
        number = read_whole(typed)
        begun.lives_elsewhere = request.form.get("elsewhere") == "1"
        if begun.lives_elsewhere:
            begun.building_no, begun.is_volunteer = None, True
        elif number:
            begun.building_no = number
        return "" if number or begun.lives_elsewhere else _("请输楼号，例如 11。")
    try:
        phone = tidy_phone(typed)
    except BadInput:
        phone = ""
    if len(phone) < PHONE_MIN:
        return _("请输电话号码，手机是十一位。")
    setattr(begun, PHONES[page], phone)
    return ""


def _keep_birthday(begun: Joining, typed: str) -> str:
    born = read_birthday(typed)
    if born is None or born.year < 1880 or born > local_day(from_us(kiosk().clock())):
        return _("请输八位数字，年四位、月两位、日两位，例如 19530412。")
    begun.birth_on = born
    return ""


@blueprint.get("/<any('name', 'guardian-name'):page>")
def name(page: str) -> ResponseReturnValue:
    """The name so far, and the letters to find the next character."""
    begun = joining()
    if begun is None:
        return go("/join")
    return show(
        "join_name.html", page=page, so_far=getattr(begun, NAMES[page]), letters=LETTERS,
        most=LETTERS_MAX,
    )  # fmt: skip


@blueprint.post("/<any('name', 'guardian-name'):page>/find")
def find(page: str) -> ResponseReturnValue:
    """Show the characters of a sound. It stands in the body, and in no address."""
    begun = joining()
    if begun is None:
        return go("/join")
    typed = "".join(one for one in request.form.get("letters", "").lower() if one in LETTERS)
    if not typed:
        visit().notice = _("请先按拼音，例如“陈”按 chen。")
        return go(f"/join/{page}")
    found = characters_of(typed) if len(typed) <= SOUND_MAX else ""
    last = max((len(found) - 1) // FOUND_PER_PAGE, 0)
    number = min(read_whole(request.form.get("page", "")) or 0, last)
    drawn = show(
        "join_found.html", page=page, typed=typed, number=number, last=last,
        found=found[number * FOUND_PER_PAGE :][:FOUND_PER_PAGE],
    )  # fmt: skip
    visit().page = f"/join/{page}"  # A switch of the language goes back to the letters.
    return drawn


@blueprint.post("/<any('name', 'guardian-name'):page>/add")
def add(page: str) -> ResponseReturnValue:
    """Add a character, or the letters as they are; take the last one back; or be done."""
    begun = joining()
    if begun is None:
        return go("/join")
    field, do = NAMES[page], request.form.get("do", "")
    so_far: str = getattr(begun, field)
    if do == "back":
        setattr(begun, field, so_far[:-1].rstrip())
    elif do == "done":
        if so_far:
            return go(next_page(begun))
        visit().notice = _("还没有输姓名。")
    else:
        _add(begun, field, so_far)
    return go(f"/join/{page}")


def _add(begun: Joining, field: str, so_far: str) -> None:
    """Add what was tapped, as far as it makes a name."""
    character, word = request.form.get("character", ""), request.form.get("word", "")
    added = character[:1] or f" {word[:LETTERS_MAX].capitalize()}"
    try:
        setattr(begun, field, tidy_name(f"{so_far}{added}"))
    except BadInput:
        visit().notice = _("这个字加不上，请再试一次，或请工作人员帮忙。")
