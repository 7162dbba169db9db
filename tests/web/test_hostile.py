"""Hostile requests to every address: no server error, no foreign data, nothing half done.

Hostile form input is in ``test_nonsense``, hostile JSON in ``tests/api``.
"""

from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import only_on
from tests.counts import PROOF
from tests.factories import people as make
from tests.factories.hall import (
    NOBODY,
    RESIDENTS,
    STAFF,
    Hall,
    address,
    is_sound,
    pages,
    token,
)
from tests.factories.sample import Sample
from timebank.aid.tables import claim
from timebank.people.queries import card_of_person
from timebank.people.tables import person

pytestmark = [pytest.mark.slow, only_on("sqlite")]  # See also test_odd_on_postgresql.
EVERYBODY = (NOBODY, *RESIDENTS, *STAFF)
DEEDS_OF_STAFF = (
    "confirm", "approve", "refuse", "post", "keep", "pair", "revoke", "save", "give",
)  # fmt: skip
ODD_IDS = (0, 2**63 - 1, 2**63, 10**30)
# These see each page between them; in `make test` the others try two of the odd ids each.
TRY_ALL = EVERYBODY if PROOF else (NOBODY, "claimant", "keeper", "coordinator")


@pytest.mark.repeated
@pytest.mark.parametrize("name", EVERYBODY)
def test_no_address_fails_whatever_the_id(hall, name):
    client, before = hall.enter(name), hall.counts()
    csrf = token(client)
    ours = hall.ids_of(hall.ours)
    odd_ids = ODD_IDS if name in TRY_ALL else ODD_IDS[EVERYBODY.index(name) % 2 :: 2]
    ids = [ours, *(dict.fromkeys(ours, odd) for odd in odd_ids)]
    for rule in pages(hall):
        for told in ids if rule.arguments else ids[:1]:
            path = address(rule, told)
            is_sound(client.get(path), name, path)
            is_sound(client.post(path, data={"csrf_token": csrf}), name, path)
    assert hall.counts() == before


@pytest.mark.parametrize("name", STAFF)
def test_ids_of_the_neighbour_community_find_nothing(hall, name):
    client, csrf = hall.enter(name), None
    theirs = hall.ids_of(hall.theirs)
    names = [one.name for one in _people(hall, hall.theirs)]
    csrf = token(client)
    for rule in pages(hall):
        if not rule.arguments & theirs.keys() and not str(rule).startswith(("/work", "/store")):
            continue
        for query in ({}, {"person": theirs["person_id"]}, {"deposit": theirs["deposit_id"]}):
            path = address(rule, theirs)
            for answer in (
                client.get(path, query_string=query),
                client.post(path, query_string=query, data={"csrf_token": csrf}),
            ):
                is_sound(answer, name, path)
                if rule.arguments & theirs.keys():
                    assert answer.status_code in (403, 404, 405), (name, path)
                assert not any(one in answer.text for one in names), (name, path, query)


def _people(hall: Hall, sample: Sample) -> list[Any]:
    """People of one community whose names do not occur in the other."""
    with hall.database.reading() as session:
        rows = session.execute(select(person.c.community_id, person.c.name)).all()
    others = {row.name for row in rows if row.community_id != sample.town.community_id}
    return [
        row
        for row in rows
        if row.community_id == sample.town.community_id and row.name not in others
    ]


def test_cases_of_the_neighbour_community_are_on_no_desk(hall):
    before = hall.counts()
    kinds = {"record": "record", "pickup": "ready", "review": "lapsed", "intake": "announced"}
    for name in STAFF:
        client = hall.enter(name)
        csrf = token(client)
        for kind, case in kinds.items():
            key = f"{kind}-{hall.theirs.cases[case]}"
            assert client.get("/work", query_string={"case": key}).status_code == 404
            told = {
                "csrf_token": csrf, "request_id": f"{name}-{key}", "do": "confirm",
                "reason": "x", "pickup_code": "000000",
            }  # fmt: skip
            answer = client.post("/work", query_string={"case": key}, data=told)
            assert answer.status_code in (403, 404, 409, 422), (name, key, answer.status_code)
    assert hall.counts() == before


def test_a_resident_sees_and_moves_nothing_of_another_household(hall):
    ids, before = hall.ids_of(hall.ours), hall.counts()
    for name in ("stranger", NOBODY):
        client = hall.enter(name)
        csrf = token(client)
        for rule in pages(hall):
            if not rule.arguments & ids.keys():
                continue
            for do in ("cancel", "ask", "confirm", "agree", "stop", "pin", "issue"):
                data = {"csrf_token": csrf, "do": do, "request_id": f"{name}{rule}{do}"[:60]}
                answer = client.post(address(rule, ids), data=data)
                assert answer.status_code in (303, 403, 404, 405, 401), (rule, do)
                assert "林乙二" not in answer.text
            answer = client.get(address(rule, ids))
            assert answer.status_code in (303, 401, 403, 404, 405), (name, rule)
    assert hall.counts() == before


def test_a_resident_confirms_no_hours_that_he_did_not_receive(hall):
    client = hall.enter("stranger")
    csrf, record_id = token(client), hall.ours.cases["record"]
    for do in ("confirm", "agree"):
        data = {"csrf_token": csrf, "do": do, "record_id": record_id, "request_id": f"own-{do}"}
        answer = client.post("/me/services", data=data)
        assert answer.status_code in (403, 404, 409), (do, answer.status_code)


def test_an_auditor_reads_and_writes_nothing(hall):
    """An auditor may also be a resident: they may act for themselves."""
    client, before = hall.enter("auditor"), hall.counts()
    csrf, ids = token(client), hall.ids_of(hall.ours)
    for rule in pages(hall):
        if "POST" not in (rule.methods or ()) or str(rule).startswith(("/me", "/api", "/sign-in")):
            continue
        for do in DEEDS_OF_STAFF:
            data = {
                "csrf_token": csrf, "do": do, do: "1", "request_id": f"aud{do}{rule}"[:60],
                "reason": "x", "note": "x", "record_id": str(hall.ours.cases["record"]),
                "lot_id": "1", "device_id": "1", "why": "x",
            }  # fmt: skip
            for case in ("record", "ready"):
                kind = {"record": "record", "ready": "pickup"}[case]
                query = {"case": f"{kind}-{hall.ours.cases[case]}"} if str(rule) == "/work" else {}
                answer = client.post(address(rule, ids), query_string=query, data=data)
                assert (
                    answer.status_code != 303
                    or "search=" in answer.location
                    or str(rule) == ("/work/people")
                ), (rule, do)
    assert hall.counts() == before


NEVER_SENT = (
    {"lines-²-item_id": "1"}, {f"lines-{'9' * 5_000}-item_id": "1"}, {"é": "1"},
    {"scan": "a\0b"}, {"q": "\0"}, {"x" * 200: "1"}, {"lines-0-described": "\0"},
)  # fmt: skip


@pytest.mark.parametrize("told", NEVER_SENT, ids=repr)
def test_what_no_page_of_ours_sends_is_refused_whole(hall, told):
    before = hall.counts()
    for name, path in (("claimant", "/me/deposit/announce"), ("keeper", "/store/intake")):
        client = hall.enter(name)
        answer = client.post(path, data={"csrf_token": token(client), "more": "1", **told})
        assert answer.status_code == 400 and "内容不完整" in answer.text
    assert hall.app.test_client().get("/shelf", query_string={"q": "a\0"}).status_code == 400
    assert hall.counts() == before


def test_a_body_beyond_all_measure_is_refused(hall):
    client = hall.enter(NOBODY)
    csrf = token(client)
    for data in (
        {"csrf_token": csrf, "login_name": "x" * 2_000_000},
        {"csrf_token": csrf, **{f"f{number}": "1" for number in range(3_000)}},
    ):
        assert client.post("/sign-in/name", data=data).status_code in (400, 413, 422)
    for told in (b"--x", b"\xff" * 900, b"&" * 90_000):
        kind = "multipart/form-data; boundary=x"
        is_sound(client.post("/sign-in/name", data=told, content_type=kind))


def test_a_form_without_its_token_or_with_anothers_does_nothing(hall):
    before, stolen = hall.counts(), token(hall.enter("stranger"))
    client = hall.enter("claimant")
    path = f"/me/claims/{hall.ours.cases['ready']}"
    for csrf in ({}, {"csrf_token": ""}, {"csrf_token": stolen}, {"csrf_token": "x" * 9_000}):
        answer = client.post(path, data={"do": "cancel", "request_id": "forged", **csrf})
        assert answer.status_code == 400
    assert hall.counts() == before
    with hall.database.reading() as session:
        state = session.scalar(select(claim.c.state).where(claim.c.id == hall.ours.cases["ready"]))
    assert state == "ready"


@pytest.mark.parametrize(
    "told", ["//[", "http:[", "//evil.example", "/\\evil.example", "/a\nb", "x://[::1", "\t//e"]
)
def test_no_address_to_come_back_to_leads_away_or_fails(hall, told):
    for path in ("/language/en", "/text/large", "/contrast/high"):
        answer = hall.app.test_client().get(path, query_string={"back": told})
        assert (answer.status_code, answer.location) == (303, "/")
    client = hall.app.test_client()
    data = {"login_name": "claimant", "password": make.PASSWORD, "csrf_token": token(client)}
    answer = client.post("/sign-in/name", query_string={"next": told}, data=data)
    assert (answer.status_code, answer.location) == (303, "/me/")


@pytest.mark.parametrize("told", ["9" * 19, "9223372036854775808", "-1", "²", "x", ""])
def test_a_card_that_is_none_is_not_reported_lost(hall, told):
    client = hall.enter("claimant")
    data = {"csrf_token": token(client), "card_id": told, "request_id": f"lost-{told[:8]}"}
    answer = client.post("/me/card/lost", data=data)
    assert answer.status_code in (200, 403, 404), answer.status_code
    with hall.database.reading() as session:
        owner = hall.ours.people["claimant"].person_id
        assert card_of_person(session, 1, owner) is not None
