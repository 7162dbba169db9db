"""A household is enrolled at the counter, on one page; fields and touches are counted."""

import pytest

from tests.browser.walking import Walker

pytestmark = pytest.mark.browser

# A family of three with their identity cards; nothing else has to be filled in.
TYPED = {
    "door": "302", "phone": "100 0009 0117",
    "members-0-name": "吴甲九", "members-0-id_no": "990106195001010012",
    "members-1-name": "郑乙七", "members-1-id_no": "990106196806120029",
    "members-2-name": "吴丙八", "members-2-id_no": "990106201103040034",
}  # fmt: skip
CHOSEN = {"members-1-relation": "spouse", "members-2-relation": "grandchild"}
FIELDS_MAX, TOUCHES_MAX = 12, 13


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_family_is_enrolled_in_few_touches(walk, lang):
    worker = walk("social", lang=lang)
    worker.go("/work/households/new")
    worker.look("enrol a household")
    touches = _fill(worker)
    worker.follow(".family-end button")
    worker.look("what to hand over")
    assert worker.page.url.endswith("/ready")
    assert touches <= FIELDS_MAX and touches + 1 <= TOUCHES_MAX
    home = worker.page.url.removesuffix("/ready").split("/work/")[1]
    for part in ("", "/move", "/address", "/history"):
        worker.go(f"/work/{home}{part}")
        worker.look(f"household {part}")
    person = worker.page.locator("main .card-row a").first.get_attribute("href")
    for part in ("", "/change", "/consents"):
        worker.go(f"{person}{part}")
        worker.look(f"person {part}")


def _fill(worker: Walker) -> int:
    """Fill in what is needed; return how many fields were touched."""
    page = worker.page
    page.select_option("[name=building_id]", index=1)
    for name, value in TYPED.items():
        page.fill(f"[name={name}]", value)
    for name, value in CHOSEN.items():
        page.select_option(f"[name={name}]", value)
    page.check("[name=consents]")
    return 1 + len(TYPED) + len(CHOSEN) + 1


def test_the_question_stands_under_the_row_that_it_is_about(walk):
    worker = walk("social")
    worker.go("/work/households/new")
    _fill(worker)
    worker.follow(".family-end button")
    worker.go("/work/households/new")
    worker.page.select_option("[name=building_id]", index=1)
    worker.page.fill("[name=door]", "9")
    worker.page.fill("[name=members-0-name]", "吴甲九")
    worker.page.fill("[name=members-0-birth_on]", "1950-01-01")
    worker.page.check("[name=consents]")
    worker.follow(".family-end button")
    worker.look("somebody may be known")
    row = worker.page.locator(".family-row").first
    assert row.locator("[name=members-0-known]").count() == 2
