"""Claims and announcements through the API: filed once, replayed alike, refused with a text."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import func, select

from tests.factories import people
from tests.factories.aid import took_before
from timebank.aid.tables import claim
from timebank.goods.tables import deposit

RACERS = 8


def count(hall, table):
    with hall.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def available(hall):
    [row] = [
        row
        for row in hall.passer_by().get("/shelf").json["items"]
        if row["item_id"] == str(hall.shop.item("大米"))
    ]
    return row["available"]


def code(answer):
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == answer.status_code
    assert answer.json["message"]
    return answer.status_code, answer.json["code"]


def test_a_claim_sets_pieces_aside_and_tells_where_it_is(hall, machine):
    answer = machine.post("/me/claims", hall.rice(2))
    assert answer.status_code == 201
    told = answer.json
    assert (told["state"], told["approved"], told["refusal"]) == ("ready", 2, None)
    assert told["pickup_code"].isdigit()
    assert told["hold_until_at"] == "2025-06-13T02:00:00+00:00"
    assert answer.headers["Location"] == f"/api/v1/me/claims/{told['claim_id']}"
    assert available(hall) == 3
    now = machine.get(f"/me/claims/{told['claim_id']}").json
    assert now["claim_no"] == told["claim_no"] and now["lines"][0]["name_en"]


def test_a_claim_is_cut_to_what_is_there_and_says_why(hall, machine):
    told = machine.post("/me/claims", hall.rice(9)).json
    assert told["approved"] == 5
    assert told["lines"][0]["cut_code"] == "OUT_OF_STOCK"


def test_a_program_can_ask_its_user_before_less_is_set_aside(hall, machine):
    wanted = hall.rice(9)
    shown = machine.post("/me/claims", wanted | {"confirmed": wanted["lines"]})
    assert code(shown) == (409, "NOT_CONFIRMED") and available(hall) == 5
    (line,) = shown.json["facts"]["lines"]
    assert line == {
        "item_id": str(hall.shop.item("大米")), "asked": 9, "approved": 5,
        "cut_code": "OUT_OF_STOCK",
    }  # fmt: skip
    assert shown.json["facts"]["share_left"] == 15
    agreed = [{"item_id": line["item_id"], "pieces": line["approved"]}]
    filed = machine.post("/me/claims", wanted | {"confirmed": agreed})
    assert filed.status_code == 201 and filed.json["approved"] == 5


def test_a_claim_sent_again_gets_the_first_answer(hall, machine):
    first = machine.post("/me/claims", hall.rice(), key="groceries-1")
    machine.post("/me/claims", hall.rice(3))
    again = machine.post("/me/claims", hall.rice(), key="groceries-1")
    assert first.json == again.json
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.headers["Location"] == again.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert count(hall, claim) == 2 and available(hall) == 0


def test_a_name_used_for_another_body_or_another_deed_is_refused(hall, machine):
    machine.post("/me/claims", hall.rice(1), key="groceries-1")
    for path, body in (("/me/claims", hall.rice(2)), ("/me/deposits", hall.rice(1))):
        assert code(machine.post(path, body, key="groceries-1")) == (422, "REQUEST_KEY_REUSED")
    assert (count(hall, claim), count(hall, deposit)) == (1, 1)  # One deposit is the stock.


def test_the_same_body_written_otherwise_is_the_same_deed(hall, machine):
    first = machine.post("/me/deposits", hall.rice(), key="from-home")
    line = hall.rice()["lines"][0] | {"condition": "new", "described": ""}
    again = machine.post(
        "/me/deposits", {"lines": [line], "store_id": hall.rice()["store_id"]}, key="from-home"
    )
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.json == again.json


def test_two_people_may_use_one_name(hall, machine):
    other = hall.machine()
    for who in (machine, other):
        assert who.post("/me/claims", hall.rice(1), key="groceries-1").status_code == 201
    assert count(hall, claim) == 2


@pytest.mark.parametrize("path", ["/me/claims", "/me/deposits"])
def test_a_deed_without_a_good_name_is_not_done(hall, machine, path):
    for key in ("", "short", "x" * 81, "with space", "tab\tinside", "größe-123"):
        answer = machine.post(path, hall.rice(), key=key)
        assert code(answer) == (400, "REQUEST_KEY_NEEDED"), key
        assert answer.json["facts"] == {
            "header": "Idempotency-Key", "why": "shape" if key else "missing", "least": 8,
            "most": 80,
        }  # fmt: skip
    assert (count(hall, claim), count(hall, deposit)) == (0, 1)
    for key in ("!" * 8, "~" * 80):
        assert machine.post(path, hall.rice(1), key=key).status_code == 201


def test_the_rules_refuse_in_words_and_the_claim_is_kept(hall):
    machine = hall.machine(people.stranger)
    answer = machine.post("/me/claims", hall.rice(), key="groceries-1")
    assert code(answer) == (409, "NOT_ELIGIBLE")
    filed = answer.json["claim"]
    assert (filed["state"], filed["approved"], filed["pickup_code"]) == ("refused", 0, None)
    kept = machine.get(f"/me/claims/{filed['claim_id']}").json
    assert kept["refusal"]["code"] == "NOT_ELIGIBLE"
    assert available(hall) == 5


def test_a_refusal_by_the_rules_is_the_same_again(hall):
    machine = hall.machine(people.stranger)
    first = machine.post("/me/claims", hall.rice(), key="groceries-1")
    hall.database.write(
        lambda session, now: people.make_proof(session, hall.shop.town, machine.by.household_id)
    )
    again = machine.post("/me/claims", hall.rice(), key="groceries-1")
    assert first.status_code == again.status_code == 409
    assert first.json == again.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert machine.post("/me/claims", hall.rice(), key="groceries-2").status_code == 201


def test_a_refusal_of_the_deed_is_the_same_again(hall, machine):
    body = hall.rice() | {"bring_on": "2025-06-25"}  # A day too far.
    first = machine.post("/me/deposits", body, key="from-home")
    assert code(first) == (422, "BAD_INPUT")
    assert first.json["facts"] == {"field": "bring_on", "why": "range"}
    assert "Idempotency-Replayed" not in first.headers
    hall.database.clock.move(days=1)  # Now it would do.
    machine.token = machine.sign_in().json["token"]
    again = machine.post("/me/deposits", body, key="from-home")
    assert first.json == again.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert machine.post("/me/deposits", body, key="from-home-2").status_code == 201


def test_the_quota_is_told_with_its_next_day(hall, machine):
    hall.database.write(
        lambda session, now: took_before(
            session, hall.shop.town, machine.by, now=now, taken={date(2024, 9, 1): 20}
        )
    )
    answer = machine.post("/me/claims", hall.rice())
    assert code(answer) == (409, "HOUSEHOLD_CAP")
    assert answer.json["facts"]["next_on"] == "2025-09-01"
    assert machine.get("/me/may-take").json["quota"]["remaining"] == 0


def test_a_refusal_speaks_the_language_that_was_asked_for(hall):
    machine = hall.machine(people.stranger)
    english = machine.post("/me/claims", hall.rice(), key="groceries-1")
    machine.language = "zh-CN,zh;q=0.9,en;q=0.1"
    chinese = machine.post("/me/claims", hall.rice(), key="groceries-1")
    machine.language = "sw"
    usual = machine.post("/me/claims", hall.rice(), key="groceries-1")
    assert english.json["message"].isascii()
    assert not chinese.json["message"].isascii()
    assert usual.json["message"] == chinese.json["message"]
    assert english.json["facts"] == chinese.json["facts"]
    assert english.headers["Content-Language"] == "en"


def test_many_senders_of_one_claim_get_one_answer(hall, machine):
    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(
            pool.map(
                lambda _: machine.post("/me/claims", hall.rice(2), key="groceries-1"),
                range(RACERS),
            )
        )
    assert {answer.status_code for answer in answers} == {201}
    assert all(answer.json == answers[0].json for answer in answers)
    replayed = [answer.headers.get("Idempotency-Replayed") for answer in answers]
    assert sorted(replayed, key=str) == [None] + ["true"] * (RACERS - 1)
    assert count(hall, claim) == 1 and available(hall) == 3


def test_many_names_share_what_is_there(hall, machine):
    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(lambda _: machine.post("/me/claims", hall.rice(1)), range(RACERS)))
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 3
    assert {a.json["code"] for a in answers if a.status_code == 409} == {"OUT_OF_STOCK"}
    assert available(hall) == 0


def test_an_announcement_opens_by_its_code(hall, machine):
    line = {"described": "折叠轮椅", "pieces": 1, "condition": "nine_tenths"}
    body = hall.rice() | {"lines": [*hall.rice()["lines"], line], "bring_on": "2025-06-12"}
    told = machine.post("/me/deposits", body)
    assert told.status_code == 201
    assert (told.json["state"], told.json["valid_until_on"]) == ("announced", "2025-06-24")
    [deposit] = machine.get("/me/deposits").json["deposits"]
    assert deposit["deposit_id"] == told.json["deposit_id"]
    assert [line["described"] for line in deposit["announced"]] == ["", "折叠轮椅"]
    assert deposit["code"] == told.json["code"]


def test_goods_are_not_claimed_at_a_donation_point_or_an_unknown_store(hall, machine):
    nowhere = hall.rice() | {"store_id": "1"}
    assert code(machine.post("/me/claims", nowhere)) == (404, "NOT_FOUND")
    assert code(machine.post("/me/deposits", nowhere)) == (404, "NOT_FOUND")
    unknown = hall.rice() | {"lines": [{"item_id": "1", "pieces": 1}]}
    for path in ("/me/claims", "/me/deposits"):
        assert code(machine.post(path, unknown)) == (404, "NOT_FOUND")
    twice = hall.rice() | {"lines": hall.rice()["lines"] * 2}
    answer = machine.post("/me/claims", twice)
    assert code(answer) == (422, "BAD_INPUT")
    assert answer.json["facts"] == {"field": "lines.1.item_id", "why": "repeated"}
