"""``timebank drill stolen-kiosk`` is good, and bad as soon as one of the guards is taken out."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from kiosk import outbox
from kiosk.pages import scanning
from tests.factories.drills import copy_of_files, on_disk, run_drill
from timebank.kiosks.actions import applying, cards, devices, intake, pairing
from timebank.kiosks.queries import snapshots
from web.kiosks import api

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True, scope="session"),
]
NUMBERS_AS_CODES = "and none can be computed from them (1 were)"
REFUSED = "once the kiosk is ended, the server refuses "


@pytest.fixture
def data(tmp_path, info, engine_name):
    return on_disk(tmp_path, info)


def test_the_drill_is_good_and_touches_nothing(data):
    before = copy_of_files(data)
    code, said = run_drill(data, "stolen-kiosk")
    assert code == 0 and said.endswith("GOOD: a stolen kiosk.\n"), said
    assert said.count("✓") == 20 and said.count("!") == 1 and "✗" not in said
    assert copy_of_files(data) == before


def hash_numbers(patch):
    """As an early version did: the server hashes the printed numbers too, and sends the hashes."""
    living = cards.people.living_cards

    def both(*told):
        return [
            made
            for one in living(*told)
            for made in (one, replace(one, token=one.holder.card_no))
        ]  # fmt: skip

    patch.setattr(cards.people, "living_cards", both)
    patch.setattr(snapshots, "code_refs", lambda device, holder, refs: refs)


def open_typed_numbers(patch):
    """A typed number opens like a scanned card, without the server."""
    hash_numbers(patch)
    present = scanning.present_card

    def opened(after, number):
        scanning.g.visit = present(scanning.visit(), number)
        return scanning.go(after)

    patch.setattr(scanning, "ask_pin", opened)


def see_every_kiosk_as_active(patch):
    known = devices.device_of
    for module in (devices, pairing):
        patch.setattr(
            module, "device_of", lambda *told, **more: replace(known(*told, **more), state="active")
        )


def no_lock(path: Path, what: str):
    return io.StringIO()


@pytest.mark.parametrize(
    ("take_out", "fault"),
    [
        (hash_numbers, NUMBERS_AS_CODES),
        (open_typed_numbers, "offline a typed number opens neither passbook nor pick-up"),
        (lambda patch: patch.setattr(outbox, "hold_alone", no_lock), "a second agent on the same"),
        (
            lambda patch: patch.setattr(api.actions, "require_trusted", lambda device: None),
            REFUSED + "the list of cards",
        ),
        (see_every_kiosk_as_active, REFUSED + "its pairing code"),
        (
            lambda patch: patch.setattr(applying, "_check_circumstances", lambda *told: None),
            "what the thief signs is stored and waits for staff",
        ),
        (
            lambda patch: patch.setattr(intake, "_set_aside", lambda *told, **more: None),
            "a second history of one kiosk is noticed",
        ),
    ],
)
def test_without_a_guard_the_drill_is_bad(data, monkeypatch, take_out, fault):
    take_out(monkeypatch)
    code, said = run_drill(data, "stolen-kiosk")
    assert code == 1 and said.endswith("BAD: a stolen kiosk.\n"), said
    assert f"✗ it is not true that {fault}" in said, said


def test_a_nonce_that_is_never_used_up_makes_the_drill_bad(data, monkeypatch):
    admit = devices.admit_request

    def keep_nonce(session, **told):
        found = admit(session, **told)
        row = {"device_id": told["request"].device_id, "nonce": told["request"].nonce}
        session.execute(
            text(
                "INSERT INTO kiosk_nonce (community_id, device_id, nonce, expires_at)"
                " SELECT community_id, device_id, :nonce, expires_at FROM kiosk_nonce"
                " WHERE device_id = :device_id LIMIT 1"
            ),
            row,
        )
        return found

    monkeypatch.setattr(api.actions, "admit_request", keep_nonce)
    code, said = run_drill(data, "stolen-kiosk")
    assert code == 1 and "✗ it is not true that a request that was sent before is refused" in said


def test_without_a_card_the_drill_says_what_is_missing(data, tmp_path, info):
    code, said = run_drill(on_disk(tmp_path / "empty", info, is_empty=True), "stolen-kiosk")
    assert code == 1 and "The community has no store, or no card" in said
