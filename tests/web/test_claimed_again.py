"""Whoever claims the same things again within some minutes is shown the claim, and asked."""

from urllib.parse import urlsplit

from timebank.aid.queries import claims_of_household


def send(visit, page, **changed):
    """Send the form of the page with some fields changed, by its unnamed button."""
    form = next(one for one in page.forms if one.action == "/me/take")
    told = {name: str(value) for name, value in changed.items()}
    kept = [(name, value) for name, value in form.fields if name not in told]
    return visit.send(form, [*kept, *told.items()])


def claims_of(village):
    return village.ask(claims_of_household, village.sample.people["claimant"].household_id or 0)


def test_the_same_claim_again_is_shown_and_asked_about(village):
    visit = village.visit("claimant")
    soap = village.sample.shop.item("肥皂")
    first = send(visit, visit.get("/me/take"), **{f"pieces-{soap}": 1})
    before = claims_of(village)
    village.clock.move(minutes=9)
    asked = send(visit, visit.get("/me/take"), **{f"pieces-{soap}": 1})
    assert asked.status == 409 and "刚才已经申领过同样的物品" in asked.text
    assert urlsplit(first.location).path in asked.text and before[0].claim_no in asked.text
    assert claims_of(village) == before
    again = send(visit, asked)
    assert again.status == 303 and again.location != first.location
    assert len(claims_of(village)) == len(before) + 1


def test_another_claim_or_a_later_one_is_not_asked_about(village):
    visit = village.visit("claimant")
    soap = village.sample.shop.item("肥皂")
    send(visit, visit.get("/me/take"), **{f"pieces-{soap}": 1})
    other = send(visit, visit.get("/me/take"), **{f"pieces-{soap}": 2})
    assert "刚才已经申领过" not in other.text
    village.clock.move(minutes=11)
    later = send(visit, visit.get("/me/take"), **{f"pieces-{soap}": 1})
    assert later.status == 303


def test_a_claim_that_was_given_back_is_not_asked_about(village):
    visit = village.visit("claimant")
    soap = village.sample.shop.item("肥皂")
    claim = visit.follow(send(visit, visit.get("/me/take"), **{f"pieces-{soap}": 1}))
    assert visit.press(claim, "do", "cancel").status == 303
    assert send(visit, visit.get("/me/take"), **{f"pieces-{soap}": 1}).status == 303
