"""Whoever announces the same goods again within some minutes is shown the list, and asked."""

from urllib.parse import urlsplit

from timebank.goods.queries import deposits_of_person, stores

PAGE = "/me/deposit/announce"


def send(visit, page, **changed):
    """Send the form of the page with some fields changed, by its unnamed button."""
    form = next(one for one in page.forms if one.action == PAGE)
    told = {name: str(value) for name, value in changed.items()}
    kept = [(name, value) for name, value in form.fields if name not in told]
    return visit.send(form, [*kept, *told.items()])


def soap(village, pieces=3):
    item = village.sample.shop.item("肥皂")
    return {"lines-0-item_id": item, "lines-0-pieces": pieces, "lines-0-condition": "new"}


def count_of(village):
    person_id = village.sample.people["donor"].person_id
    return len(village.ask(deposits_of_person, person_id, limit=99))


def test_the_same_again_is_shown_and_asked_about(village):
    visit = village.visit("donor")
    first = send(visit, visit.get(PAGE), **soap(village))
    assert first.status == 303, first.text
    before = count_of(village)
    village.clock.move(minutes=9)
    asked = send(visit, visit.get(PAGE), **soap(village))
    assert asked.status == 409 and "刚才已经登记过同样的东西" in asked.text
    assert urlsplit(first.location).path in asked.text
    assert count_of(village) == before
    again = send(visit, asked)
    assert again.status == 303 and again.location != first.location
    assert count_of(village) == before + 1


def test_something_else_or_later_is_not_asked_about(village):
    visit = village.visit("donor")
    send(visit, visit.get(PAGE), **soap(village))
    assert send(visit, visit.get(PAGE), **soap(village, 4)).status == 303
    village.clock.move(minutes=11)
    assert send(visit, visit.get(PAGE), **soap(village)).status == 303


def test_another_donor_or_another_place_is_not_asked_about(village):
    visit = village.visit("donor")
    page = visit.get(PAGE)
    assert send(visit, page, **soap(village)).status == 303
    other = village.visit("claimant")
    assert send(other, other.get(PAGE), **soap(village)).status == 303
    shop = village.sample.shop.store_id
    points = [one.id for one in village.ask(stores) if one.id != shop]
    assert send(visit, visit.get(PAGE), **soap(village), store_id=points[0]).status == 303
