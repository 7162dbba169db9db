"""No address says whom it is about: servers, proxies and browsers keep addresses.

An address may hold an id, a day, a page, an item. A name, a phone, a card, document or household
number and a code travel in the body of a request.
"""

import re

import pytest

from tests.house.sources import nothing, sources

# Each parameter of an address that the pages read, and what it is. A new one is entered here by
# somebody who has thought of whom it names.
PAGES_READ = {
    "deed": "a name of a deed", "grid": "an id", "from": "a day", "home": "an id", "until": "a day",
    "firm": "an id", "name": "what intake does not know", "role": "a role of staff",
    "state": "a state of items or of the system", "what": "a part of the system",
    "who": "an id",
    "after": "times and ids", "again": "1", "back": "a page", "before": "times and ids",
    "case": "kind and id", "deposit": "an id",
    "direction": "in or out", "ended": "why a visit ended", "item": "an id",
    "kind": "a kind of work or of items", "kept": "1", "next": "a page", "on": "a day",
    "only": "a state of lots", "part": "a part of the program",
    "page": "a number", "person": "an id", "q": "the name of an item", "service": "an id",
    "set": "a published set of rules",
    "search": "a search, sealed for this visit", "sort": "a column", "store": "an id",
    "then": "kind and id",
    # A printed receipt is an address by design: whoever holds the paper may look, and the page
    # names nobody.
    "no": "a receipt",
}  # fmt: skip
API_READS = {"before", "direction", "from", "limit", "store_id", "to"}
READS = re.compile(r"""(?:request\.args|query|asked)\.get(?:list)?\(\s*["'](\w+)["']""")
# Words in an address: the names of items and of rules.
ITEM_SEARCHES = {
    "web/goods/open.py", "web/goods/store_shelf.py", "web/goods/work_items.py",
    "web/settings/sheets.py", "web/settings/work.py",
}  # fmt: skip
# The forms that write into an address.
FILTERS = {
    "web/exports/templates/work_dictionary.html", "web/hours/templates/work_services.html",
    "web/kiosks/templates/work_kiosks.html", "web/people/templates/work_firms.html",
    "web/people/templates/work_places.html", "web/people/templates/work_staff.html",
    "web/gallery/templates/shelf.html", "web/goods/templates/open_shelf.html",
    "web/goods/templates/store_shelf.html", "web/hours/templates/me_choose_day.html",
    "web/oversight/templates/work_audit.html", "web/oversight/templates/work_backups.html",
    "web/oversight/templates/work_health.html", "web/people/templates/work_who_may.html",
    "web/settings/templates/work_settings.html", "web/goods/templates/work_items.html",
    "web/sealing/templates/open_receipt.html", "web/sealing/templates/work_books.html",
}  # fmt: skip
# The macro itself, and a page of samples with invented words.
GET_FORMS = {
    "web/households/templates/history.html",
    "web/templates/components/data_table.html",
    "web/gallery/templates/desk.html",
    "web/settings/templates/work_compare.html",
}
PERSONAL = re.compile(r"name|phone|card|code|pin|birth|door|document|_no\b|token")
# Words of the program: a language, a file, a sample page.
OWN_PATHS = {("/language/<code>", "code"), ("/static/<path:filename>", "filename"),
             ("/gallery/<name>", "name"),
             # The list of a sheet: people, claims.
             ("/work/sheets/<name>", "name"), ("/me/sheets/<name>", "name"),
             # Drawn for one upload; it opens nothing without the visit.
             ("/work/restore/<token>", "token"), ("/set-up/restore/<token>", "token")}  # fmt: skip


def read_from_addresses():
    for source in sources("web", "kiosk"):
        for found in READS.finditer(source.text):
            yield source.path, found[1]


def test_each_parameter_that_a_page_reads_is_known_and_names_nobody():
    nothing(
        [
            f"{path} reads {name} from its address: say in PAGES_READ what it is"
            for path, name in read_from_addresses()
            if name not in PAGES_READ
        ]
    )
    assert {name for _, name in read_from_addresses()} == set(PAGES_READ)


def test_only_items_are_searched_by_words_in_an_address():
    assert {path for path, name in read_from_addresses() if name == "q"} == ITEM_SEARCHES


def test_the_forms_that_write_into_an_address_are_those_that_name_nobody():
    filters, others = set(), set()
    for source in sources("web", "kiosk", ending=".html"):
        if "call filter_bar(" in source.text:
            filters.add(source.path)
        for form in re.findall(r"<form\b[^>]*>", source.text):
            if 'method="post"' not in form and 'method="dialog"' not in form:
                others.add(source.path)
    assert (filters, others) == (FILTERS, GET_FORMS)


def test_no_path_holds_anything_personal(app):
    nothing(
        [
            f"{rule} holds {name}"
            for rule in app.url_map.iter_rules()
            for name in rule.arguments
            if PERSONAL.search(name) and (str(rule), name) not in OWN_PATHS
        ]
    )


def test_the_api_reads_ids_days_and_numbers_from_its_addresses(client):
    told = client.get("/api/v1/openapi.json").json
    names = {
        parameter["name"]
        for path in told["paths"].values()
        for parameter in [*path.get("parameters", ()), *_of_methods(path)]
        if parameter.get("in") == "query"
    }
    assert names <= API_READS and not any(PERSONAL.search(name) for name in names)


def _of_methods(path):
    return [one for method in path.values() if isinstance(method, dict)
            for one in method.get("parameters", ())]  # fmt: skip


@pytest.mark.parametrize("path", ["/", "/sign-in", "/shelf", "/static/none"])
def test_no_other_site_is_told_the_address_of_a_page(client, path):
    assert client.get(path).headers["Referrer-Policy"] == "same-origin"
