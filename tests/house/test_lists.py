"""Every list of the pages is a file too, with the right of its page."""

import re

from tests.house.sources import ROOT, nothing
from web.subjects import declared, gathered

LIST = re.compile(r"data_table\(|class=\"(?:card-list|tick-list|review-card|data-table)\"|queue\(")
AUDIENCE = re.compile(r"^(?:work|me|store)_")
# Lists within the page of something else.
PARTS = {
    "aid/store_issue": "who is at the counter now: on the worklist too",
    "kiosks/work_pairing": "what waits for a second person: on the worklist too",
    "goods/work_item": "one item",
    "goods/work_item_proposed": "what waits for a second person: on the worklist too",
    "messages/work_call": "what to say to one person",
    "people/me_account": "the browsers of one sign-in",
    "people/work_household": "one household",
    "people/work_mandate": "one mandate",
    "people/work_mandates": "who acts for one person",
    "people/work_person": "one person",
    "people/work_relatives": "the relatives of one person",
    "settings/work_setting": "one parameter",
}


def pages():
    """Each template of a reader's page, as ``people/work_staff``, with its text."""
    for path in sorted((ROOT / "web").glob("*/templates/*.html")):
        if AUDIENCE.match(path.name):
            yield f"{path.parent.parent.name}/{path.stem}", path.read_text("utf-8")


def without_sheet(found):
    return [
        f"web: {name} shows a list and has no sheet_link"
        for name, text in found
        if LIST.search(text) and "sheet_link(" not in text and name not in PARTS
    ]


def test_every_list_of_a_page_can_be_taken_as_a_file():
    nothing(without_sheet(pages()))
    nothing(sorted(PARTS.keys() - {name for name, text in pages() if LIST.search(text)}))


def test_a_list_without_a_sheet_is_found():
    assert without_sheet([("people/work_new", '<ul class="card-list">')])
    assert not without_sheet([("people/work_new", "<p>")])


def test_every_sheet_is_linked_from_its_page_and_named_once():
    text = "".join(text for _name, text in pages())
    linked = set(re.findall(r"sheet_link\('([\w-]+)'", text))
    listed = {sheet.name for sheet in gathered().sheets.values() if sheet.page == "work.sheets"}
    # The search of people finds some of them: their whole list is on the page of all sheets.
    assert linked | listed | {"households"} == set(gathered().sheets)
    names = [sheet.name for pages_ in declared() for sheet in pages_.sheets]
    assert len(names) == len(set(names))


def test_a_sheet_has_the_guard_of_its_page():
    views = {route.endpoint: route.view for pages_ in declared() for route in pages_.routes}
    faults = []
    for sheet in gathered().sheets.values():
        view = views[sheet.page]
        wanted = "signed_in" if sheet.right is None else f"needs {sheet.right.name}"
        if sheet.page != "work.sheets" and view._guard != wanted:
            faults.append(f"{sheet.name} has another right than {sheet.page}: {view._guard}")
        if sheet.page != "work.sheets" and getattr(view, "_is_proven", False) != sheet.is_proven:
            faults.append(f"{sheet.name} and {sheet.page} do not ask the same proof")
    nothing(faults)
