"""The pages of messages: the inbox with its count, the wishes, the call list and the slips."""

import re

from tests.factories.people import a_request_id
from timebank.aid.messages import HOLD_ENDS
from timebank.deeds.deed import Deed
from timebank.messages.actions import NewMessage, write_messages
from timebank.messages.queries import wishes_of

NUMBER, FACTS = "S1-Q2025-000077", {"shop_zh": "公益店", "shop_en": "Shop"}


def write(village, name="claimant", about="claim:7", **facts):
    by = village.sample.people[name]
    facts = (
        FACTS | {"claim_id": 7, "claim_no": NUMBER, "until": "2025-06-12T09:00:00+00:00"} | facts
    )
    new = NewMessage(kind=HOLD_ENDS, person_id=by.person_id, about=about, facts=facts)
    village.database.write(
        lambda session, now: write_messages(
            Deed(session, village.sample.town.by, now, a_request_id()), [new]
        )
    )
    return by.person_id


def count(page):
    found = re.search(r'/me/messages">.*?</a>', page.text, re.DOTALL)
    assert found is not None
    found = re.search(r'class="count">(\d+)', found[0])
    return int(found[1]) if found else 0


def test_the_menu_counts_what_is_unread_until_it_is_read(village):
    visit = village.visit("claimant")
    before = count(visit.get("/me/"))
    write(village)
    assert count(visit.get("/me/")) == before + 1
    page = visit.get("/me/messages")
    assert NUMBER in page.text and "/me/claims/7" in page.text
    assert count(visit.get("/me/")) == max(before + 1 - 20, 0)
    assert NUMBER not in village.see("donor", "/me/messages").text


def test_a_message_whose_content_is_strange_does_not_break_the_page(village):
    write(village, until="<b>soon</b>")
    page = village.see("claimant", "/me/messages")
    assert page.status == 200 and "读不出来" in page.text


def test_markup_in_a_message_is_text(village):
    write(village, claim_no="<script>alert(1)</script>")
    assert "<script>alert" not in village.see("claimant", "/me/messages").text


def test_a_wrong_address_comes_back_beside_its_field_with_what_was_typed(village):
    visit = village.visit("claimant")
    page = visit.get("/me/messages/wishes")

    def keep(page, **typed):
        form = next(one for one in page.forms if any(name == "email" for name, _ in one.fields))
        fields = [field for field in form.fields if field[0] not in typed]
        form.action = "/me/messages/wishes"
        return visit.send(form, [*fields, *typed.items()])

    again = keep(page, email="林＠邻居", by_email="y")
    assert again.status == 422 and 'id="email-error"' in again.text
    assert again.value("email") == "林＠邻居"
    missing = keep(again, email="", by_email="y")
    assert missing.status == 422 and 'id="email-error"' in missing.text
    kept = keep(missing, email="ｌｉｎ@example.org", by_email="y")
    assert kept.status == 303
    person_id = village.sample.people["claimant"].person_id
    assert village.ask(wishes_of, [person_id])[person_id].email == "lin@example.org"


def test_staff_call_and_the_number_is_opened_with_a_line(village):
    person_id = write(village)
    staff = village.visit("social")
    assert f"/work/messages/{person_id}" in staff.get("/work/messages").text
    page = staff.get(f"/work/messages/{person_id}")
    assert NUMBER in page.text and 'class="number"' not in page.text
    opened = staff.press(page, "do", "phone")
    assert opened.status == 200 and 'class="number"' in opened.text
    assert "打电话告诉本人有消息" in village.see("claimant", "/me/openings").text
    assert staff.press(opened, "do", "reached").status == 303
    assert staff.press(opened, "do", "reached").status == 303  # The same press again.
    assert staff.get(f"/work/messages/{person_id}").status == 404
    assert f"/work/messages/{person_id}" not in staff.get("/work/messages").text


def test_outside_a_slip_says_only_for_whom_it_is(village):
    person_id = write(village)
    for path in (f"/work/messages/{person_id}/slip", "/work/messages/slips"):
        text = village.see("social", path).text
        inside, outside = text.split('class="folded-out"')[:2]
        assert NUMBER in inside and NUMBER not in outside
        assert "留的东西" not in outside.partition("</article>")[0]
