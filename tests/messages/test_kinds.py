"""Which deed writes to whom; each kind has words in both languages."""

from datetime import timedelta

import pytest

from tests.factories.aid import make_claim, make_resident
from tests.factories.goods import make_stock
from tests.factories.hours import at, confirm, enter, make_cast, told
from tests.factories.kiosks import make_stand
from tests.factories.people import a_request_id, approver, coordinator, keeper, make_proof
from tests.kiosks.test_staff_calls import call
from timebank.aid import actions as aid
from timebank.aid.messages import remind_of_ends
from timebank.deeds.deed import Deed
from timebank.households.messages import remind_of_papers
from timebank.messages.queries import calls_due, inbox
from timebank.oversight.messages import LAST_BACKUP, remind_of_backup
from timebank.subjects import message_kinds
from timebank.values import local_day, local_instant
from web.reader import in_language
from web.subjects import gathered

FACTS = {
    "claim": {"claim_id": 7, "claim_no": "S1-Q2025-000007", "shop_zh": "公益店", "shop_en": "Shop",
              "until": "2025-06-11T09:00:00+00:00"},
    "hours": {"minutes": 150, "pool_minutes": 30, "on": "2025-06-10"},
    "paper": {"paper": "dibao", "on": "2025-06-30"},
    "kiosk": {"at": "2025-06-11T09:00:00+00:00", "shop_zh": "公益店", "shop_en": "Shop"},
    "backup": {"at": "2025-06-01T09:00:00+00:00"},
}  # fmt: skip


def kinds(session, person_id, community_id=1):
    return [one.kind for one in inbox(session, community_id, person_id)]


def deed(session, by, now):
    return Deed(session, by, now, a_request_id())


@pytest.fixture(scope="session")
def copies(sqlite_copies):
    """What is written is the same on every engine; one is enough."""
    return sqlite_copies


def test_every_kind_has_words_and_all_words_have_a_kind():
    assert {kind.name for kind in message_kinds()} == set(gathered().messages)


@pytest.mark.parametrize("kind", [kind.name for kind in message_kinds()])
def test_each_kind_is_said_in_both_languages(kind):
    words = gathered().messages[kind]
    facts = FACTS["claim" if kind == "hold_ends" else kind.split("_")[0]]
    assert set(words.ids) <= set(facts)
    said = []
    for language in ("zh", "en"):
        with in_language(language):
            said.append((str(words.heading), words.say(facts)))
    assert said[0][0] != said[1][0]
    assert said[0][1] != said[1][1]
    assert "%(" not in str(said)


def test_a_review_answers_the_claimant_and_they_are_called(session, shop, now):
    by = make_resident(session, shop.town)
    make_stock(session, shop, "肥皂", 5)
    answers = []
    for approve in (False, True):
        claimed = make_claim(session, shop, by, now=now, 肥皂=1)
        aid.ask_for_person(deed(session, by, now), claim_id=claimed.claim_id)
        aid.decide_review(
            deed(session, approver(session, shop.town), now), claim_id=claimed.claim_id,
            approve=approve, reason="病后体弱",
        )  # fmt: skip
        answers.append(kinds(session, by.person_id)[0])
    assert answers == ["claim_refused", "claim_approved"]
    (due,) = calls_due(session, coordinator(session, shop.town), now)
    assert due.person.id == by.person_id
    assert len(due.messages) == 1  # The rules' own refusal was said on the page.


def test_who_was_helped_confirms_and_who_helped_learns_of_the_credit(session):
    cast, tonight = make_cast(session), at("21:00")
    entered = enter(session, cast, told(cast), now=tonight)[0]
    assert kinds(session, cast.recipient.person_id) == ["hours_to_confirm"]
    assert kinds(session, cast.volunteer.person_id) == []
    confirm(session, cast.recipient, entered, as_="recipient", now=tonight)
    assert kinds(session, cast.volunteer.person_id) == []
    confirm(session, cast.organiser, entered, now=tonight)
    (one,) = inbox(session, 1, cast.volunteer.person_id)
    assert (one.kind, one.facts["minutes"]) == ("hours_credited", 150)


def test_a_reservation_that_ends_tomorrow_is_said_once(session, shop, now):
    by = make_resident(session, shop.town)
    make_proof(session, shop.town, by.household_id)
    make_stock(session, shop, "肥皂", 5)
    until = make_claim(session, shop, by, now=now, 肥皂=1).hold_until_at
    day_before = local_instant(local_day(until) - timedelta(days=1), 9)
    found = [
        remind_of_ends(deed(session, shop.town.by, at)).count
        for at in (day_before - timedelta(days=1), day_before, day_before + timedelta(minutes=5))
    ]
    assert found == [0, 1, 0]
    assert kinds(session, by.person_id)[0] == "hold_ends"


def test_a_paper_is_said_30_days_before_unless_there_is_a_newer_one(session, shop, now):
    old, renewed = (make_resident(session, shop.town) for _ in range(2))
    last = local_day(now) + timedelta(days=30)
    for by in (old, renewed):
        make_proof(session, shop.town, by.household_id, valid_until_on=last)
    make_proof(
        session, shop.town, renewed.household_id, valid_from_on=last + timedelta(days=1),
        valid_until_on=last + timedelta(days=300),
    )  # fmt: skip
    assert remind_of_papers(deed(session, shop.town.by, now - timedelta(days=1))).count == 0
    assert remind_of_papers(deed(session, shop.town.by, now)).count == 1
    assert remind_of_papers(deed(session, shop.town.by, now)).count == 0
    assert kinds(session, old.person_id) == ["paper_ends"]
    assert kinds(session, renewed.person_id) == []


def test_a_call_from_a_kiosk_goes_to_the_keepers_of_its_shop(session, now):
    stand = make_stand(session, now=now)
    by = keeper(session, stand.shop.town)
    call(session, stand, now)
    call(session, stand, now + timedelta(seconds=20))
    assert kinds(session, by.person_id) == ["kiosk_help"]
    assert kinds(session, stand.coordinator.person_id) == []


def test_a_call_from_a_shop_without_a_keeper_goes_to_the_coordinators(session, now):
    stand = make_stand(session, now=now)
    call(session, stand, now)
    assert kinds(session, stand.coordinator.person_id) == ["kiosk_help"]


def test_a_missed_backup_is_said_to_coordinators_once_a_week(session, shop, now):
    by = coordinator(session, shop.town)

    def remind(last_at, after=0):
        session.info[LAST_BACKUP] = lambda: last_at
        remind_of_backup(deed(session, shop.town.by, now + timedelta(days=after)))
        return len(kinds(session, by.person_id))

    assert remind(now - timedelta(days=1)) == 0
    assert remind(now - timedelta(days=3)) == 1
    assert remind(now - timedelta(days=3), after=1) == 1
    assert remind(now - timedelta(days=3), after=5) == 2
    assert remind(now + timedelta(days=5), after=5) == 2


def test_without_a_data_folder_no_backup_is_missed(session, shop, now):
    by = coordinator(session, shop.town)
    assert remind_of_backup(deed(session, shop.town.by, now)).count == 0
    assert kinds(session, by.person_id) == []
