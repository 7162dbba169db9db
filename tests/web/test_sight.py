"""Pages about a person out of sight answer as if there were nobody."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import people as make
from tests.factories.aid import make_claim, make_claimant
from tests.factories.goods import make_donation_point, make_stock
from tests.factories.office import Office
from timebank.goods.queries import store
from timebank.goods.tables import lot
from timebank.values import Role


def deposit_of_lot(session: Session, lot_id: int) -> int:
    found: int = session.scalars(select(lot.c.deposit_id).where(lot.c.id == lot_id)).one()
    return found


def place_of_store(session: Session, store_id: int) -> int:
    return store(session, 1, store_id).place_id


def test_the_page_of_a_card_in_another_grid_is_not_found_and_names_nobody(office: Office):
    there = office.do(make.make_household, office.town, make.new_person("欧阳丙六"), building=1)
    here = office.do(make.make_household, office.town, make.new_person("欧阳丙七"))
    card = office.do(make.make_card, office.town, there.person_ids[0])
    visit = office.enter("grid_worker")
    assert visit.get(f"/work/people/{here.person_ids[0]}/card").status == 200
    for path in (f"/work/people/{there.person_ids[0]}/card", f"/work/people/{there.person_ids[0]}"):
        page = visit.get(path)
        assert page.status == 404 and "欧阳" not in page.text
    search = visit.get("/work/people")
    form = next(one for one in search.forms if any(name == "q" for name, _ in one.fields))
    found = visit.send(form, [(n, card.token if n == "q" else v) for n, v in form.fields])
    assert found.location == "/work/people"


def test_a_keeper_of_another_store_opens_no_receipt_and_no_slip_of_ours(office: Office):
    lot_id = office.do(make_stock, office.shop, "肥皂", 2)
    found = office.do(deposit_of_lot, lot_id)
    point_id = office.do(make_donation_point, office.town)
    place_id = office.do(place_of_store, point_id)
    office.staff["elsewhere"] = office.do(make.staff, office.town, Role("keeper", place_id))
    by, now = office.do(make_claimant, office.town), office.database.clock()
    claimed = office.do(make_claim, office.shop, by, now=now, 肥皂=1)
    for path in (f"/store/receipts/{found}", f"/store/slips/{claimed.claim_id}"):
        assert office.enter("keeper").get(path).status == 200
        assert office.enter("elsewhere").get(path).status == 404
