"""A switch of language or size takes a half-filled form along; a stale one comes back filled."""

import re

import pytest

from tests.factories.goods import make_stock
from tests.factories.people import PASSWORD
from tests.web.test_drafts import STALE, drafts, five_lines, received


@pytest.mark.parametrize(
    ("switch", "sign"),
    [("language:en", 'lang="en"'), ("text:largest", 'data-text="largest"'),
     ("contrast:high", 'data-contrast="high"')],
)  # fmt: skip
def test_a_switch_takes_the_form_along(office, switch, sign):
    visit = office.enter("keeper")
    page = five_lines(office, visit)
    form = page.form_with(("check", "1"))
    fields = [(n, "7" if n == "lines-2-brought" else v) for n, v in form.fields]
    turned = visit.send(form, [*fields, ("switch-to", switch)])
    assert turned.status == 200 and sign in turned.text
    assert turned.value("lines-2-brought") == "7"
    assert len(re.findall(r'name="lines-\d-brought"', turned.text)) == 5
    assert sign in visit.get("/store").text
    assert not received(office) and not drafts(office)


def test_the_switches_belong_to_the_form_of_the_page(office):
    page = five_lines(office, office.enter("keeper"))
    button = re.search(r'<button class="tool"[^>]*value="language:en"', page.text)[0]
    assert 'form="typed"' in button and 'formmethod="post"' in button
    address = f'formaction="/store/intake?store={office.shop.store_id}"'
    assert address in button and page.text.count('id="typed"') == 1


@pytest.mark.parametrize("switch", ["language:xx", "text:", "colour:red", "", "language:en:zh"])
def test_an_unknown_switch_changes_nothing_and_does_nothing(office, switch):
    visit = office.enter("keeper")
    page = five_lines(office, visit)
    form = page.form_with(("check", "1"))
    turned = visit.send(form, [*form.fields, ("receive", "1"), ("switch-to", switch)])
    assert turned.status == 200 and 'lang="zh-Hans"' in turned.text
    assert "lines-4-brought" in turned.text and not received(office)


def test_a_switch_does_not_do_what_a_button_would(village):
    visit = village.visit("volunteer")
    page = visit.get("/me/services")
    form = page.form_with(("do", "begin"))
    told = [("do", "begin"), ("switch-to", "language:en")]
    turned = visit.send(form, [*form.fields, *told])
    assert turned.status == 200 and 'lang="en"' in turned.text
    assert visit.get("/me/services").has_button("do", "begin")


def test_a_stale_form_comes_back_with_its_input(office):
    visit = office.enter("keeper")
    page = five_lines(office, visit)
    form = page.form_with(("check", "1"))
    fields = [(n, "7" if n == "lines-2-brought" else v) for n, v in form.fields]
    fields = [(n, "forged" if n == "csrf_token" else v) for n, v in fields]
    again = visit.send(form, [*fields, ("receive", "1")])
    assert again.status == 400 and STALE in again.text
    assert again.value("lines-2-brought") == "7" and not received(office)
    assert again.value("csrf_token") != "forged"


def test_without_a_sign_in_a_stale_form_comes_back_too(office):
    visit = office.enter("keeper")
    other = type(visit)(office.app)
    page = other.get("/sign-in/name")
    form = next(one for one in page.forms if one.action.startswith("/sign-in/name"))
    told = {"csrf_token": "forged", "login_name": "user-17", "password": PASSWORD}
    again = other.send(form, list(told.items()))
    assert again.status == 400 and STALE in again.text
    assert again.value("login_name") == "user-17" and PASSWORD not in again.text


FORMS = (
    ("claimant", "/me/take"), ("volunteer", "/me/services"), ("donor", "/me/deposit/announce"),
    ("keeper", "/store/intake"), ("keeper", "/store/counter"), ("keeper", "/store/opening"),
    ("coordinator", "/work/records/new"), ("coordinator", "/work"),
    ("coordinator", "/work/people/{person}/sealed"),
)  # fmt: skip


def typed_form(page):
    """The form that the switches belong to, and its fields that people type into."""
    start = page.text.index('id="typed"')
    part = page.text[start : page.text.index("</form>", start)]
    lines = re.findall(r"<input [^>]*>|<textarea [^>]*>", part)
    lines = [one for one in lines if not re.search(r'type="(hidden|radio|checkbox|file)"', one)]
    return re.findall(r'name="([^"]+)"', " ".join(lines))


@pytest.mark.parametrize(("who", "path"), FORMS)
def test_every_typed_field_survives_a_switch(village, who, path):
    person = village.sample.people["claimant"].person_id
    visit = village.visit(who)
    page = visit.get(path.format(person=person))
    names = typed_form(page)
    assert names, path
    form = next(one for one in page.forms if names[0] in dict(one.fields))
    told = {name: f"7{number}" for number, name in enumerate(names)}
    fields = [pair for pair in form.fields if pair[0] not in told]
    turned = visit.send(form, [*fields, *told.items(), ("switch-to", "language:en")])
    assert turned.status == 200 and 'lang="en"' in turned.text
    for name, value in told.items():
        if name not in ("scan", "pickup_code"):
            assert turned.value(name) == value, name


@pytest.fixture
def counting(office):
    """A keeper who begins to count; the field of the towels."""
    office.do(make_stock, office.shop, "毛巾", 9, now=office.database.clock())
    visit = office.enter("keeper")
    page = visit.follow(visit.press(visit.get("/store/day"), "open"))
    return visit, page, f"n-{office.shop.item('毛巾')}"


def changed(page, told):
    """The form with a count, and its fields with some changed."""
    form = page.form_with(("check", "1"))
    return form, [(name, told.get(name, value)) for name, value in form.fields]


def test_a_count_survives_a_switch(counting):
    visit, page, name = counting
    form, fields = changed(page, {name: "7"})
    turned = visit.send(form, [*fields, ("switch-to", "text:large")])
    assert turned.status == 200 and turned.value(name) == "7"


def test_a_second_count_comes_back_when_it_is_stale(counting):
    visit, page, name = counting
    visit.press(visit.press(page, "check", **{name.replace("-", "__"): 9}), "count")
    page = visit.get("/store/day?again=1")
    form, fields = changed(page, {name: "8", "csrf_token": "forged"})
    again = visit.send(form, [*fields, ("check", "1")])
    assert STALE in again.text and again.value(name) == "8"


@pytest.mark.parametrize("switch", ["keep", "language:en"])
def test_a_switch_sent_where_there_is_no_page_does_nothing(office, switch):
    visit, other = office.enter("keeper"), office.enter("keeper")
    page = visit.get("/me/account")
    form = next(one for one in page.forms if one.action == "/me/account/visits")
    told = [("end", "others"), ("switch-to", switch)]
    assert visit.send(form, [*form.fields, *told]).status == 404
    assert other.get("/store").status == 200
