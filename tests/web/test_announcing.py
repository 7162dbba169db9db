"""Announcing goods: the page asks what their kind requires, and answers at once."""

from timebank.goods.queries import deposits_of_person

LOOKED = {"lines-0-looked_at": "food", "lines-0-looked": "met"}


def send(visit, page, **changed):
    """Send the page's own form with some fields changed, by its unnamed button."""
    form = next(one for one in page.forms if one.action == page.path.split("?")[0])
    told = {name: str(value) for name, value in changed.items()}
    kept = [(name, value) for name, value in form.fields if name not in told]
    return visit.send(form, [*kept, *told.items()])


def test_what_could_never_be_taken_is_answered_at_once_beside_its_line(village):
    visit, shop = village.visit("donor"), village.sample.shop
    page = visit.press(visit.get("/me/deposit/announce"), "more")
    soap = {"lines-0-item_id": shop.item("肥皂"), "lines-0-pieces": 1}
    rice = {"lines-1-item_id": shop.item("大米"), "lines-1-pieces": 2}
    past = send(visit, page, **soap, **rice, **{"lines-1-best_before_on": "2025-06-09"})
    assert past.status == 422 and 'id="lines-1-looked-error"' in past.text
    past = send(visit, past, **{"lines-1-looked": "met"})
    assert 'id="lines-1-best_before_on-error"' in past.text
    assert "保质期到 2025年6月9日" in past.text and past.value("lines-1-pieces") == "2"
    opened = send(
        visit, past,
        **{"lines-1-looked": "not_met", "lines-1-lacking": "sealed"},
        **{"lines-1-best_before_on": "2025-12-09"},
    )  # fmt: skip
    assert "包装打开过；请送没有开封的来" in opened.text
    # Another item is another question, and the answer about rice does not count for it.
    coat = send(visit, opened, **{"lines-1-item_id": shop.item("冬衣")})
    assert "洗干净、晒干了" in coat.text and coat.status == 422
    medicine = send(visit, coat, **{"lines-1-refused_kind": "medicine"})
    assert "药品；过期药请交药店回收" in medicine.text and medicine.status == 409
    assert len(village.ask(deposits_of_person, village.sample.people["donor"].person_id)) == 5


def test_food_that_keeps_briefly_is_asked_for_before_its_own_last_day(village):
    visit, shop = village.visit("donor"), village.sample.shop
    page = visit.get("/me/deposit/announce")
    bread = {"lines-0-item_id": shop.item("面包"), "lines-0-pieces": 2}
    for best_before, said in (("2025-06-14", "最晚 2025年6月13日"), ("2025-06-10", "离到期太近了")):
        told = {**bread, "lines-0-best_before_on": best_before}
        done = visit.follow(send(visit, page, **told, **LOOKED))
        assert said in done.text
        assert ("6月13日 星期五前送到" in done.text) == ("最晚" in said)
        page = visit.get("/me/deposit/announce")
    late = {"lines-0-item_id": shop.item("大米"), "lines-0-best_before_on": "2026-02-01"}
    done = visit.follow(send(visit, page, **late, **LOOKED, **{"lines-0-pieces": 1}))
    assert "最晚" not in done.text and "离到期" not in done.text
