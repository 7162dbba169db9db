"""Notices: who puts them up, what they may be, and on which days everybody reads them."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.factories import make_by
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.notices import actions
from timebank.notices.queries import notices_kept, notices_on
from timebank.values import local_day


def put_up(session, now, by, *, first=0, last=3, **texts):
    today = local_day(now)
    texts = {"title_zh": "教用手机", "text_zh": "星期六九点半。", **texts}
    return actions.write_notice(
        Deed(session, by, now, a_request_id()), **texts,
        from_on=today + timedelta(days=first), until_on=today + timedelta(days=last),
    ).notice_id  # fmt: skip


def take_down(session, now, by, notice_id):
    actions.end_notice(Deed(session, by, now, a_request_id()), notice_id=notice_id)


def up(session, community_id, now, days=0):
    return [one.id for one in notices_on(session, community_id, local_day(now) + timedelta(days))]


def test_a_notice_is_up_from_its_first_day_to_its_last(session, community_id, now, by_coordinator):
    notice_id = put_up(session, now, by_coordinator, first=1, last=2)
    shown = [up(session, community_id, now, day) for day in range(4)]
    assert shown == [[], [notice_id], [notice_id], []]
    kept = notices_kept(session, community_id, local_day(now))
    assert [one.id for one in kept] == [notice_id]


def test_a_notice_taken_down_is_gone_at_once_and_only_once(
    session, community_id, now, by_coordinator, by_social_worker
):
    notice_id = put_up(session, now, by_coordinator)
    take_down(session, now, by_social_worker, notice_id)
    assert up(session, community_id, now) == []
    with pytest.raises(WrongState):
        take_down(session, now, by_social_worker, notice_id)
    old = put_up(session, now, by_coordinator, last=1)
    with pytest.raises(WrongState):
        take_down(session, now + timedelta(days=2), by_coordinator, old)


@pytest.mark.parametrize("role", ["grid_worker", "approver", "auditor", "hotline", None])
def test_others_put_up_nothing(session, now, role, by_coordinator):
    by = make_by(*([role] if role else []))
    with pytest.raises(NotAllowed):
        put_up(session, now, by)
    notice_id = put_up(session, now, by_coordinator)
    with pytest.raises(NotAllowed):
        take_down(session, now, by, notice_id)


def test_the_neighbour_community_neither_sees_nor_ends_it(
    session, neighbour_id, now, by_coordinator, by_neighbour
):
    notice_id = put_up(session, now, by_coordinator)
    assert up(session, neighbour_id, now) == []
    with pytest.raises(NotFound):
        take_down(session, now, by_neighbour, notice_id)


@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        ({"title_zh": " "}, "title_zh", "needed"),
        ({"text_zh": ""}, "text_zh", "needed"),
        ({"title_zh": "字" * 41}, "title_zh", "too_long"),
        ({"text_zh": "字" * 401}, "text_zh", "too_long"),
        ({"title_en": "x" * 82, "text_en": "y"}, "title_en", "too_long"),
        ({"title_en": "Only a heading"}, "text_en", "needed"),
        ({"text_en": "Only a text"}, "title_en", "needed"),
        ({"first": 3, "last": 2}, "until_on", "before_start"),
        ({"first": -3, "last": -2}, "until_on", "past"),
        ({"first": -1, "last": 2}, "from_on", "range"),
        ({"first": 0, "last": 367}, "until_on", "range"),
    ],
)
def test_what_cannot_be_a_notice_is_refused(session, now, by_coordinator, change, field, why):
    with pytest.raises(BadInput) as refused:
        put_up(session, now, by_coordinator, **change)
    assert refused.value.facts == {"field": field, "why": why}


@pytest.mark.parametrize("table", ["notice", "notice_end"])
def test_the_database_changes_no_notice(session, now, by_coordinator, table):
    take_down(session, now, by_coordinator, put_up(session, now, by_coordinator))
    with pytest.raises(Exception, match="history is never changed"):
        session.execute(text(f"UPDATE {table} SET community_id = community_id"))
