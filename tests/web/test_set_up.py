"""The set-up pages: every page of an empty database leads there, and nowhere once it is founded."""

import re

import pytest

from tests.factories.empty import browser
from tests.factories.people import PASSWORD
from tests.founding.test_set_up import STEPS, count
from timebank.founding import set_up

TYPED = {
    "community": {
        "name_zh": "柳园社区", "street": "车站街道", "division_code": "４４０１０６",
        "contact_name": "陈甲一", "contact_phone": "１００２０００００１０",
        "name_en": "", "code": "",
    },
    "places": {"buildings": "１２", "grids": "２", "listed": ""},
    "rules": {"preset": "demo"},
    "shop": {
        "name": "柳园公益店", "address": "3栋一楼", "phone": "１００２０００００１１",
        "hours": "０９：００－１２：００", "closed_weekdays": ["sun"],
        "closed_days": "2099-02-06 春节",
        "items": ["大米 5kg", "食盐"], "own_items": "绿豆 1kg，袋，食品，８．５０，３６５",
        "services": ["companion"], "own_services": "代写书信，便民利民服务",
        "has_point": "y", "point_name": "北门接收点", "point_address": "小区北门",
    },
    "people": {"first_name": "陈甲一", "second_name": "林乙二", "second_role": "approver"},
}  # fmt: skip


def walk(client):
    for step, typed in TYPED.items():
        answer = client.post(f"/set-up/{step}", data=typed)
        assert answer.status_code == 303, (step, answer.text)
    return answer


@pytest.mark.parametrize("path", ["/", "/shelf", "/sign-in", "/help", "/me", "/work", "/no-such"])
@pytest.mark.parametrize("config", [{}, {"COMMUNITY_CODE": "ours"}])
def test_every_page_of_an_empty_database_leads_to_the_set_up(empty, path, config):
    answer = browser(empty, **config).get(path)
    assert (answer.status_code, answer.location) == (303, "/set-up")


def test_the_set_up_asks_for_the_code_first(empty):
    client = browser(empty)
    assert "开通码" in client.get("/set-up").text
    for step in (*STEPS, "last", "done"):
        answer = client.get(f"/set-up/{step}")
        assert (answer.status_code, answer.location) == (303, "/set-up"), step
        assert client.post(f"/set-up/{step}", data=TYPED.get(step)).status_code in (303, 405)
    assert count(empty) == 0


def test_a_wrong_code_opens_nothing(empty):
    client = browser(empty)
    answer = client.post("/set-up", data={"code": "AAAAA-AAAAA"})
    assert (answer.status_code == 409 and "这个码不对" in answer.text) or "再输一次" in answer.text
    assert client.get("/set-up/community").location == "/set-up"


def test_the_code_stands_in_no_address_and_no_cookie(empty):
    client, code = browser(empty), set_up.make_code(empty)
    answer = client.post("/set-up", data={"code": code})
    assert answer.location == "/set-up/community"
    told = f"{answer.headers} {client.get('/set-up/community').text}"
    assert code not in told and code.replace("-", "") not in told


def test_the_walk_founds_a_community(inside, empty):
    assert walk(inside).location == "/set-up/last"
    shown = inside.get("/set-up/last").text
    for word in (
        "广东省广州市天河区车站街道",
        "liuyuan",
        "12 栋 · 2 个网格",
        "周日 休息",
        "北门接收点",
    ):
        assert word in shown, word
    assert "3 种物品 · 2 项服务" in shown
    answer = inside.post("/set-up/last")
    assert (answer.status_code, answer.location) == (303, "/set-up/done")
    done = inside.get("/set-up/done").text
    assert "林乙二" in done and re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", done)
    assert inside.get("/").status_code == 200


def test_two_presses_of_the_last_button_found_once(inside, empty):
    walk(inside)
    assert inside.post("/set-up/last").location == "/set-up/done"
    assert inside.post("/set-up/last").location == "/set-up/done"
    first, second = inside.get("/set-up/done").text, inside.get("/set-up/done").text
    assert count(empty) == 1
    slips = [re.findall(r"[0-9A-Z]{5}-[0-9A-Z]{5}", page) for page in (first, second)]
    assert slips[0] == slips[1] and len(set(slips[0])) == 2


def test_a_second_start_is_refused(inside, empty):
    walk(inside)
    inside.post("/set-up/last")
    stranger = browser(empty)
    for path in ("/set-up", "/set-up/community", "/set-up/last", "/set-up/done"):
        assert stranger.get(path).status_code == 409, path
    assert stranger.post("/set-up", data={"code": "AAAAA-AAAAA"}).status_code == 409
    assert inside.get("/set-up").status_code == 409


def test_another_browser_and_a_restarted_server_go_on_where_it_was(empty):
    code = set_up.make_code(empty)
    first = browser(empty)
    first.post("/set-up", data={"code": code})
    first.post("/set-up/community", data=TYPED["community"])
    other = browser(empty)  # A new application, as after a crash.
    set_up.make_code(empty)
    assert other.post("/set-up", data={"code": code}).location == "/set-up/places"
    assert "柳园社区" in other.get("/set-up/community").text
    assert first.get("/set-up").location == "/set-up/places"


def test_going_back_shows_what_was_saved_and_changes_it(inside, empty):
    walk(inside)
    page = inside.get("/set-up/shop").text
    for word in (
        "2099-02-06 春节",
        "绿豆 1kg，袋，食品，８．５０，３６５",
        "代写书信，便民利民服务",
    ):
        assert word in page, word
    inside.post("/set-up/places", data=TYPED["places"] | {"grids": "3"})
    assert "12 栋 · 3 个网格" in inside.get("/set-up/last").text
    listed = "东区：1栋、2栋\n西区: 甲楼"
    inside.post("/set-up/places", data={"listed": listed})
    assert "3 栋 · 2 个网格" in inside.get("/set-up/last").text
    assert "西区：甲楼" in inside.get("/set-up/places").text


def test_a_look_saves_nothing_and_shows_what_it_comes_to(inside):
    page = inside.post("/set-up/community", data=TYPED["community"] | {"do": "look"})
    assert page.status_code == 200 and "广东省广州市天河区" in page.text
    assert inside.get("/set-up/places").status_code == 200
    assert inside.get("/set-up").location == "/set-up/community"


FAULTS = [
    ("community", "division_code", "990106", "区划代码"),
    ("community", "contact_phone", "none", "电话号码"),
    ("community", "code", "柳园", "小写字母"),
    ("places", "grids", "13", "比网格还少"),
    ("places", "buildings", "一百", "整数"),
    ("places", "listed", "东区", "至少写一样"),
    ("rules", "preset", "none", "有效"),
    ("shop", "hours", "9-5", "09:00-12:00"),
    ("shop", "closed_days", "2001-02-06 春节", "已经过了"),
    ("shop", "point_address", "", "个字"),
    ("shop", "own_items", "绿豆，袋，食品，八元", "价格"),
    ("shop", "own_services", "代写书信，别的", "选项"),
    ("shop", "services", ["none"], "可选"),
    ("people", "second_name", "陈甲一", "重复"),
    ("people", "second_role", "", "选"),
]


@pytest.mark.parametrize(("step", "name", "value", "word"), FAULTS)
def test_a_fault_is_said_beside_its_field_and_saves_nothing(inside, step, name, value, word):
    for before in list(TYPED)[: list(TYPED).index(step)]:
        inside.post(f"/set-up/{before}", data=TYPED[before])
    answer = inside.post(f"/set-up/{step}", data=TYPED[step] | {name: value})
    assert answer.status_code == 422
    beside = re.findall(r'field-error"[^>]*>.*?</p>', answer.text, re.S)
    assert any(word in one for one in beside), beside
    assert inside.get("/set-up").location == f"/set-up/{step}"


def test_the_last_button_needs_every_step(inside, empty):
    assert inside.post("/set-up/last").location == "/set-up/community"
    assert count(empty) == 0


def test_the_pages_speak_english(inside):
    inside.get("/language/en?back=/")
    page = inside.get("/set-up/community").text
    assert "Step 1 of 5" in page and "Save and go on" in page


def test_a_cookie_of_another_database_names_nobody(empty):
    client = browser(empty)
    with client.session_transaction() as session:
        session["_user_id"] = "a-token-of-long-ago"
    assert client.get("/set-up").status_code == 200
    assert client.get("/me").location == "/set-up"


def test_the_switch_of_the_language_keeps_what_was_typed(inside):
    typed = {"name_zh": "柳园社区", "switch-to": "language:en"}
    page = inside.post("/set-up/community", data=typed).text
    assert 'value="柳园社区"' in page and "Step 1 of 5" in page
    assert inside.get("/set-up").location == "/set-up/community"


def test_the_first_people_choose_name_and_password_and_sign_in(inside, empty):
    walk(inside)
    inside.post("/set-up/last")
    code = re.search("[0-9A-Z]{5}-[0-9A-Z]{5}", inside.get("/set-up/done").text)[0]
    own = browser(empty)
    words = {"code": code, "login_name": "chen", "password": PASSWORD, "again": PASSWORD}
    for name, value, word in (
        ("code", "AAAAA-AAAAA", "这个码不对"), ("again", "other", "两次输入的密码不一样"),
        ("password", "12345678", ""), ("login_name", "x" * 200, ""), ("login_name", "", "用户名"),
    ):  # fmt: skip
        told = words | {name: value} | ({"again": value} if name == "password" else {})
        answer = own.post("/first", data=told)
        assert answer.status_code in (409, 422) and word in answer.text, name
    answer = own.post("/first", data=words)
    assert (answer.status_code, answer.location) == (303, "/sign-in/name")
    told = {"login_name": "chen", "password": PASSWORD}
    assert own.post("/sign-in/name", data=told).status_code == 303
    assert own.post("/first", data=words).status_code == 409  # Used once.
