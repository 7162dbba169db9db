"""Staff on the pages: invite, confirm, print the slip, and begin with its code."""

import re
from datetime import UTC, datetime

import pyotp
import pytest
from sqlalchemy import update

from tests.factories import people as make
from tests.factories.office import Visit
from tests.factories.people import PASSWORD
from tests.factories.sample import NOW
from timebank.deeds.deed import Deed
from timebank.people.queries import staff
from timebank.people.tables import staff_role
from timebank.policy.actions import set_parameter
from timebank.values import Role


@pytest.fixture
def person_id(office):
    return office.do(make.make_person, office.town, "钟丁七")


@pytest.fixture
def second(office):
    office.staff["second"] = office.do(make.staff, office.town, Role("coordinator"))
    return office.enter("second")


def invite(office, person_id, role="grid_worker", **changed):
    """The coordinator invites; return their browser and the address of the invitation."""
    head, path = office.enter("coordinator"), f"/work/people/{person_id}/invite"
    page = head.get(path)
    form = next(one for one in page.forms if ("role", "") in one.fields)
    told = {"role": role, **changed}
    answer = head.send(form, [*(f for f in form.fields if f[0] not in told), *told.items()])
    assert answer.status == 303, answer.text
    return head, answer.location


def code_on(page):
    return re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", page.text)[0]


def begin(office, code, **changed):
    """The invited person fills in the open page."""
    visit = Visit(office.app)
    form = next(one for one in visit.get("/sign-in/invited").forms if ("code", "") in one.fields)
    told = {"code": code, "login_name": "newcomer", "password": PASSWORD, "again": PASSWORD}
    told |= changed
    answer = visit.send(form, [*(f for f in form.fields if f[0] not in told), *told.items()])
    return visit, answer


def test_an_invited_person_begins_with_the_slip(office, person_id):
    head, path = invite(office, person_id)
    assert path in head.get("/work/staff").text
    slip = head.press(head.get(path), "do", "draw")
    code = code_on(slip)
    assert slip.status == 200 and "qr-code" in slip.text
    assert code not in head.get(path).text and code not in head.get("/work/staff").text
    visit, answer = begin(office, code)
    assert answer.status == 303
    assert visit.get("/work").status == 200
    listed = head.get("/work/staff").text
    assert "newcomer" in listed and path not in listed
    _, again = begin(office, code, login_name="another")
    assert again.status == 403 and "对着最新的那张邀请单" in again.text
    assert PASSWORD not in again.text


def test_the_code_is_never_part_of_an_address(office, person_id):
    head, path = invite(office, person_id)
    form = head.get(path).form_with(("do", "draw"))
    answer = head.client.post(path, data=dict([*form.fields, ("do", "draw")]))
    text = answer.get_data(as_text=True)
    code = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", text)[0]
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(rf'(?:href|src|action)="[^"]*{code}', text)
    assert "data-fragment" in Visit(office.app).get("/sign-in/invited").text


def test_a_cashier_waits_for_the_second_coordinator(office, person_id, second):
    head, path = invite(office, person_id, role="cashier")
    page = head.get(path)
    assert not page.has_button("do", "draw") and not page.has_button("do", "confirm")
    assert second.press(second.get(path), "do", "confirm").status == 303
    code = code_on(head.press(head.get(path), "do", "draw"))
    visit, answer = begin(office, code)
    assert answer.status == 303 and visit.get("/work").status == 200


def ask_of_cashiers(session, by):
    """Let cashiers sign in by two steps."""
    set_parameter(
        Deed(session, by, NOW, "second-factor"), key="people.second_factor_roles",
        value=["cashier"], valid_from_on=NOW.date(), source="a meeting of the residents",
    )  # fmt: skip


def test_the_second_factor_is_set_up_before_the_first_page(office, person_id, second):
    office.do(ask_of_cashiers, office.town.by)
    head, path = invite(office, person_id, role="cashier")
    second.press(second.get(path), "do", "confirm")
    code = code_on(head.press(head.get(path), "do", "draw"))
    visit, answer = begin(office, code)
    assert (answer.status, answer.location) == (303, "/sign-in/set-up")
    assert visit.get("/work").status == 303, "no page opens before it is set up"
    page = visit.get("/sign-in/set-up")
    assert visit.send(page.forms[-1], page.forms[-1].fields).status == 303
    page = visit.get("/sign-in/set-up")
    secret = re.search(r"<figcaption>([A-Z2-7 ]{39})</figcaption>", page.text)[1].replace(" ", "")
    typed = pyotp.TOTP(secret).at(office.database.clock())
    form = next(one for one in page.forms if ("code", "") in one.fields)
    others = [field for field in form.fields if field[0] != "code"]
    assert visit.send(form, [*others, ("code", typed)]).status == 200
    assert visit.get("/work").status == 200


def test_a_withdrawn_slip_opens_nothing(office, person_id):
    head, path = invite(office, person_id)
    code = code_on(head.press(head.get(path), "do", "draw"))
    assert head.press(head.get(path), "do", "withdraw").status == 303
    assert begin(office, code)[1].status == 403
    assert "这份邀请已经结束" in head.get(path).text


def test_what_is_wrong_is_said_beside_the_field(office, person_id):
    assert "邀请码是 10 位" in begin(office, "123456")[1].text
    assert "两次输入的不一样" in begin(office, "00000-00000", again="x")[1].text
    head = office.enter("coordinator")
    page = head.get("/work/staff/invite")
    form = next(one for one in page.forms if ("role", "") in one.fields)
    assert head.send(form, form.fields).status == 422


def test_an_approver_confirms_and_neither_invites_nor_prints(office, person_id):
    head, path = invite(office, person_id, "cashier")
    assert "这个岗位要两个人定" in head.get(path).text
    approver = office.enter("approver")
    listed = approver.get("/work/staff").text
    assert path in listed and "/work/staff/invite" not in listed
    page = approver.get(path)
    assert "收回这份邀请" not in page.text
    assert approver.press(page, "do", "confirm").status == 303
    for do in ("draw", "withdraw"):
        form = approver.get(path).forms[-1]
        assert approver.send(form, [*form.fields, ("do", do)]).status == 403
    assert code_on(head.press(head.get(path), "do", "draw"))


def test_a_coordinator_who_is_alone_is_shown_what_it_takes(office):
    head = office.enter("coordinator")
    assert "现在没有第二个人能同意" not in head.get("/work/staff").text
    office.do(end_roles_of, "approver")
    assert "现在没有第二个人能同意" in head.get("/work/staff").text


def end_roles_of(session, role):
    for member in staff(session, 1):
        if member.role == role:
            session.execute(
                update(staff_role)
                .where(staff_role.c.id == member.role_id)
                .values(ended_at=datetime(2025, 6, 1, tzinfo=UTC))
            )


def test_the_last_day_of_a_role_is_shown(office, person_id):
    head, path = invite(office, person_id, last_on="2099-05-01")
    assert "做到 2099年5月1日为止" in head.get(path).text
