"""What the API shows: the shelf to everybody, and to each person only their own data."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event

from tests.factories import hours, people
from tests.factories.api import Machine
from timebank.deeds.deed import Deed
from timebank.goods.actions import receive_deposit
from timebank.goods.rules import JudgedLine


def refused(answer):
    assert answer.content_type == "application/problem+json"
    return answer.status_code, answer.json["code"]


def rice_of(hall, rows):
    return next(row for row in rows if row["item_id"] == str(hall.shop.item("大米")))


def test_the_shelf_is_open_and_names_nobody(hall, machine):
    machine.post("/me/claims", hall.rice(2))
    told = hall.passer_by().get("/shelf").json
    assert told["as_of_at"] == "2025-06-10T02:00:00+00:00"
    [store] = told["stores"]
    assert (store["store_id"], store["code"]) == (str(hall.shop.store_id), "S1")
    row = rice_of(hall, told["items"])
    assert (row["on_hand"], row["available"], row["held"]) == (5, 3, 2)
    assert row["nearest_best_before_on"] == "2025-09-30"
    assert len(told["items"]) == 30
    assert {key for row in told["items"] for key in row if "person" in key or "donor" in key} == (
        set()
    )


def test_the_shelf_of_one_store(hall):
    anybody = hall.passer_by()
    told = anybody.get("/shelf", store_id=hall.shop.store_id).json
    assert rice_of(hall, told["items"])["available"] == 5
    assert refused(anybody.get("/shelf", store_id=1)) == (404, "NOT_FOUND")


@pytest.fixture
def volunteer(hall):
    """Somebody with five credited sessions."""

    def lay(session, now):
        town = hall.shop.town  # Its numbers are in force already.
        cast = hours.Cast(
            town, hours.make_services(session, town), hours.make_volunteer(session, town),
            hours.make_neighbour(session, town), hours.make_staff(session, town, "social_worker"),
            hours.make_staff(session, town, "coordinator"),
        )  # fmt: skip
        people.make_user(session, cast.town, cast.volunteer.person_id)
        for day in range(1, 6):
            on = now - timedelta(days=day)
            sessions = hours.told(cast, on=on.date())
            ids = hours.enter(session, cast, sessions, now=now)
            hours.confirm_both(session, cast, *ids, now=now)
        return cast.volunteer

    machine = Machine(hall.app, hall.database.write(lay))
    machine.token = machine.sign_in().json["token"]
    return machine


def test_a_passbook_comes_page_by_page(volunteer):
    told = volunteer.get("/me/passbook", limit=2).json
    assert told["available_minutes"] == told["cumulative_minutes"] == 5 * 150
    assert told["real_minutes"] == 5 * 170
    seqs, page = [], told
    while True:
        seqs.append([line["seq"] for line in page["lines"]])
        if page["next_before"] is None:
            break
        page = volunteer.get("/me/passbook", limit=2, before=page["next_before"]).json
    assert seqs == [[5, 4], [3, 2], [1]]
    line = told["lines"][0]
    assert (line["change_minutes"], line["after_minutes"]) == (150, 750)
    assert line["record"]["real_minutes"] == 170 and line["record"]["service_en"]
    assert line["txn_id"].isdigit() and line["record"]["record_id"].isdigit()


def test_a_passbook_shows_what_came_in_or_went_out(volunteer):
    assert len(volunteer.get("/me/passbook", direction="in").json["lines"]) == 5
    assert volunteer.get("/me/passbook", direction="out").json["lines"] == []


def test_somebody_without_hours_has_an_empty_passbook(machine):
    told = machine.get("/me/passbook").json
    assert (told["posted_minutes"], told["lines"], told["next_before"]) == (0, [], None)


def test_what_may_be_taken_is_told_with_the_quota(hall, machine):
    machine.post("/me/claims", hall.rice(2))
    told = machine.get("/me/may-take").json
    assert (told["quota"]["used"], told["quota"]["most"], told["quota"]["remaining"]) == (2, 20, 18)
    row = rice_of(hall, told["items"])
    assert (row["answer"], row["may"], row["most"], row["remaining"]) == ("eligible", True, 3, 18)
    assert sum(row["may"] for row in told["items"]) == 1


def test_why_nothing_may_be_taken_is_told_in_words(hall):
    told = hall.machine(people.stranger).get("/me/may-take").json
    assert told["reasons"][0]["code"] == "NOT_ELIGIBLE"
    assert told["reasons"][0]["message"].isascii()
    assert not any(row["may"] for row in told["items"])


def test_somebody_who_lives_elsewhere_has_no_household_to_claim_for(hall):
    machine = hall.machine(people.social_worker)
    for answer in (
        machine.get("/me/may-take"), machine.get("/me/claims"),
        machine.post("/me/claims", hall.rice()),
    ):  # fmt: skip
        assert refused(answer) == (404, "NOT_FOUND")
        assert answer.json["facts"] == {"kind": "household"}
    assert machine.get("/me/passbook").status_code == 200


def test_a_stranger_sees_no_claim_and_no_deposit_of_mine(hall, machine):
    filed = machine.post("/me/claims", hall.rice()).json
    machine.post("/me/deposits", hall.rice())
    for stranger in (hall.machine(people.stranger), hall.machine()):
        assert refused(stranger.get(f"/me/claims/{filed['claim_id']}")) == (404, "NOT_FOUND")
        assert stranger.get("/me/claims").json == {"claims": [], "next_before": None}
        assert stranger.get("/me/deposits").json == {"deposits": [], "next_before": None}


def test_claims_come_newest_first_and_no_more_than_asked(hall, machine):
    filed = [machine.post("/me/claims", hall.rice(1)).json["claim_id"] for _ in range(3)]
    page = machine.get("/me/claims", limit=2).json
    told = page["claims"]
    assert [one["claim_id"] for one in told] == filed[:0:-1]
    rest = machine.get("/me/claims", limit=2, before=page["next_before"]).json
    assert [one["claim_id"] for one in rest["claims"]] == filed[:1]
    assert rest["next_before"] is None
    whole = machine.get("/me/claims", limit=3).json
    assert (len(whole["claims"]), whole["next_before"]) == (3, None)
    assert told[0]["pickup_code"] and told[0]["store_id"] == str(hall.shop.store_id)


def test_a_deposit_tells_where_its_pieces_are(hall, machine):
    told = machine.post("/me/deposits", hall.rice(2)).json
    line = JudgedLine(
        hall.shop.item("大米"), 2, 1, refuse_code="OTHER", refuse_note="破袋",
        best_before_on=date(2025, 9, 30),
    )  # fmt: skip
    judged = {"deposit_id": int(told["deposit_id"]), "store_id": hall.shop.store_id}
    hall.database.write(
        lambda session, now: receive_deposit(
            Deed(session, hall.shop.keeper, now, "judge"), lines=(line,), **judged
        )
    )
    [deposit] = machine.get("/me/deposits").json["deposits"]
    assert (deposit["state"], deposit["accepted"], deposit["refused"]) == ("received", 1, 1)
    assert deposit["receipt_no"].startswith("S1-2025-")
    [line] = deposit["lines"]
    assert (line["on_shelf"], line["issued"], line["refuse_code"]) == (1, 0, "OTHER")


def test_ids_are_text_everywhere(hall, machine, volunteer):
    machine.post("/me/claims", hall.rice())
    machine.post("/me/deposits", hall.rice())
    for told in (
        machine.get("/shelf"), machine.get("/me/may-take"), machine.get("/me/claims"),
        machine.get("/me/deposits"), volunteer.get("/me/passbook"), machine.sign_in(),
    ):  # fmt: skip
        ids = list(_ids(told.json))
        assert ids and all(isinstance(one, str) and one.isdigit() for one in ids)


def _ids(told):
    if isinstance(told, list):
        for one in told:
            yield from _ids(one)
    if isinstance(told, dict):
        for name, value in told.items():
            if name.endswith("_id") and value is not None:
                yield value
            yield from _ids(value)


def test_no_answer_takes_more_than_twelve_statements(hall, machine):
    for _ in range(3):
        machine.post("/me/claims", hall.rice(1))
        machine.post("/me/deposits", hall.rice(1))
    for path in ("/shelf", "/me/passbook", "/me/may-take", "/me/claims", "/me/deposits"):
        sent = []
        listen = ("before_cursor_execute", lambda *told: sent.append(told[2]))  # noqa: B023
        event.listen(hall.database.engine, *listen)
        assert machine.get(path).status_code == 200
        event.remove(hall.database.engine, *listen)
        asked = [one for one in sent if one.startswith(("SELECT", "WITH"))]
        assert 0 < len(asked) <= 12, (path, asked)
