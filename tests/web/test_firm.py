"""Who speaks for a firm begins with a slip, reads its statement, and sees nothing else."""

import re

import pytest

from tests.factories import people as make
from tests.factories.office import Visit
from tests.factories.people import PASSWORD
from timebank.deeds.deed import Deed
from timebank.goods.actions import receive_deposit
from timebank.goods.rules import NOT_ACCEPTED, JudgedLine
from timebank.people.actions import NewOrganisation, add_organisations


def two_firms(session, shop):
    """Two firms, each with a gift; the ids of firms and gifts."""
    made = []
    for name, pieces in (("示范超市", 7), ("书店", 9)):
        deed = Deed(session, shop.town.by, make.LONG_AGO, make.a_request_id())
        new = (NewOrganisation(name),)
        (firm_id,) = add_organisations(deed, organisations=new).organisation_ids
        given = receive_deposit(
            Deed(session, shop.keeper, make.LONG_AGO, make.a_request_id()),
            store_id=shop.store_id, donor_organisation_id=firm_id,
            lines=(JudgedLine(shop.item("肥皂"), pieces, pieces - 1, refuse_code=NOT_ACCEPTED),),
        )  # fmt: skip
        made.append((firm_id, given.deposit_id))
    return made


@pytest.fixture
def firms(office):
    return office.do(two_firms, office.shop)


def fill(visit, path, **changed):
    form = visit.get(path).forms[-1]
    return visit.send(form, [*(f for f in form.fields if f[0] not in changed), *changed.items()])


@pytest.fixture
def speaker(office, firms):
    """Somebody who began with a slip for the first firm."""
    head = office.enter("coordinator")
    path = f"/work/firms/{firms[0][0]}/invite"
    assert path in head.get("/work/firms").text
    invited = fill(head, path, name="卢庚二", phone="13800001234").location
    slip = head.press(head.get(invited), "do", "draw")
    assert "示范超市" in slip.text
    code = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", slip.text)[0]
    visit = Visit(office.app)
    told = {"code": code, "login_name": "market", "password": PASSWORD, "again": PASSWORD}
    begun = fill(visit, "/sign-in/invited", **told)
    assert visit.follow(begun).location == "/me/firm"
    return visit


def test_the_statement_shows_the_gifts_of_the_own_firm(speaker, firms):
    page = speaker.get("/me/firm")
    assert page.status == 200 and "示范超市" in page.text and "书店" not in page.text
    assert "退回" in page.text and "在货架上" in page.text
    gift = speaker.get(f"/me/firm/{firms[0][1]}")
    assert gift.status == 200 and "物品去了哪里" in gift.text


def test_another_firm_is_not_found(speaker, firms):
    (_, _), (other_id, gift_id) = firms
    assert speaker.get(f"/me/firm?firm={other_id}").status == 404
    assert speaker.get(f"/me/firm/{gift_id}").status == 404
    assert speaker.get(f"/me/deposit/{gift_id}").status == 404


@pytest.mark.parametrize(
    "path", ["/work", "/work/people", "/work/staff", "/work/firms", "/store", "/work/who-may"]
)
def test_nothing_else_opens(speaker, path):
    assert speaker.get(path).status == 403


def test_who_speaks_for_no_firm_finds_no_statement(office, firms):
    visit = office.enter("resident")
    assert visit.get("/me/firm").status == 404
    assert visit.get(f"/me/firm/{firms[0][1]}").status == 404
    assert "/me/firm" not in visit.get("/me/deposit").text


def test_who_is_ended_is_outside_at_once(office, speaker):
    head = office.enter("coordinator")
    page = head.get("/work/firms")
    assert "卢庚二" in page.text
    named = re.search(r'name="end" value="([0-9]+)"', page.text)[1]
    assert head.press(page, "end", named).status == 303
    assert speaker.get("/me/firm").status == 303
    assert "卢庚二" not in head.get("/work/firms").text
