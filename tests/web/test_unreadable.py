"""A sealed value that cannot be read harms nothing but itself: no page answers 500."""

import pytest
from sqlalchemy import update

from tests.factories.kiosks import commit_stand
from tests.kiosks.test_http import call
from timebank.kiosks import wire
from timebank.kiosks.tables import device
from timebank.people.queries import by_of_card
from timebank.people.tables import card, person

SPOILT = bytes(40)


@pytest.fixture
def stand(database):
    return commit_stand(database)


def spoil(database, table, **cells):
    database.write(lambda session, now: session.execute(update(table).values(cells)))


def test_a_card_that_cannot_be_read_says_so_to_its_holder_and_is_replaced_at_the_counter(
    database, stand, client, sign_in
):
    with database.reading() as session:
        holder = by_of_card(session, 1, stand.card.id)
    sign_in(client, holder)
    assert "qr-code" in client.get("/me/card").text
    spoil(database, card, token_sealed=SPOILT)
    page = client.get("/me/card")
    assert (page.status_code, "方码现在读不出来" in page.text) == (200, True)
    assert "qr-code" not in page.text
    sign_in(client, stand.coordinator)
    page = client.get(f"/work/people/{stand.volunteer.person_id}/card")
    assert (page.status_code, "补一张新卡" in page.text) == (200, True)


def test_a_private_field_that_cannot_be_read_hides_no_other(database, stand, client, sign_in):
    spoil(database, person, phone_sealed=SPOILT)
    sign_in(client, stand.coordinator)
    path = f"/work/people/{stand.volunteer.person_id}/sealed"
    told = {"columns": ["phone", "notes"], "reason": "电话通知她来取"}
    client.application.config["WTF_CSRF_ENABLED"] = False
    page = client.post(path, data=told)
    assert page.status_code == 200
    assert "膝盖不好" in page.text and "有的内容读不出来" in page.text


def test_one_spoilt_card_is_missing_in_the_snapshot_and_no_other(database, stand, client):
    spoil(database, card, token_sealed=SPOILT)
    assert call(client, stand, "snapshot").json["members"] == []
    body = wire.canonical(wire.CardAsked(ref="0" * 32))
    assert call(client, stand, "card", body).status_code == 200


def test_a_kiosk_whose_secret_cannot_be_read_still_delivers(database, stand, client, sign_in, now):
    spoil(database, device, card_key=SPOILT)
    refused = call(client, stand, "snapshot")
    assert (refused.status_code, refused.json["code"]) == (409, "DEVICE_UNREADABLE")
    assert call(client, stand, "head").status_code == 200
    body = wire.canonical(wire.Batch(0, ()))
    assert call(client, stand, "events", body).status_code == 200
    sign_in(client, stand.coordinator)
    page = client.get("/work/kiosks")
    assert (page.status_code, "要重新配对" in page.text) == (200, True)
