"""One member of staff on the pages: a role by two, the end of one, a closed sign-in."""

import pytest

from tests.factories import people as make
from tests.factories.office import Visit
from tests.factories.people import PASSWORD
from timebank.people.queries import by_of_user, staff
from timebank.values import Role


@pytest.fixture
def keeper(office):
    office.staff["gao"] = office.do(make.staff, office.town, Role("keeper"))
    return office.staff["gao"]


@pytest.fixture
def second(office):
    office.staff["second"] = office.do(make.staff, office.town, Role("coordinator"))
    return office.enter("second")


def fill(visit, path, **changed):
    """Send the form of a page with some fields changed."""
    form = visit.get(path).forms[-1]
    return visit.send(form, [*(f for f in form.fields if f[0] not in changed), *changed.items()])


def roles_of(office, by):
    with office.database.reading() as session:
        found = by_of_user(session, 1, by.user_id, now=office.database.clock())
    return None if found is None else {role.name for role in found.roles}


def role_id(office, by, name):
    with office.database.reading() as session:
        held = staff(session, 1, user_id=by.user_id, now=office.database.clock())
    return next(one.role_id for one in held if one.role == name)


def test_the_list_leads_to_each_member_and_says_how_they_sign_in(office, keeper):
    office.enter("gao")
    head = office.enter("coordinator")
    page = head.get("/work/staff")
    assert f"/work/staff/{keeper.user_id}" in page.text
    assert "上次登录" in page.text and "三个月里没有登录过" in page.text
    shown = head.get(f"/work/staff/{keeper.user_id}").text
    assert "上次登录" in shown and "登录只要密码" in shown and "店员" in shown


def test_a_light_role_is_given_at_once(office, keeper):
    head, path = office.enter("coordinator"), f"/work/staff/{keeper.user_id}/role"
    answer = fill(head, path, role="hotline", last_on="2031-01-31")
    assert answer.status == 303 and roles_of(office, keeper) == {"keeper", "hotline"}
    assert "做到" in head.get(f"/work/staff/{keeper.user_id}").text
    again = fill(head, path, role="hotline")
    assert again.status == 422 and "已经有这个岗位" in again.text


def test_a_role_of_weight_is_on_the_worklist_of_the_second_person(office, keeper, second):
    head = office.enter("coordinator")
    offered = fill(head, f"/work/staff/{keeper.user_id}/role", role="cashier").location
    assert roles_of(office, keeper) == {"keeper"}
    assert not head.get(offered).has_button("do", "confirm")
    assert not head.get(offered).has_button("do", "draw"), "who signs in already needs no slip"
    listed = "同意岗位"
    assert listed not in head.get("/work?kind=invitation").text
    page = second.get("/work?kind=invitation")
    assert listed in page.text and offered in page.text
    assert second.press(second.get(offered), "do", "confirm").status == 303
    assert roles_of(office, keeper) == {"keeper", "cashier"}
    assert offered not in second.get("/work?kind=invitation").text


def test_somebody_who_signs_in_already_is_led_past_the_slip(office, keeper):
    head = office.enter("coordinator")
    led = head.get(f"/work/people/{keeper.person_id}/invite")
    assert (led.status, led.location) == (303, f"/work/staff/{keeper.user_id}/role")


def test_a_role_ends_now_or_on_a_day(office, keeper):
    head = office.enter("coordinator")
    path = f"/work/staff/roles/{role_id(office, keeper, 'keeper')}/end"
    assert path in head.get(f"/work/staff/{keeper.user_id}").text
    past = fill(head, path, last_on="2020-01-01")
    assert past.status == 422 and roles_of(office, keeper) == {"keeper"}
    assert fill(head, path, last_on="2031-01-31").status == 303
    assert "2031" in head.get(f"/work/staff/{keeper.user_id}").text
    assert fill(head, path).status == 303
    assert roles_of(office, keeper) == set()
    assert head.get(path).status == 404


def test_who_leaves_is_outside_with_the_next_page(office, keeper):
    inside = office.enter("gao")
    assert inside.get("/me/account").status == 200
    head = office.enter("coordinator")
    page = head.get(f"/work/staff/{keeper.user_id}")
    assert head.press(page, "do", "close").status == 303
    assert inside.get("/me/account").status == 303
    assert roles_of(office, keeper) is None
    assert f"/work/staff/{keeper.user_id}" not in head.get("/work/staff").text
    assert "这个账号已经关了" in head.get(f"/work/staff/{keeper.user_id}").text


def test_the_last_ones_stay_and_the_page_says_why(office):
    head = office.enter("coordinator")
    approver = office.staff["approver"]
    path = f"/work/staff/roles/{role_id(office, approver, 'approver')}/end"
    answer = fill(head, path)
    assert answer.status == 409 and "就凑不齐了" in answer.text
    page = head.get(f"/work/staff/{approver.user_id}")
    assert head.press(page, "do", "close").status == 409


def test_ones_own_page_offers_nothing(office):
    head, by = office.enter("coordinator"), office.staff["coordinator"]
    page = head.get(f"/work/staff/{by.user_id}")
    assert "这是您自己" in page.text and not page.has_button("do", "close")
    assert "/role" not in page.text and "/end" not in page.text


def test_an_approver_reads_and_changes_nothing(office, keeper):
    approver, path = office.enter("approver"), f"/work/staff/{keeper.user_id}"
    page = approver.get(path)
    assert page.status == 200 and not page.has_button("do", "close")
    form = next(one for one in approver.get("/work/staff").forms if one.fields)
    sent = approver.client.post(path, data=dict([*form.fields, ("do", "close")]))
    assert sent.status_code == 403 and roles_of(office, keeper) == {"keeper"}


def test_a_forgotten_password_takes_two_and_the_holder_reads_who(office, keeper):
    head, approver = office.enter("coordinator"), office.enter("approver")
    path = f"/work/people/{keeper.person_id}/password"
    assert path in head.get(f"/work/staff/{keeper.user_id}").text
    assert head.press(head.get(path), "do", "ask").status == 303
    assert "已经提出，等另一位同事" in head.get(path).text
    assert "重设登录密码" not in head.get("/work?kind=password_reset").text
    page = approver.get("/work?kind=password_reset")
    turned = next(part for part in page.text.split('"') if part.startswith("/work/password-resets"))
    new = "nine paper boats"
    assert fill(approver, turned, password=new, again="other boats").status == 422
    done = fill(approver, turned, password=new, again=new)
    assert done.status == 303
    with office.database.reading() as session:
        login = next(one.login_name for one in staff(session, 1) if one.user_id == keeper.user_id)
    visit = Visit(office.app)
    assert fill(visit, "/sign-in/name", login_name=login, password=PASSWORD).status == 403
    told = fill(visit, "/sign-in/name", login_name=login, password=new)
    assert told.status == 303 and told.location.startswith("/me/account/password-reset")
    page = visit.get(told.location)
    assert "您的登录密码在柜台换过" in page.text
    assert visit.press(page, "do", "own").status == 303
    assert visit.get(told.location).status == 303, "it is shown once"


def test_a_password_that_somebody_else_set_is_stopped(office, keeper):
    head, approver = office.enter("coordinator"), office.enter("approver")
    path = f"/work/people/{keeper.person_id}/password"
    head.press(head.get(path), "do", "ask")
    page = approver.get("/work?kind=password_reset")
    turned = next(part for part in page.text.split('"') if part.startswith("/work/password-resets"))
    new = "nine paper boats"
    fill(approver, turned, password=new, again=new)
    with office.database.reading() as session:
        login = next(one.login_name for one in staff(session, 1) if one.user_id == keeper.user_id)
    visit = Visit(office.app)
    told = fill(visit, "/sign-in/name", login_name=login, password=new)
    stopped = visit.press(visit.get(told.location), "do", "stop")
    assert stopped.status == 303 and visit.get("/me/account").status == 303
    assert fill(Visit(office.app), "/sign-in/name", login_name=login, password=new).status == 403


def test_a_resident_without_a_name_needs_no_password(office):
    person_id = office.do(make.make_person, office.town, "钟丁七")
    page = office.enter("coordinator").get(f"/work/people/{person_id}/password")
    assert "没有用户名" in page.text and not page.has_button("do", "ask")


def test_a_firm_is_registered_on_a_page_and_twice_is_refused(office):
    worker = office.enter("social_worker")
    page = worker.get("/work/firms/new")
    form = next(one for one in page.forms if one.action.startswith("/work/firms/new"))
    told = {"name": "惠民粮油店", "kind": "firm", "trade": "粮油"}
    kept = [pair for pair in form.fields if pair[0] not in told]
    assert worker.send(form, [*kept, *told.items()]).status == 303
    again = worker.get("/work/firms/new")
    form = next(one for one in again.forms if one.action.startswith("/work/firms/new"))
    kept = [pair for pair in form.fields if pair[0] not in told]
    refused = worker.send(form, [*kept, *told.items()])
    assert refused.status == 422 and 'id="name-error"' in refused.text
