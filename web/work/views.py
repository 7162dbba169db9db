"""The addresses of the staff's pages; what each one shows is in the module it names."""

from flask import Blueprint

from web.work import books, cards, kiosks, papers, people, records, worklist

blueprint = Blueprint("work", __name__, url_prefix="/work")

_GET, _BOTH = ["GET"], ["GET", "POST"]
for address, endpoint, view, methods in (
    ("", "worklist", worklist.worklist, _BOTH),
    ("/records", "records", records.to_confirm, _BOTH),
    ("/records/new", "records_new", records.enter, _BOTH),
    ("/people", "people", people.search, _BOTH),
    ("/people/<int:person_id>", "people_person", people.person, _GET),
    ("/people/<int:person_id>/card", "people_card", cards.card, _BOTH),
    ("/people/<int:person_id>/sealed", "people_sealed", people.sealed, _BOTH),
    ("/households/<int:household_id>", "people_household", people.household, _GET),
    ("/households/<int:household_id>/papers", "people_papers", papers.add, _BOTH),
    (
        "/households/<int:household_id>/papers/<int:proof_id>/end",
        "people_paper_end",
        papers.end,
        _BOTH,
    ),
    ("/kiosks", "kiosks", kiosks.kiosks, _BOTH),
    ("/books", "books", books.books, _GET),
):
    blueprint.add_url_rule(address, endpoint, view, methods=methods)
