"""Nothing typed is lost: a visit that ended, a switch of language or size, a stale form."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from tests.factories.looks import deposits_received
from tests.factories.office import Form
from tests.factories.people import PASSWORD
from tests.factories.sample import PASSWORD as VILLAGE_PASSWORD
from timebank.people.queries.drafts import DRAFT_COLUMN
from timebank.people.tables import form_draft
from web.forms import PlainForm
from web.redrawing import redraw, secret_names

AWAY = timedelta(minutes=16)
KEPT, STALE = "您上次填的还在", "还没有记下"


def drafts(office):
    with office.database.reading() as session:
        vault = session.info["vault"]
        found = session.scalars(select(form_draft.c.typed_sealed)).all()
        return [vault.open(one, DRAFT_COLUMN) for one in found]


def five_lines(office, visit):
    """A list of five lines, half filled in."""
    page = visit.get(f"/store/intake?store={office.shop.store_id}")
    for name in ("毛巾", "牙膏", "肥皂", "大米", "食用油"):
        form = page.form_with(("check", "1"))
        fields = [pair for pair in form.fields if pair[0] != "add_item"]
        told = [("add_item", str(office.shop.item(name))), ("add", "1")]
        page = visit.send(form, [*fields, *told])
    return page


def sign_in_again(office, visit, led, name="keeper"):
    """Follow the way to the sign-in, and back."""
    asked = urlsplit(led.location).query
    page = visit.get(f"/sign-in/name?{asked}")
    form = next(one for one in page.forms if one.action.startswith("/sign-in/name"))
    told = {"login_name": f"user-{office.staff[name].person_id}", "password": PASSWORD}
    fields = [pair for pair in form.fields if pair[0] not in told]
    return visit.follow(visit.send(form, [*fields, *told.items()]))


def an_ended_intake(office, clock):
    visit = office.enter("keeper")
    page = five_lines(office, visit)
    clock.now += AWAY
    led = visit.press(page, "check", lines__2__brought="7", lines__1__refuse_note="盖子开了")
    return visit, led


def test_an_intake_of_five_lines_outlives_its_visit(office, clock):
    visit, led = an_ended_intake(office, clock)
    assert led.status == 303 and "kept=1" in led.location
    assert "您填的都留着" in visit.follow(led).text
    page = sign_in_again(office, visit, led)
    assert page.status == 200 and KEPT in page.text
    assert page.value("lines-2-brought") == "7" and page.value("lines-1-refuse_note") == "盖子开了"
    assert len(re.findall(r'name="lines-\d-brought"', page.text)) == 5
    assert not received(office)
    told = {"lines__3__best_before_on": "2025-12-30", "lines__4__best_before_on": "2025-12-30"}
    told |= {"lines__1__refuse_note": ""} | {f"lines__{n}__looked": "met" for n in range(5)}
    check = visit.press(page, "check", **told)
    visit.follow(visit.press(check, "receive"))
    (found,) = received(office)
    assert found.accepted == 11 and not drafts(office)
    assert KEPT not in visit.get(page.path).text


def received(office):
    with office.database.reading() as session:
        return deposits_received(session, office.town.community_id)


def test_another_tab_that_learned_first_loses_nothing(office, clock):
    visit = office.enter("keeper")
    page = five_lines(office, visit)
    clock.now += AWAY
    assert visit.get("/store").status == 303
    led = visit.press(page, "check", lines__2__brought="7")
    assert "kept=1" in led.location
    assert sign_in_again(office, visit, led).value("lines-2-brought") == "7"


def test_a_draft_waits_on_another_device(office, clock):
    an_ended_intake(office, clock)
    page = office.enter("keeper").get(f"/store/intake?store={office.shop.store_id}")
    assert KEPT in page.text and page.value("lines-2-brought") == "7"


def test_another_person_at_the_same_browser_sees_nothing_of_it(office, clock):
    visit, led = an_ended_intake(office, clock)
    page = sign_in_again(office, visit, led, "coordinator")
    assert KEPT not in page.text and "盖子开了" not in page.text
    assert drafts(office)


def test_who_signed_out_on_purpose_leaves_nothing(office):
    visit = office.enter("keeper")
    page = five_lines(office, visit)
    form = next(one for one in page.forms if one.action == "/sign-out")
    visit.send(form, form.fields)
    led = visit.press(page, "check", lines__2__brought="7")
    assert led.status in (303, 400) and not drafts(office)


def test_a_draft_can_be_thrown_away(office, clock):
    visit, led = an_ended_intake(office, clock)
    page = sign_in_again(office, visit, led)
    form = next(one for one in page.forms if one.action == "/me/draft/drop")
    fresh = visit.follow(visit.send(form, form.fields))
    assert KEPT not in fresh.text and "lines-0-brought" not in fresh.text
    assert not drafts(office)


def test_a_draft_that_its_page_refuses_does_not_lock_the_page(office, clock):
    visit = office.enter("keeper")
    page = visit.get(f"/store/counter?store={office.shop.store_id}")
    form = page.form_with(("find", "person"))
    clock.now += AWAY
    led = visit.send(form, [*form.fields, ("person-person_id", "99")])
    page = sign_in_again(office, visit, led)
    assert page.status == 303 and not drafts(office)
    fresh = visit.follow(page)
    assert fresh.status == 200 and "已经用不上了" in fresh.text


def test_a_form_of_a_visit_of_long_ago_is_not_kept(office, clock):
    visit, _led = an_ended_intake(office, clock)
    clock.now += timedelta(days=2)
    page = office.enter("keeper").get(f"/store/counter?store={office.shop.store_id}")
    assert page.status == 200
    form = page.form_with(("find", "person"))
    before = drafts(office)
    assert visit.send(form, form.fields).status in (303, 400)
    assert drafts(office) == before


def test_a_form_of_another_site_is_not_kept(office, clock):
    visit = office.enter("keeper")
    page = five_lines(office, visit)
    clock.now += AWAY
    form = page.form_with(("check", "1"))
    headers = {"Sec-Fetch-Site": "same-site"}
    visit.client.post(form.action, data=dict(form.fields), headers=headers)
    assert not drafts(office)


def test_secrets_are_never_kept(office, clock):
    visit = office.enter("keeper")
    page = visit.get(f"/store/issue?store={office.shop.store_id}")
    clock.now += AWAY
    form = page.forms[-1]
    told = [("scan", "483920"), ("pin", "2580"), ("person-text", "GZT1:abc"), ("other", "kept")]
    visit.send(form, [*form.fields, *told])
    (kept,) = drafts(office)
    assert "kept" in kept
    for secret in ("483920", "2580", "GZT1", "csrf_token"):
        assert secret not in kept


@pytest.mark.parametrize(
    "name",
    ["password", "pin", "old", "secret", "code", "card", "scan", "pickup_code", "picture",
     "text"],
)  # fmt: skip
def test_a_field_that_may_hold_a_secret_is_known(office, name):
    assert name in secret_names()


def test_what_is_work_and_no_secret_is_kept(office):
    kept = {"reason", "note", "described", "brought", "household_no", "document_no", "why", "place"}
    assert not kept & secret_names()


def test_a_page_of_ones_own_secrets_keeps_nothing(office, clock):
    visit = office.enter("keeper")
    page = visit.get("/me/account/password")
    clock.now += AWAY
    form = next(one for one in page.forms if "password" in dict(one.fields))
    told = {"old": PASSWORD, "password": "new lantern", "again": "new lantern"}
    visit.send(form, [*[f for f in form.fields if f[0] not in told], *told.items()])
    assert not drafts(office)


def test_a_page_that_is_about_to_end_keeps_its_form_without_a_touch(office, clock):
    visit = office.enter("keeper")
    page = five_lines(office, visit)
    form = page.form_with(("check", "1"))
    clock.now += timedelta(minutes=14, seconds=45)
    kept = visit.send(form, [*form.fields, ("switch-to", "keep")])
    assert kept.status == 204 and len(drafts(office)) == 1
    clock.now += timedelta(seconds=16)
    assert visit.get("/store").status == 303  # It was no sign of life.
    page = office.enter("keeper").get(form.action)
    assert KEPT in page.text


def stay(visit, page):
    """Touch the button of the page that is about to end, as its script does."""
    token = re.search(r'data-token="([^"]+)"', page.text)[1]
    address = re.search(r'data-go="([^"]+)"', page.text)[1]
    return visit.send(Form(address), [("csrf_token", token)])


@pytest.mark.parametrize(("name", "minutes"), [("keeper", 15), ("resident", 30)])
def test_one_touch_goes_on(office, clock, name, minutes):
    visit = office.enter(name)
    page = visit.get("/me/account")
    assert f'data-stay="{minutes * 60}"' in page.text
    clock.now += timedelta(minutes=minutes, seconds=-60)
    assert f'"seconds":{minutes * 60}' in stay(visit, page).text.replace(" ", "")
    clock.now += timedelta(minutes=minutes, seconds=-60)
    assert visit.get("/me/account").status == 200


def test_the_last_minutes_of_a_long_visit_cannot_be_longer(office, clock):
    visit = office.enter("keeper")
    page = visit.get("/store")
    for _ in range(59):
        clock.now += timedelta(minutes=12)
        assert stay(visit, page).status == 200
    clock.now += timedelta(minutes=10)
    assert '"seconds":120' in stay(visit, page).text.replace(" ", "")


def test_a_passer_by_is_not_asked_whether_they_stay(office):
    assert "data-stay" not in office.app.test_client().get("/").get_data(as_text=True)


def test_a_form_is_complete_unless_it_is_only_drawn(office):
    with office.app.test_request_context("/store", method="POST"):
        office.app.config["WTF_CSRF_ENABLED"] = False
        assert PlainForm().validate()
        redraw((), why="")
        assert not PlainForm().validate()
    office.app.config["WTF_CSRF_ENABLED"] = True


def test_a_page_without_a_draft_asks_the_database_nothing_more(office, clock):
    visit = office.enter("keeper")
    with office.statements() as sent:
        visit.get("/store")
    assert not [one for one in sent if "form_draft" in one]


def test_the_address_after_the_sign_in_is_the_page_of_the_form(office, clock):
    _visit, led = an_ended_intake(office, clock)
    onward = parse_qs(urlsplit(led.location).query)["next"][0]
    assert onward == f"/store/intake?store={office.shop.store_id}"


def test_a_form_that_waits_for_a_proof_is_kept(village):
    visit = village.visit("coordinator")
    person = village.sample.people["claimant"].person_id
    page = visit.get(f"/work/people/{person}/card")
    form = page.form_with(("do", "issue"))
    for _ in range(3):
        village.clock.move(minutes=10)
        visit.get("/work")
    led = visit.send(form, [*form.fields, ("large_text", "y"), ("do", "issue")])
    assert led.location.startswith("/me/account/prove")
    page = visit.follow(led)
    proof = next(one for one in page.forms if "secret" in dict(one.fields))
    fields = [pair for pair in proof.fields if pair[0] != "secret"]
    back = visit.follow(visit.send(proof, [*fields, ("secret", VILLAGE_PASSWORD)]))
    assert KEPT in back.text and ("large_text", "y") in back.form_with(("do", "issue")).fields


def test_a_fault_of_ours_loses_nothing(office, monkeypatch):
    visit = office.enter("keeper")
    page = five_lines(office, visit)
    shop = office.app.view_functions["store.intake"]

    def fail():
        raise RuntimeError("a planted fault")

    monkeypatch.setitem(office.app.view_functions, "store.intake", fail)
    form = page.form_with(("check", "1"))
    assert visit.send(form, form.fields).status == 500
    assert visit.get(form.action).status == 500
    monkeypatch.setitem(office.app.view_functions, "store.intake", shop)
    assert visit.get(form.action).status == 200 and drafts(office)  # It does not lock the page.
    page = office.enter("keeper").get(form.action)
    assert KEPT in page.text and "lines-4-brought" in page.text


def test_a_button_alone_is_no_draft(office, clock):
    visit = office.enter("keeper")
    page = visit.get("/store/day")
    clock.now += AWAY
    assert visit.press(page, "open").status == 303
    assert not drafts(office)


def test_a_search_is_no_draft(office, clock):
    visit = office.enter("coordinator")
    page = visit.get("/work/people")
    clock.now += AWAY
    form = next(one for one in page.forms if one.action == "/work/people")
    visit.send(form, [*form.fields, ("q", "李丙")])
    assert not drafts(office)
