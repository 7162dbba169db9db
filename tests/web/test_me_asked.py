"""Before less is claimed than was wanted, the page asks: agree, change, or leave it."""

import re

from tests.web.test_me import send
from timebank.aid.queries import claims_of_household
from timebank.aid.queries import quota as quota_of


def _home(village):
    return village.sample.people["claimant"].household_id


def _claims(village):
    return village.ask(claims_of_household, _home(village))


def test_whoever_cannot_get_all_is_asked_before_anything_is_set_aside(village):
    visit, before = village.visit("claimant"), _claims(village)
    soy = village.sample.shop.item("酱油")
    check = send(visit, visit.get("/me/take"), **{f"pieces-{soy}": 5})
    assert check.status == 200 and _claims(village) == before
    for told in ("想要 5 瓶", "可以给 2 瓶", "少 3 瓶：货架上不够", "份额还剩", "什么都还没有扣"):
        assert told in check.text
    change = visit.press(check, "change")
    assert change.value(f"pieces-{soy}") == "5" and _claims(village) == before
    page = visit.follow(visit.press(check, "agree"))
    assert "想要 5 瓶，少了 3 瓶：货架上不够" in page.text
    assert visit.press(check, "agree").location.endswith(page.path)  # Pressed again: one claim.
    assert len(_claims(village)) == len(before) + 1


def test_the_whole_share_is_not_used_unasked(village):
    visit, before = village.visit("claimant"), _claims(village)
    home = _home(village)
    share = village.ask(quota_of, home, village.clock()).remaining
    wanted = {f"pieces-{village.sample.shop.item(k)}": 40 for k in ("图书", "卫生纸", "洗衣粉")}
    check = send(visit, visit.get("/me/take"), **wanted)
    assert "超出本户十二个月的件数" in check.text and _claims(village) == before
    shown = re.findall(r"(一共想要|一共可以给|份额还剩)</dt>\s*<dd>(\d+) 件", check.text)
    assert shown == [("一共想要", "120"), ("一共可以给", str(share)), ("份额还剩", "0")]
    assert village.ask(quota_of, home, village.clock()).remaining == share


def test_what_changed_meanwhile_is_asked_again(village):
    visit, before = village.visit("claimant"), _claims(village)
    soy = village.sample.shop.item("酱油")
    check = send(visit, visit.get("/me/take"), **{f"pieces-{soy}": 5})
    other = village.visit("claimant")
    other.follow(send(other, other.get("/me/take"), **{f"pieces-{soy}": 1}))
    again = visit.press(check, "agree")
    assert again.status == 200 and "刚才有变化" in again.text and "可以给 1 瓶" in again.text
    assert len(_claims(village)) == len(before) + 1
    visit.follow(visit.press(again, "agree"))
    assert _claims(village)[0].approved == 1


def test_numbers_that_were_not_shown_agree_to_nothing(village):
    visit, before = village.visit("claimant"), _claims(village)
    soy = village.sample.shop.item("酱油")
    check = send(visit, visit.get("/me/take"), **{f"pieces-{soy}": 5})
    for odd in ("x", "1", "3", "99999", ""):
        check = visit.press(check, "agree", **{f"agreed-{soy}": odd})
        assert check.status == 200 and "可以给 2 瓶" in check.text, odd
    assert _claims(village) == before
