"""What a kiosk wrote is shown in words, and damaged content as it is."""

import pytest

from web.kiosks.written import written_rows

LONG = "x" * 500


def rows(office, **body):
    with office.app.test_request_context(), office.database.reading() as session:
        return written_rows(session, office.town.community_id, body)


def test_a_start_is_a_moment_and_a_service_has_its_name(office):
    service_id = next(iter(office.services.values()))
    started, service = rows(office, started_at=1_781_000_000_000_000, service_id=service_id)
    assert started[1].startswith("2026年6月9日") and started[0] == "从什么时候开始"
    assert not service[1].isdecimal()


def test_a_line_has_the_name_of_its_item_and_its_unit(office):
    soap = office.shop.item("肥皂")
    shown = rows(office, lines=[{"item_id": soap, "pieces": 2, "condition": "nine_tenths"}])
    assert len(shown) == 1 and "九成新" in shown[0][1] and str(soap) not in shown[0][1]


def test_a_household_is_its_number_and_a_scan_shows_no_hash(office):
    (number,) = rows(office, helped_no="H-0833")
    (scan,) = rows(office, helped_ref="f" * 64)
    assert number == ("帮的是", "H-0833") and scan == ("帮的是", "刷了对方的服务卡")


def test_a_code_and_a_grant_are_not_shown(office):
    assert rows(office, grant="secret", pickup_code="123456") == []


@pytest.mark.parametrize(
    "body",
    [
        {"started_at": "soon"}, {"started_at": 10**30}, {"started_at": -1}, {"started_at": True},
        {"service_id": None}, {"service_id": [1]}, {"helped_id": "x"}, {"helped_id": 10**40},
        {"lines": "many"}, {"lines": [1, None]}, {"lines": [{"pieces": "2"}]},
        {"lines": [{"item_id": [], "pieces": {}, "condition": []}]},
        {"thanks": {"a": 1}}, {LONG: LONG}, {"none": None},
    ],
)  # fmt: skip
def test_damaged_content_is_shown_and_breaks_nothing(office, body):
    assert all(len(shown) <= 500 for _, shown in rows(office, **body))
