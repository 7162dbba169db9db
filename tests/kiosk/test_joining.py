"""Joining at the kiosk: a name by its sound, digits for the rest, one number."""

import pytest

from kiosk.spelling import characters_of
from timebank.joining.queries import waiting_list
from timebank.people.rules.characters import OFTEN
from timebank.values import By, Role


@pytest.fixture(scope="session")
def copies(sqlite_copies):
    """A page is the same on every engine; one is enough."""
    return sqlite_copies


def waiting(screen):
    by = By(1, "desk", roles=frozenset({Role("coordinator")}))
    with screen.database.reading() as session:
        return waiting_list(session, by, now=screen.clock())


def building_no(screen):
    from timebank.people.queries import places

    return screen.read(places, "building")[0].number


def spell(screen, page, *sounds):
    for sound, character in sounds:
        assert character in screen.post(f"/join/{page}/find", letters=sound)
        screen.post(f"/join/{page}/add", character=character)
    return screen.post(f"/join/{page}/add", do="done")


def begin(screen, *, birthday="19580521"):
    screen.get("/join")
    screen.post("/join")
    spell(screen, "name", ("chen", "陈"), ("xiao", "小"), ("man", "满"))
    return screen.post("/join/birthday", digits=birthday)


def finish(screen):
    screen.post("/join/building", digits=building_no(screen))
    screen.post("/join/phone", digits="100 9999 0201")
    return screen.post("/join/help", yes=0)


def test_somebody_registers_and_reads_their_number(screen):
    begin(screen)
    assert "陈小满" in finish(screen)
    done = screen.post("/join/confirm")
    (one,) = waiting(screen)
    assert f"{one.registration_no[:4]} {one.registration_no[4:]}" in done and "<svg" in done
    assert (one.name, one.phone, one.is_volunteer) == ("陈小满", "10099990201", False)
    assert "陈小满" not in done


def test_a_second_tap_registers_once(screen):
    begin(screen)
    finish(screen)
    first = screen.post("/join/confirm")
    screen.page = first
    assert screen.post("/join/confirm").count("报上名了") == first.count("报上名了")
    assert len(waiting(screen)) == 1


def test_a_lost_answer_is_sent_again_and_gives_the_same_number(screen):
    begin(screen)
    finish(screen)
    line = screen.line

    def lost(call):
        answer = line(call)
        if call.path.endswith("/join"):
            from kiosk.server import ServerDown

            raise ServerDown("lost")
        return answer

    screen.line = lost
    assert "填的都在" in screen.post("/join/confirm")
    screen.line = line
    assert "报上名了" in screen.post("/join/confirm")
    assert len(waiting(screen)) == 1


def test_offline_the_kiosk_says_when_it_is_possible_again(screen):
    screen.cut()
    assert "网络正常" in screen.get("/join") and "暂时不能报名" in screen.page
    screen.mend()
    assert "先在这里报名" in screen.get("/join")


def test_a_minor_needs_the_guardian(screen):
    assert "监护人在旁边吗" in begin(screen, birthday="20120901")
    assert "监护人的姓名" in screen.post("/join/guardian")
    spell(screen, "guardian-name", ("chen", "陈"), ("da", "大"))
    screen.post("/join/guardian-phone", digits="10099990301")
    finish(screen)
    screen.post("/join/confirm")
    assert waiting(screen)[0].guardian_name == "陈大"


def test_a_volunteer_taps_what_they_can_do_and_when(screen):
    begin(screen)
    screen.post("/join/building", digits=building_no(screen))
    screen.post("/join/phone", digits="10099990201")
    screen.post("/join/help", yes=1)
    service_id = screen.kiosk.known.snapshot.services[0].service_id
    screen.post("/join/services", service_id=service_id)
    screen.post("/join/times", time="weekend_morning")
    screen.post("/join/times", done=1)
    screen.post("/join/confirm")
    (one,) = waiting(screen)
    assert one.service_ids == (service_id,) and one.times == ("weekend_morning",)


def test_what_cannot_be_is_asked_again(screen):
    assert "请输八位数字" in begin(screen, birthday="19581341")
    assert "请输八位数字" in screen.post("/join/birthday", digits="21991231")
    screen.post("/join/birthday", digits="19580521")
    assert "请输楼号" in screen.post("/join/building", digits="")
    screen.post("/join/building", digits="9999")
    assert "请输电话号码" in screen.post("/join/phone", digits="12")
    screen.post("/join/phone", digits="10099990201")
    screen.post("/join/help", yes=0)
    assert "住在几号楼" in screen.post("/join/confirm") and "不对" in screen.page
    assert waiting(screen) == []


def test_the_end_of_a_visit_forgets_what_was_typed(screen):
    begin(screen)
    screen.post("/end")
    assert "没有卡" in screen.get("/join/check")
    assert "陈小满" not in screen.get("/join/name")


@pytest.mark.parametrize("odd", ["<b>", "\u202e", "\x00", "", "陈陈"])
def test_what_is_no_character_of_a_name_is_not_added(screen, odd):
    screen.get("/join")
    screen.post("/join")
    page = screen.post("/join/name/add", character=odd)
    assert "<b>&lt;" not in page and "\u202e" not in page


def test_every_common_sound_finds_its_character():
    told = {"chen": "陈", "qin": "覃", "lv": "吕", "lyu": "吕", "CHEN": "陈", "zhuang": "庄"}
    assert {sound: one for sound, one in told.items() if one not in characters_of(sound)} == {}
    assert characters_of("chen")[0] == "陈" and characters_of("xyz") == ""
    assert all(len(one) == 1 for one in OFTEN)
