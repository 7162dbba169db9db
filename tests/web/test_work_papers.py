"""Papers and sealed data on the pages: what one person may do, and what waits for a second."""

import pytest

from tests.factories.aid import make_claim, make_claimant
from tests.factories.goods import make_stock
from tests.factories.openings import BUDGET, REASON
from tests.factories.people import make_household, make_user, new_person
from tests.factories.people import staff as make_staff
from timebank.people.queries import openings_about, proofs_of_household
from timebank.values import Role

PAPER = {
    "kind": "tekun", "valid_from_on": "2025-06-01", "valid_until_on": "2026-05-31",
    "document_no": "TK-2025-0009", "issuer": "示范区民政局",
}  # fmt: skip


@pytest.fixture
def family(office):
    return office.do(make_household, office.town, new_person("陈甲一"))


def enter_paper(visit, household_id, **changed):
    """Send the form of a paper, whatever its lists offer."""
    page = visit.get(f"/work/households/{household_id}/papers")
    told = PAPER | changed
    kept = [pair for pair in page.forms[-1].fields if pair[0] not in told]
    return visit.send(page.forms[-1], [*kept, *told.items()])


def papers_of(office, household_id):
    with office.database.reading() as session:
        return proofs_of_household(session, office.town.community_id, household_id)


def open_phone(visit, person_id, reason=REASON):
    page = visit.get(f"/work/people/{person_id}/sealed")
    kept = [pair for pair in page.forms[-1].fields if pair[0] != "reason"]
    return visit.send(page.forms[-1], [*kept, ("columns", "phone"), ("reason", reason)])


@pytest.mark.parametrize("role", ["social_worker", "coordinator", "approver", "grid_worker"])
def test_a_special_approval_is_refused_with_a_reason(office, family, role):
    visit = office.enter(role)
    page = visit.get(f"/work/households/{family.household_id}/papers")
    assert 'value="tekun"' in page.text and 'value="special_approval"' not in page.text
    refused = enter_paper(visit, family.household_id, kind="special_approval")
    assert refused.status == 409 and "特事特办要由两个人商量批准" in refused.text
    assert refused.value("document_no") == PAPER["document_no"]
    assert papers_of(office, family.household_id) == []


def test_a_paper_until_2036_is_refused_with_the_latest_day(office, family):
    visit = office.enter("social_worker")
    assert (
        "最长登记 12 个月（残疾人证 120 个月）"
        in visit.get(f"/work/households/{family.household_id}/papers").text
    )
    refused = enter_paper(visit, family.household_id, valid_until_on="2036-12-31")
    assert refused.status == 422 and "最晚到2026年5月31日" in refused.text
    assert refused.value("issuer") == PAPER["issuer"]
    assert papers_of(office, family.household_id) == []
    assert enter_paper(visit, family.household_id).status == 303


@pytest.mark.parametrize("field", ["document_no", "issuer"])
def test_a_paper_without_number_or_issuer_stays_in_the_form(office, family, field):
    visit = office.enter("social_worker")
    assert enter_paper(visit, family.household_id, **{field: ""}).status == 422
    assert papers_of(office, family.household_id) == []


@pytest.mark.parametrize("kind", ["", "rich", "x" * 5000, "dibao'--"])
def test_an_unknown_kind_is_no_fault(office, family, kind):
    refused = enter_paper(office.enter("social_worker"), family.household_id, kind=kind)
    assert refused.status == 422 and "请从列出的选项中选一个" in refused.text


def test_who_entered_a_paper_is_told_when_and_who_else_hands_over(office):
    def build(session):
        by = make_claimant(session, office.town)
        make_stock(session, office.shop, "毛巾", 3)
        claimed = make_claim(session, office.shop, by, now=office.database.clock(), 毛巾=1)
        roles = Role("social_worker"), Role("keeper", office.town.store_place_id)
        return by, claimed, make_staff(session, office.town, *roles)

    by, claimed, office.staff["alone"] = office.do(build)
    visit = office.enter("alone")
    assert enter_paper(visit, by.household_id, kind="unemployed").status == 303
    case = visit.get(f"/work?case=pickup-{claimed.claim_id}")
    refused = visit.press(case, "do", "hand_over", pickup_code=claimed.pickup_code)
    assert refused.status == 403
    for words in ("您为这一户登记了证明", "10:00", "6月11日", "请另一位有这个岗位的工作人员"):
        assert words in refused.text
    keeper = office.enter("keeper")
    case = keeper.get(f"/work?case=pickup-{claimed.claim_id}")
    assert keeper.press(case, "do", "hand_over", pickup_code=claimed.pickup_code).status == 303


def enter_until_drawn(office, visit, household_id):
    """Enter papers until one is drawn: nobody can choose which. Return its case."""
    second = office.enter("approver")
    for number in range(400):
        enter_paper(visit, household_id, document_no=f"TK-{number}")
        page = second.get("/work?kind=paper")
        if page.has_button("do", "confirm"):
            return second, page, f"TK-{number}"
    raise AssertionError("none of 400 papers was drawn")


def test_a_drawn_paper_is_confirmed_from_its_original(office, family):
    visit = office.enter("social_worker")
    second, case, number = enter_until_drawn(office, visit, family.household_id)
    assert PAPER["issuer"] in case.text and number not in case.text
    assert not visit.get("/work?kind=paper").has_button("do", "confirm")
    wrong = second.press(case, "do", "confirm", document_no="TK-X")
    assert wrong.status == 409 and "和登记时写的不一样" in wrong.text
    silent = second.press(wrong, "do", "end", document_no="", reason="。")
    assert silent.status == 422 and "请写一句完整的话" in silent.text
    assert second.press(silent, "do", "confirm", document_no=number).status == 303
    assert not second.get("/work?kind=paper").has_button("do", "confirm")


@pytest.mark.parametrize("reason", [".", "。。。。。。。", "aaaaaaaaaa", "1234567890", "看"])
def test_a_reason_that_is_no_sentence_says_what_is_wanted(office, family, reason):
    visit = office.enter("social_worker")
    refused = open_phone(visit, family.person_ids[0], reason)
    assert refused.status == 422 and "请写一句完整的话" in refused.text
    assert ">100" not in refused.text and refused.value("reason") == reason


def test_sixty_openings_stop_at_the_budget_until_a_second_person_agrees(office, family):
    person_id = family.person_ids[0]
    visit, head = office.enter("grid_worker"), office.enter("coordinator")
    opened = [open_phone(visit, person_id).status for _ in range(60)]
    assert opened == [200] * BUDGET + [403] * (60 - BUDGET)
    refused = open_phone(visit, person_id)
    assert "一天最多打开 15 次" in refused.text and ">100" not in refused.text
    case = head.get("/work?kind=opening")
    assert "一天打开了 15 次" in case.text and "陈**" in case.text and REASON in case.text
    assert "陈甲一" not in case.text
    allowed = head.press(case, "do", "allow", note="问过了，台风前逐户提醒关窗")
    assert allowed.status == 303
    assert open_phone(visit, person_id).status == 200
    assert not office.enter("social_worker").get("/work?kind=opening").has_button("do", "allow")


def test_the_person_sees_who_opened_what_when_and_why(office, family):
    person_id = family.person_ids[0]
    office.staff["mine"] = office.do(make_user, office.town, person_id)
    mine = office.enter("mine")
    assert "还没有人看过" in mine.get("/me/openings").text
    open_phone(office.enter("social_worker"), person_id)
    page = mine.get("/me/openings")
    with office.database.reading() as session:
        (seen,) = openings_about(session, office.town.community_id, person_id)
    for words in (seen.opener_name, "电话", REASON, "6月10日"):
        assert words in page.text
    assert "/me/account" in mine.get("/me/card").text
    assert "/me/openings" in mine.get("/me/account").text
    assert REASON not in office.enter("resident").get("/me/openings").text
