"""A fact that exceeds a passbook: what the desk shows, and the two ways to close it."""

from tests.factories.ledger import make_issue, make_request, make_shortfall, post_now
from timebank.ledger.queries import balance_of
from timebank.ledger.rules import Move
from timebank.values import MINUTES


def a_shortfall(office, *, of="resident"):
    return office.do(make_shortfall, office.staff[of].person_id)


def aside(office):
    with office.database.reading() as session:
        return balance_of(session, 1, "suspense", MINUTES).posted


def test_the_coordinator_reads_what_was_lacking_and_of_whom(office):
    _own, case_id = a_shortfall(office)
    page = office.enter("coordinator").get("/work")
    assert "差额 · 30 分" in page.text and "事情已经办了，账上却不够" in page.text
    assert "缺 30 分" in page.text and "时间存折" in page.text
    assert f"shortfall-{case_id}" in page.text


def test_it_is_written_off_with_a_word_only(office):
    a_shortfall(office)
    visit = office.enter("coordinator")
    page = visit.get("/work")
    silent = visit.press(page, "do", "write_off", note="")
    assert silent.status == 422 and 'href="#note"' in silent.text
    done = visit.press(silent, "do", "write_off", note="那天终端没有网")
    assert "差额" not in visit.follow(done).text
    assert aside(office) == 0


def test_it_is_booked_to_the_passbook_once_that_holds_enough(office):
    own, _case_id = a_shortfall(office)
    visit = office.enter("coordinator")
    refused = visit.press(visit.get("/work"), "do", "settle")
    assert refused.status == 409 and aside(office) == -30
    assert "由社区承担。" in refused.text and "可以减少一些" not in refused.text
    office.do(lambda session: post_now(session, make_request(Move(make_issue(session), own, 30))))
    visit.follow(visit.press(visit.get("/work"), "do", "settle"))
    assert aside(office) == 0


def test_an_auditor_reads_it_and_closes_nothing(office):
    a_shortfall(office)
    page = office.enter("auditor").get("/work")
    assert "缺 30 分" in page.text
    assert not page.has_button("do", "settle") and not page.has_button("do", "write_off")


def test_the_desk_closes_nobodys_own(office):
    a_shortfall(office, of="coordinator")
    page = office.enter("coordinator").get("/work")
    assert "缺 30 分" in page.text and not page.has_button("do", "settle")


def test_a_shortfall_is_not_for_a_keeper(office):
    a_shortfall(office)
    assert "差额" not in office.enter("keeper").get("/work").text
