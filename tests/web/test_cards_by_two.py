"""A card by two on the pages: asked for, given or proven by PIN, printed, shown to its holder."""

import pytest
from sqlalchemy import select

from tests.factories.office import Visit
from tests.factories.people import make_card, make_household, make_user, new_person
from timebank.people.queries import card_of_person
from timebank.people.tables import card_issue


@pytest.fixture
def family(office):
    return office.do(make_household, office.town, new_person("陈甲一"))


def card_page(family):
    return f"/work/people/{family.person_ids[0]}/card"


def living(office, family):
    with office.database.reading() as session:
        return card_of_person(session, office.town.community_id, family.person_ids[0])


def ask(office, family, name="keeper"):
    """Somebody of staff asks for a card; return their browser and the page of its making."""
    visit, path = office.enter(name), card_page(family)
    assert visit.press(visit.get(path), "do", "issue").status == 303
    assert "等另一位同事" in visit.get(path).text
    with office.database.reading() as session:
        return visit, f"/work/card-issues/{session.scalar(select(card_issue.c.id))}"


def typed(visit, page, pin):
    form = next(one for one in page.forms if "pin" in dict(one.fields))
    return visit.send(form, [*(f for f in form.fields if f[0] != "pin"), ("pin", pin)])


def test_two_of_staff_make_a_card_and_print_it(office, family):
    visit, making = ask(office, family)
    assert not visit.get(making).has_button("do", "give") and living(office, family) is None
    second = office.enter("coordinator")
    assert making in second.get("/work?kind=card_issue").text
    assert second.press(second.get(making), "do", "give").status == 303
    token = living(office, family).token
    for who in (visit, second):
        page = who.get(making)
        assert "qr-code" not in page.text
        shown = who.press(page, "do", "show")
        assert shown.status == 200 and "qr-code" in shown.text
    third = office.enter("social_worker")
    assert not third.get(making).has_button("do", "show")
    assert making not in second.get("/work?kind=card_issue").text
    for path in (card_page(family), f"/work/people/{family.person_ids[0]}", making):
        text = third.get(path).text
        assert "qr-code" not in text and token not in text


def test_the_code_of_a_card_is_not_shown_at_the_counter(office, family):
    """Whoever prints the code of a neighbour's card takes the goods home with it."""
    card = office.do(make_card, office.town, family.person_ids[0])
    for name in ("keeper", "coordinator", "social_worker", "grid_worker"):
        text = office.enter(name).get(card_page(family)).text
        assert "qr-code" not in text and card.token not in text


def test_whoever_asked_does_not_give_it_with_a_form_of_another_page(office, family):
    visit, making = ask(office, family)
    page = visit.get(making)
    form = office.enter("coordinator").get(making).form_with(("do", "give"))
    fields = [f for f in form.fields if f[0] != "csrf_token"]
    csrf = visit.get(card_page(family)).value("csrf_token")
    sent = visit.send(form, [*fields, ("csrf_token", csrf), ("do", "give")])
    assert sent.status == 409 and "这件事要两个人经手" in sent.text
    assert page.status == 200 and living(office, family) is None


def test_the_holder_types_their_pin_on_the_turned_screen(office, family):
    old = office.do(make_card, office.town, family.person_ids[0], pin="7391")
    visit, making = ask(office, family)
    assert f"{making}/turned" in visit.get(making).text
    page = visit.get(f"{making}/turned")
    assert "陈" not in page.text and 'class="desk' not in page.text
    wrong = typed(visit, page, "8164")
    assert wrong.status == 403 and living(office, family).id == old.id
    done = typed(visit, wrong, "7391")
    assert done.location == making and living(office, family).id != old.id
    assert "本人（按了数字密码）" in visit.get(making).text


def test_without_a_pin_there_is_nothing_to_turn(office, family):
    visit, making = ask(office, family)
    assert f"{making}/turned" not in visit.get(making).text


@pytest.mark.parametrize(("button", "is_stopped"), [("own", False), ("stop", True)])
def test_the_holder_reads_at_the_next_sign_in_who_made_it(office, family, button, is_stopped):
    _, making = ask(office, family)
    second = office.enter("coordinator")
    second.press(second.get(making), "do", "give")
    office.do(make_user, office.town, family.person_ids[0])
    mine = Visit(office.app)
    page = mine.get("/sign-in/name?next=/me/take")
    form = next(one for one in page.forms if one.action.startswith("/sign-in/name"))
    told = {"login_name": f"user-{family.person_ids[0]}", "password": "paper lantern"}
    kept = [field for field in form.fields if field[0] not in told]
    led = mine.send(form, [*kept, *told.items()])
    assert led.location.startswith("/me/card/made")
    told = mine.follow(led)
    assert "柜台给您办了一张新卡" in told.text
    answer = mine.press(told, "do", button)
    assert answer.location == ("/me/card" if is_stopped else "/me/take")
    assert (living(office, family) is None) == is_stopped
    if not is_stopped:
        assert mine.get("/me/card/made").location == "/me/"
