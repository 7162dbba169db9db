"""Relatives on the pages: recorded and ended at the counter, shown to who reads names."""

import pytest

from tests.factories import people as make
from tests.factories.people import a_request_id
from timebank.people.queries import person_brief

REASON = "登记的时候写错了人，问过本人"


@pytest.fixture
def pair(office):
    """Two people of two households in the first grid."""
    made = [office.do(make.make_household, office.town) for _ in range(2)]
    return [family.person_ids[0] for family in made], [family.household_id for family in made]


def named(office, person_id):
    with office.database.reading() as session:
        return person_brief(session, office.town.community_id, person_id)


def record(office, visit, pair):
    """Record the two as relatives, by the name of the second one."""
    (one, other), _homes = pair
    page = visit.get(f"/work/people/{one}")
    assert "登记的亲属" in page.text and "还没有登记。" in page.text
    page = visit.get(f"/work/people/{one}/relatives")
    found = visit.press(page, "find", "other", other__text=named(office, other).household_no)
    assert named(office, other).name in found.text
    return visit.press(found, "save", kind="siblings", from_on="2001-02-03", other__person_id=other)


def test_they_are_found_recorded_and_shown_on_both_pages(office, pair):
    (one, other), homes = pair
    visit = office.enter("coordinator")
    done = record(office, visit, pair)
    assert done.status == 303 and named(office, other).name not in (done.location or "")
    page = visit.follow(done)
    assert "互相不能确认" in page.text and named(office, other).name in page.text
    for path in (f"/work/people/{other}", f"/work/households/{homes[1]}"):
        shown = visit.get(path).text
        assert named(office, one).name in shown and "兄弟姐妹" in shown and "2001年2月3日" in shown
        assert "不再是亲属" in shown


def test_who_reads_masked_names_sees_none_of_it(office, pair):
    record(office, office.enter("coordinator"), pair)
    for who in ("keeper", "auditor"):
        page = office.enter(who).get(f"/work/people/{pair[0][0]}")
        assert page.status == 200 and "登记的亲属" not in page.text


def test_a_save_without_the_other_person_says_so(office, pair):
    visit = office.enter("coordinator")
    page = visit.get(f"/work/people/{pair[0][0]}/relatives")
    refused = visit.press(page, "save", from_on="2001-02-03")
    assert refused.status == 422 and "请先找到是哪一位" in refused.text
    again = visit.press(refused, "save", from_on="", other__person_id=pair[0][1])
    assert again.status == 422 and "请写上日期" in again.text


def test_a_second_press_records_once_and_a_second_record_is_refused(office, pair):
    (one, other), _homes = pair
    visit = office.enter("coordinator")
    page = visit.get(f"/work/people/{one}/relatives")
    values = {"kind": "spouse", "from_on": "2001-02-03", "other__person_id": other}
    for _ in "ab":
        assert visit.press(page, "save", **values).status == 303
    refused = visit.press(
        visit.get(f"/work/people/{other}/relatives"), "save", **values | {"other__person_id": one}
    )
    assert refused.status == 409 and "这两位已经登记为亲属" in refused.text


def test_it_ends_with_a_sentence_and_stays_on_the_page(office, pair):
    visit = office.enter("coordinator")
    page = visit.follow(record(office, visit, pair))
    address = page.text.split('href="/work/relatives/')[1].split('"')[0]
    page = visit.get(f"/work/relatives/{address}")
    form = next(one for one in page.forms if dict(one.fields).get("reason") is not None)
    assert visit.send(form, form.fields).status == 422
    fields = dict(form.fields) | {"reason": REASON, "request_id": a_request_id()}
    done = visit.send(form, list(fields.items()))
    assert done.status == 303
    after = visit.follow(done)
    assert "从现在起他们不再算亲属" in after.text and "写下" in after.text
    assert "不再是亲属</" not in after.text


def test_no_page_offers_to_end_what_is_ones_own(office, pair):
    """The coordinator records their own relative; the page offers no end, and the deed refuses."""
    own = office.staff["coordinator"].person_id
    visit = office.enter("coordinator")
    page = visit.get(f"/work/people/{own}/relatives")
    values = {"kind": "spouse", "from_on": "2001-02-03", "other__person_id": pair[0][0]}
    page = visit.follow(visit.press(page, "save", **values))
    assert "夫妻" in page.text and "/work/relatives/" not in page.text
    other = visit.get(f"/work/people/{pair[0][0]}")
    assert "/work/relatives/" not in other.text and "当场领取" not in other.text
