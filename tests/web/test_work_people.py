"""People for staff: search within one's sight, masked names, cards, papers."""

from datetime import date
from urllib.parse import quote, unquote

import pytest
from sqlalchemy import select

from tests.factories.aid import make_claimant
from tests.factories.hours import make_volunteer
from tests.factories.office import Visit
from tests.factories.people import (
    make_card,
    make_household,
    make_proof,
    make_town,
    new_person,
)
from timebank.people.queries import card_of_person, pin_wish_of, proofs_of_household
from timebank.people.tables import pin_reset

NEIGHBOUR_ID = 2


@pytest.fixture
def family(office):
    """A claimant's household of one, 陈甲一, with a paper until the end of the year."""

    def build(session):
        made = make_household(session, office.town, new_person("陈甲一"))
        make_proof(session, office.town, made.household_id)
        return made

    return office.do(build)


def person_path(family):
    return f"/work/people/{family.person_ids[0]}"


def search(visit, text):
    page = visit.get("/work/people")
    form = next(one for one in page.forms if one.action == "/work/people")
    fields = [(name, value) for name, value in form.fields if name != "q"]
    return visit.send(form, [*fields, ("q", text)])


@pytest.mark.parametrize("text", ["cjy", "陈甲", "H-", "h"])
def test_people_are_found_and_the_address_of_the_answer_does_not_say_whom(office, family, text):
    visit = office.enter("social_worker")
    if text in ("H-", "h"):
        text += family.household_no.removeprefix("H-")
    answer = search(visit, text)
    assert answer.status == 303 and answer.location.startswith("/work/people?search=")
    assert text not in unquote(answer.location) and quote(text) not in answer.location
    found = visit.follow(answer)
    assert "陈甲一" in found.text and found.value("q") == text
    # Back and reload are a GET; a heading sorts what was found.
    assert visit.get(answer.location).text.count("陈甲一") == found.text.count("陈甲一")
    assert "陈甲一" in visit.get(f"{answer.location}&sort=-name").text


def test_the_address_of_a_search_opens_for_nobody_else(office, family):
    answer = search(office.enter("social_worker"), "陈甲")
    other = office.enter("coordinator")
    for address in (answer.location, answer.location[:-9], "/work/people?search=é="):
        page = other.get(address)
        assert page.status == 200 and page.value("q") == "" and "陈甲一" not in page.text


def test_a_name_in_an_old_address_is_not_searched(office, family):
    page = office.enter("social_worker").get("/work/people?q=cjy")
    assert page.status == 200 and "陈甲一" not in page.text


def test_a_card_leads_to_its_holder_and_its_token_stays_out_of_the_address(office, family):
    card = office.do(make_card, office.town, family.person_ids[0])
    visit = office.enter("keeper")
    answer = search(visit, card.token)
    assert answer.location == person_path(family)
    by_number = search(visit, card.card_no)
    assert "陈**" in visit.follow(by_number).text


def test_an_id_number_is_never_in_an_address(office, family):
    visit = office.enter("social_worker")
    answer = search(visit, "990106196001012348")
    assert answer.status == 303 and "990106196001012348" not in answer.location
    assert visit.follow(answer).value("q") == "990106196001012348"


@pytest.mark.parametrize("text", ["", "   ", "%", "'; --", "甲" * 400, "😀", "9" * 60])
def test_nothing_that_is_typed_is_a_fault(office, family, text):
    visit = office.enter("social_worker")
    answer = search(visit, text)
    assert answer.status in (200, 303)
    if answer.status == 303:
        assert visit.follow(answer).status == 200


def test_a_keeper_sees_masked_names_and_the_answer_but_no_paper(office, family):
    visit = office.enter("keeper")
    person, home = visit.get(person_path(family)), visit.get(_home(family))
    for page in (person, home):
        assert page.status == 200 and "陈甲一" not in page.text and "陈**" in page.text
    assert "今天还可以领 20 件" in home.text
    assert "低保证" not in home.text and "登记看过的证明" not in home.text


def test_a_keeper_is_not_told_that_a_paper_ended(office):
    by = office.do(make_claimant, office.town, valid_until_on=date(2025, 3, 31))
    page = office.enter("keeper").get(f"/work/households/{by.household_id}")
    assert "今天不能领" in page.text
    assert "证明" not in page.text and "2025年3月31日" not in page.text


def test_a_social_worker_sees_the_papers_with_their_last_day(office, family):
    page = office.enter("social_worker").get(_home(family))
    assert "陈甲一" in page.text and "低保证" in page.text and "2025年12月31日" in page.text


def test_a_grid_worker_sees_his_own_grid_only(office):
    mine = office.do(make_household, office.town, new_person("林乙二"))
    other = office.do(make_household, office.town, new_person("王丙三"), building=1)
    visit = office.enter("grid_worker")
    assert visit.get(person_path(mine)).status == 200
    assert visit.get(person_path(other)).status == 404
    assert visit.get(_home(other)).status == 404
    assert visit.get(f"{_home(other)}/papers").status == 404
    assert visit.get(f"{person_path(other)}/sealed").status == 404


@pytest.mark.parametrize(
    "path", ["/work/people/{0}", "/work/people/{0}/card", "/work/people/{0}/sealed"]
)
@pytest.mark.parametrize("number", [0, 1, 2**63 - 1, 2**63, 10**30])
def test_an_unknown_person_is_not_found(office, path, number):
    assert office.enter("coordinator").get(path.format(number)).status == 404


def test_a_person_of_the_community_next_door_is_not_found(office):
    def build(session):
        return make_household(session, make_town(session, NEIGHBOUR_ID), new_person("外人"))

    theirs = office.do(build)
    visit = office.enter("coordinator")
    for path in (person_path(theirs), _home(theirs), f"{_home(theirs)}/papers"):
        page = visit.get(path)
        assert page.status == 404 and "外人" not in page.text


def test_the_counter_enters_the_wish_of_a_household_and_does_not_end_it(office, family):
    visit, path = office.enter("keeper"), f"{person_path(family)}/card/ask-pin"
    assert visit.get(path).status == 303  # There is no card yet.
    office.do(make_card, office.town, family.person_ids[0])
    assert "先请本人设一个数字密码" in visit.get(path).text
    office.do(make_card, office.town, family.person_ids[0], "2591")
    page = visit.get(path)
    form = next(one for one in page.forms if "request_id" in dict(one.fields))
    assert visit.send(form, form.fields).status == 303
    told = visit.get(path)
    assert "柜台不能代办" in told.text
    assert "照本人的意思记下" not in told.text
    changed = [*form.fields, ("do", "end"), ("request_id", "another-request")]
    visit.send(form, changed)  # An old page, and a changed form.
    with office.database.reading() as session:
        assert pin_wish_of(session, office.town.community_id, family.household_id)


def test_a_pin_for_no_card_is_refused_kindly(office, family):
    visit = office.enter("keeper")
    path = f"{person_path(family)}/card"
    card = office.do(make_card, office.town, family.person_ids[0])
    page = visit.get(path)
    assert visit.press(page, "do", "stop", why="damaged").status == 303
    again = visit.press(page, "do", "pin")
    assert again.status in (403, 404, 409) and card.card_no


def _asked_pin(office, family, name="keeper"):
    """Somebody of staff asks for a PIN; return the page that a second one turns to the holder."""
    office.do(make_card, office.town, family.person_ids[0], pin="7391")
    path = f"{person_path(family)}/card"
    visit = office.enter(name)
    assert visit.press(visit.get(path), "do", "pin").status == 303
    assert "等另一位同事" in visit.get(path).text
    with office.database.reading() as session:
        return f"/work/pin-resets/{session.scalar(select(pin_reset.c.id))}"


def typed(visit, page, pin, again=None):
    """Type a PIN twice on the page that is turned to its holder."""
    form = next(one for one in page.forms if dict(one.fields).get("pin") is not None)
    fields = [field for field in form.fields if field[0] not in ("pin", "again")]
    return visit.send(form, [*fields, ("pin", pin), ("again", again or pin)])


def test_two_of_staff_turn_the_screen_to_the_holder(office, family):
    turned = _asked_pin(office, family)
    visit = office.enter("coordinator")
    assert turned in visit.get("/work?kind=pin_reset").text
    page = visit.get(turned)
    assert "陈" not in page.text and 'class="desk' not in page.text
    wrong = typed(visit, page, "2591", "2581")
    assert wrong.status == 422 and "两次输入的不一样" in wrong.text
    assert typed(visit, wrong, "2591").status == 303
    assert turned not in visit.get("/work?kind=pin_reset").text
    late = typed(visit, visit.get(turned), "7391")
    assert late.status == 409 and "已经设好" in late.text


@pytest.mark.parametrize(("button", "is_stopped"), [("own", False), ("stop", True)])
def test_the_holder_is_told_at_the_next_sign_in(office, family, button, is_stopped):
    turned = _asked_pin(office, family)
    visit = office.enter("coordinator")
    assert typed(visit, visit.get(turned), "2591").status == 303
    with office.database.reading() as session:
        card = card_of_person(session, office.town.community_id, family.person_ids[0])
    mine = Visit(office.app)
    page = mine.get("/sign-in/card?next=/me/take")
    form = next(one for one in page.forms if one.action.startswith("/sign-in/card"))
    kept = [field for field in form.fields if field[0] not in ("card", "pin")]
    led = mine.send(form, [*kept, ("card", card.card_no), ("pin", "2591")])
    assert led.location.startswith("/me/card/reset")
    told = mine.follow(led)
    assert "换过" in told.text
    answer = mine.press(told, "do", button)
    assert answer.location == ("/me/card" if is_stopped else "/me/take")
    with office.database.reading() as session:
        card = card_of_person(session, office.town.community_id, family.person_ids[0])
    assert (card is None) == is_stopped
    if not is_stopped:
        assert mine.get("/me/card/reset").location == "/me/"


def test_whoever_asked_does_not_turn_the_screen(office, family):
    turned = _asked_pin(office, family)
    visit = office.enter("keeper")
    assert turned not in visit.get("/work").text
    page = typed(visit, visit.get(turned), "2591")
    assert page.status == 409 and "这件事要两个人经手" in page.text


def test_a_paper_is_entered_and_ended_by_who_saw_it(office, family):
    visit, home = office.enter("social_worker"), _home(family)
    page = visit.get(f"{home}/papers")
    told = {
        "kind": "tekun", "valid_from_on": "2025-06-01", "valid_until_on": "2024-06-01",
        "document_no": "TK-2025-0009", "issuer": "示范区民政局",
    }  # fmt: skip
    button = next(form for form in page.forms if form.action.endswith("/papers") or not form.action)
    fields = [pair for pair in button.fields if pair[0] not in told]
    wrong = visit.send(button, [*fields, *told.items()])
    assert wrong.status == 422 and "结束要晚于开始" in wrong.text
    assert wrong.value("valid_until_on") == "2024-06-01"
    fields = [pair for pair in wrong.forms[-1].fields if pair[0] != "valid_until_on"]
    done = visit.send(wrong.forms[-1], [*fields, ("valid_until_on", "2026-05-31")])
    assert done.status == 303
    with office.database.reading() as session:
        papers = proofs_of_household(session, office.town.community_id, family.household_id)
    (new,) = [one for one in papers if one.kind == "tekun"]
    page = visit.get(f"{home}/papers/{new.id}/end")
    fields = [p for p in page.forms[-1].fields if p[0] not in ("ended_on", "reason")]
    short = visit.send(page.forms[-1], [*fields, ("ended_on", "2025-06-20"), ("reason", "")])
    assert short.status == 422 and short.value("ended_on") == "2025-06-20"
    fields = [p for p in short.forms[-1].fields if p[0] != "reason"]
    assert visit.send(short.forms[-1], [*fields, ("reason", "收入变了")]).status == 303
    assert "2025年6月20日终止" in visit.get(home).text


@pytest.mark.parametrize("typed", ["0001-01-01", "9999-12-31", "2025-02-30", "soon", ""])
def test_a_day_that_is_none_stays_in_the_form(office, family, typed):
    visit = office.enter("social_worker")
    page = visit.get(f"{_home(family)}/papers")
    fields = [p for p in page.forms[-1].fields if not p[0].startswith("valid")]
    days = [("valid_from_on", typed), ("valid_until_on", "2026-01-01")]
    assert visit.send(page.forms[-1], [*fields, *days]).status == 422


def test_what_is_sealed_opens_with_a_reason_only(office, family):
    visit = office.enter("social_worker")
    path = f"{person_path(family)}/sealed"
    page = visit.get(path)
    silent = visit.send(page.forms[-1], [*page.forms[-1].fields, ("columns", "phone")])
    assert silent.status == 422 and ">100" not in silent.text
    fields = [p for p in silent.forms[-1].fields if p[0] != "reason"]
    opened = visit.send(silent.forms[-1], [*fields, ("reason", "打电话通知她来取物品")])
    assert opened.status == 200 and "电话" in opened.text and ">100" in opened.text
    assert office.enter("keeper").get(path).status == 403


def test_the_pages_send_at_most_twelve_statements(office, family):
    volunteer = office.do(make_volunteer, office.town)
    visit = office.enter("coordinator")
    visit.get("/work/people")
    paths = (
        search(visit, "cjy").location, person_path(family), _home(family),
        f"{person_path(family)}/card",
        f"/work/people/{volunteer.person_id}", f"{_home(family)}/papers",
    )  # fmt: skip
    for path in paths:
        with office.statements() as sent:
            assert visit.get(path).status == 200
        assert len(sent) <= 12, (path, len(sent))


def _home(family):
    return f"/work/households/{family.household_id}"
