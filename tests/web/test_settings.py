"""The rules on the pages: read, searched, changed by two, compared; days off taken."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import people as make
from tests.factories.office import Visit
from timebank.policy.presets import preset_codes
from timebank.policy.queries import parameters_on
from timebank.policy.rules import PARAMETERS
from timebank.settings.queries import open_changes
from timebank.settings.rules import TEXT_LENGTH_MAX
from timebank.subjects import effects
from timebank.values import Role, local_day, local_instant
from web.settings.forms import form_for
from web.settings.sentences import GROUPS, OF_STAFF, SENTENCES, group_of
from web.settings.words import EFFECTS

CAP = "aid.household_pieces_max"
WHY = {"reason": "货少了，先让每家都能领到", "source": "议事会第3次会议记录"}


@pytest.fixture
def tomorrow(office):
    return local_day(office.database.clock()) + timedelta(days=1)


@pytest.fixture
def second(office):
    office.staff["second"] = office.do(make.staff, office.town, Role("coordinator"))
    return office.enter("second")


def look(visit, key, tomorrow, **changed):
    """Fill in the form of a change and look at whom it concerns."""
    page = visit.get(f"/work/settings/{key}/change")
    told = {"valid_from_on": tomorrow.isoformat(), **WHY, **changed}
    return visit.press(page, "do", "look", **told)


def propose(visit, key, tomorrow, **changed):
    looked = look(visit, key, tomorrow, **changed)
    assert looked.status == 200, looked.text
    return visit.press(looked, "do", "propose")


def value_on(office, key, day):
    with office.database.reading() as session:
        return parameters_on(session, office.town.community_id, day).row(key).value


def test_every_parameter_has_a_sentence_a_group_a_form_and_effects(office):
    assert SENTENCES.keys() == PARAMETERS.keys() == effects().keys()
    assert {group_of(key) for key in PARAMETERS} == GROUPS.keys()
    page, mine = Visit(office.app).get("/rules").text, office.enter("keeper").get("/work/settings")
    with office.app.test_request_context():
        for key in PARAMETERS:
            start = str(SENTENCES[key]).split("%")[0]
            assert start in mine.text, key
            assert (start in page) is (key not in OF_STAFF), key


def test_everybody_reads_who_may_take_and_by_which_source(office):
    page = Visit(office.app).get("/rules").text
    for words in ("低保证", "住在本社区", "12 个月里领的还没有满 20 件", "广州慈善超市示范店"):
        assert words in page
    visit = Visit(office.app)
    visit.get("/language/en?back=/rules")
    assert "has taken fewer than 20 pieces within 12 months" in visit.get("/rules").text


def test_a_search_keeps_what_contains_the_text(office):
    keeper = office.enter("keeper")
    found = keeper.get("/work/settings?q=结存").text
    assert "balance_cap" in found and CAP not in found
    assert "没有找到" in keeper.get("/work/settings?q=xyz").text


def test_a_change_goes_from_the_form_to_the_second_person_and_into_force(office, second, tomorrow):
    head = office.enter("coordinator")
    looked = look(head, CAP, tomorrow, v_number="16")
    assert looked.status == 200 and "最多领 16 件" in looked.text
    with office.database.reading() as session:
        assert not open_changes(session, office.town.community_id, now=office.database.clock())
    sent = head.press(looked, "do", "propose")
    assert sent.status == 303
    own = head.get(sent.location)
    assert not own.has_button("do", "confirm") and "等另一位同意" in own.text
    waiting = second.get("/work?kind=setting")
    assert sent.location in waiting.text and "最多领 16 件" in waiting.text
    assert "kind=setting" not in head.get("/work").text
    confirmed = second.press(second.get(sent.location), "do", "confirm")
    assert confirmed.status == 303
    assert (
        value_on(office, CAP, tomorrow - timedelta(days=1)),
        value_on(office, CAP, tomorrow),
    ) == (20, 16)
    assert "已经定了" in head.get(sent.location).text
    assert "从" in Visit(office.app).get("/rules").text
    assert "以后" in head.get(f"/work/settings/{CAP}").text


def test_the_same_person_is_refused_and_told_why(office, tomorrow):
    head = office.enter("coordinator")
    path = propose(head, CAP, tomorrow, v_number="16").location
    page = head.get(path)
    refused = head.send(page.forms[-1], [*page.forms[-1].fields, ("do", "confirm")])
    assert refused.status == 409 and "第一步是您办的" in refused.text
    withdrawn = head.press(head.get(path), "do", "withdraw")
    assert withdrawn.status == 303 and "已经收回" in head.get(path).text


def test_a_change_that_comes_too_late_gets_a_clear_answer(office, tomorrow, clock):
    path = propose(office.enter("coordinator"), CAP, tomorrow, v_number="16").location
    clock.now = local_instant(tomorrow) - timedelta(minutes=2)
    approver = office.enter("approver")
    page = approver.get(path)
    clock.now += timedelta(minutes=3)
    late = approver.press(page, "do", "confirm")
    assert late.status == 409
    assert "从2025年6月11日起，可是这一天已经开始" in late.text
    assert not late.has_button("do", "confirm") and "没有赶在那一天以前同意" in late.text
    assert value_on(office, CAP, tomorrow) == 20


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"v_number": ""}, "请填写"),
        ({"v_number": "many"}, "v_number-error"),
        ({"v_number": "20"}, "不用改"),
        ({"v_number": "99999999999"}, "超出了可以填写的范围"),
        ({"reason": ""}, "请写一句"),
        ({"reason": "长" * (TEXT_LENGTH_MAX + 1)}, "400"),
        ({"source": ""}, "请写上依据"),
        ({"valid_from_on": "2020-01-01"}, "要选明天或以后的日子"),
        ({"valid_from_on": "2099-01-01"}, "离得太远了"),
    ],
)
def test_each_fault_has_its_own_sentence(office, tomorrow, changed, words):
    head = office.enter("coordinator")
    page = look(head, CAP, tomorrow, **{"v_number": "16", **changed})
    if words == "不用改":
        page = head.press(page, "do", "propose")
    assert page.status == 422, page.text
    assert words in page.text or (words == "请填写" and "数字" in page.text)


@pytest.mark.parametrize("key", sorted(PARAMETERS))
def test_what_the_form_shows_is_what_it_reads(office, key):
    """Nobody changes more than they meant to: an untouched form gives the value in force."""
    with office.database.reading() as session:
        today = local_day(office.database.clock())
        row = parameters_on(session, office.town.community_id, today).row(key)
    with office.app.test_request_context(method="POST"):
        form = form_for(key)(formdata=None)
        form.show(row.value)
        value = form.value()
    if PARAMETERS[key].shape == "codes":
        assert sorted(value) == sorted(row.value)
    elif PARAMETERS[key].shape in ("steps", "staged"):
        assert [list(step) for step in value] == sorted([list(step) for step in row.value])
    else:
        assert value == row.value


@pytest.mark.parametrize(
    ("key", "changed", "value"),
    [
        ("hours.balance_cap_minutes", {"v_hours": "600", "v_minutes": "30"}, 36030),
        ("people.openings_max", {"v_coordinator": "5"}, 5),
        ("goods.near_expiry", {"v_0_to": "7"}, [0, 7]),
        ("goods.acceptance", {"v_food_least": "50"}, 50),
    ],
)
def test_each_shape_of_value_is_changed(office, second, tomorrow, key, changed, value):
    path = propose(office.enter("coordinator"), key, tomorrow, **changed).location
    assert second.press(second.get(path), "do", "confirm").status == 303
    found = value_on(office, key, tomorrow)
    part = {
        "people.openings_max": lambda: found["coordinator"],
        "goods.near_expiry": lambda: found[0],
        "goods.acceptance": lambda: found["food"]["worst_condition_percent"],
    }.get(key, lambda: found)()
    assert part == value


def test_ticks_are_read_as_codes(office, second, tomorrow):
    head = office.enter("coordinator")
    page = head.get("/work/settings/goods.refused_kinds/change")
    form = page.form_with(("do", "look"))
    kept = [f for f in form.fields if f[0] != "v_codes" and f[0] not in WHY]
    told = [*kept, ("v_codes", "medicine"), ("v_codes", "tobacco"), *WHY.items()]
    told = [f for f in told if f[0] != "valid_from_on"] + [("valid_from_on", tomorrow.isoformat())]
    sent = head.send(form, [*told, ("do", "propose")])
    assert sent.status == 303, sent.text
    second.press(second.get(sent.location), "do", "confirm")
    assert value_on(office, "goods.refused_kinds", tomorrow) == ["medicine", "tobacco"]


def test_whoever_may_not_see_names_sees_the_count(office, tomorrow):
    """The keeper reads how many are concerned, and not who."""
    head = office.enter("coordinator")
    path = propose(head, "people.openings_max", tomorrow, v_coordinator="5").location
    name = office.database.write(
        lambda session, now: (
            make.queries.person_brief(
                session, office.town.community_id, office.staff["coordinator"].person_id
            ).name
        )
    )
    seen = head.get(path).text
    assert (
        "一天里能打开的次数变少" in seen and "看名单" in seen and f"{name} · 20 次 → 5 次" in seen
    )
    read = office.enter("keeper").get(path).text
    assert "一天里能打开的次数变少" in read and "看名单" not in read and "20 次 → 5 次" not in read


@pytest.mark.parametrize("code", preset_codes())
def test_each_set_is_compared_with_this_community(office, code):
    page = office.enter("keeper").get(f"/work/settings/compare?set={code}").text
    assert "本社区现在" in page
    if code == "changning":
        assert "<mark>2 小时</mark>" in page and page.count("<mark>") == 3


def test_three_sets_at_most_and_none_that_is_unknown(office):
    keeper = office.enter("keeper")
    asked = "&".join(f"set={code}" for code in ["nowhere", *preset_codes()])
    page = keeper.get(f"/work/settings/compare?{asked}").text
    assert page.count('scope="col"') % 5 == 0 and page.count(" checked>") == 3


def test_an_unknown_rule_is_not_found(office):
    head = office.enter("coordinator")
    for path in ("aid.luck", "aid.luck/change", "changes/1"):
        assert head.get(f"/work/settings/{path}").status == 404


def test_every_effect_has_its_sentence():
    told = set()
    folders = Path("timebank")
    for path in (*folders.glob("*/queries/effects.py"), *folders.glob("*/effects.py")):
        text = path.read_text("utf-8")
        told |= set(re.findall(r'(?:effect|Effect)\(\s*"(\w+)"', text))
    assert told <= EFFECTS.keys() and EFFECTS.keys() - told == {
        "none_left",
        "some_again",
        "share_changes",
    }


def test_the_days_off_of_a_year_are_taken(office):
    head = office.enter("coordinator")
    page = head.get("/work/settings/calendar")
    form = next(one for one in page.forms if ("year", "") in one.fields)
    told = {"year": "2027", "source": "国办发明电〔2026〕1号", "works": "2月13日"}
    told |= {"rests": "1月1日\n2月5日至2月11日\n2027-05-01/2027-05-05"}
    sent = head.send(form, [*(f for f in form.fields if f[0] not in told), *told.items()])
    assert sent.status == 303, sent.text
    seen = head.get("/work/settings/calendar").text
    assert "2月13日" in seen and "2月8日–2月11日" in seen
    wrong = {**told, "rests": "三月"}
    form = next(
        one for one in head.get("/work/settings/calendar").forms if ("year", "") in one.fields
    )
    refused = head.send(form, [*(f for f in form.fields if f[0] not in told), *wrong.items()])
    assert refused.status == 422 and "三月" in refused.text and "看不懂" in refused.text
