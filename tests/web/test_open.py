"""The public pages: they answer everybody, and show no names."""

import pytest
from sqlalchemy import func, select

from tests.factories import people as make
from tests.factories.office import Page, Visit
from timebank.deeds.deed import Deed
from timebank.goods.actions import NewStore, add_stores
from timebank.goods.tables import deposit as deposit_table
from timebank.people.tables import household, person
from web.app import create_app

OPEN = (
    "/", "/?sort=item", "/?sort=--item", "/?sort=-nothing", "/?q=大米", "/shelf", "/shelf?q=rice",
    "/shelf?q=<script>alert(1)</script>", "/shelf?sort=-ends&q=" + "x" * 2_000, "/services",
    "/receipt", "/receipt?no=", "/receipt?no=S1-2025-000016", "/receipt?no=' OR 1=1 --",
    "/receipt?no=" + "9" * 4_000, "/receipt?no=GZR1:X", "/receipt?no=-1&no=2", "/help",
    "/sign-in", "/sign-in/name", "/sign-in/card", "/nowhere",
)  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_open_page_fails_or_names_anybody(village, lang):
    secrets = _secrets(village)
    visit = village.visit()
    visit.client.set_cookie("language", lang)
    for path in OPEN:
        page = visit.get(path)
        assert page.status == (404 if path == "/nowhere" else 200), path
        told = [secret for secret in secrets if secret in page.text]
        assert not told, (path, told)


SEALED = (
    (person, "id_no"), (person, "phone"), (person, "contacts"), (person, "notes"),
    (household, "door"),
)  # fmt: skip


def _secrets(village) -> list[str]:
    """Everything that the public must never read, as typed at the enrolment."""
    vault, found = village.database.info["vault"], set()
    with village.database.reading() as session:
        found |= set(session.scalars(select(person.c.name)))
        found |= set(session.scalars(select(household.c.household_no)))
        for table, name in SEALED:
            kept = [one for one in session.scalars(select(table.c[f"{name}_sealed"])) if one]
            opened = {vault.open(one, f"{table.name}.{name}") for one in kept}
            assert opened, name
            found |= opened
    return sorted(secret for secret in found if secret)


def test_an_open_page_is_the_same_for_who_signed_in(village):
    page = village.see("claimant", "/shelf")
    assert "我的存折" in page.text
    assert "林乙二" not in page.text


def test_the_shelf_counts_what_is_free_held_and_resting(village):
    page = village.visit().get("/shelf?q=大米")
    assert "可领 16 袋，已预约 2 袋" in page.text
    coats = village.visit().get("/shelf?q=童装")
    assert "整理中" in coats.text and "我来捐" not in coats.text


def test_the_shelf_is_searched_in_both_languages(village):
    visit = village.visit()
    assert "大米" in visit.get("/shelf?q=RICE").text
    assert "货架上没有这样的物品" in visit.get("/shelf?q=飞机").text


def test_home_shows_the_fullest_of_the_shelf_and_leads_to_the_rest(village):
    page = village.visit().get("/")
    assert page.text.count('class="cell-title') <= 11
    assert 'href="/shelf"' in page.text


NEW = ("/", "/shelf", "/services", "/rules", "/receipt?no=S1-2025-000001")
OF_MINE = ("/me/", "/me/take", "/me/claims", "/me/deposit", "/me/deposit/announce", "/me/services")


@pytest.fixture
def unruled(database):
    """A community that has people and nothing else: no rules, no store, no service."""

    def found(session, now):
        town = make.make_town(session)
        family = make.make_household(session, town)
        make.make_user(session, town, family.person_ids[0], login_name="first")

    database.write(found)
    return create_app({"DATABASE": database, "COMMUNITY_ID": 1, "TESTING": True})


def _enter(app) -> Visit:
    visit = Visit(app)
    form = next(f for f in visit.get("/sign-in/name").forms if f.action.startswith("/sign-in"))
    told = [f for f in form.fields if f[0] not in ("login_name", "password")]
    told += [("login_name", "first"), ("password", make.PASSWORD)]
    assert visit.send(form, told).status == 303
    return visit


def test_a_community_without_rules_says_so_kindly(unruled):
    visit = Visit(unruled)
    for path in NEW:
        assert visit.get(path).status == 200, path
    visit = _enter(unruled)
    for path in OF_MINE:
        assert visit.get(path).status == 200, path
    assert "领取的规则还没有定好" in visit.get("/me/take").text
    _announce_somewhere(visit, status=422)  # There is no store to bring it to.


def _announce_somewhere(visit: Visit, *, status: int) -> Page:
    page = visit.get("/me/deposit/announce")
    form = next(f for f in page.forms if f.action == page.path)
    told = [f for f in form.fields if not f[0].startswith("lines-0-")]
    told += [("lines-0-described", "毛衣"), ("lines-0-pieces", "1"), ("lines-0-condition", "new")]
    answer = visit.send(form, told)
    assert answer.status == status
    return answer


def test_a_deed_that_needs_a_rule_which_is_not_set_changes_nothing(unruled, database):
    def open_store(session, now):
        town = make.make_town(session)
        deed = Deed(session, town.by, now, make.a_request_id())
        add_stores(deed, stores=(NewStore(town.store_place_id, "S1"),))

    database.write(open_store)
    answer = _announce_somewhere(_enter(unruled), status=409)
    assert "这里的规则还没有定好" in answer.text
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(deposit_table)) == 0
