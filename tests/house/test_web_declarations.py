"""Each folder of the web declares what it brings; the centre only collects it."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import ModuleType

import pytest
from flask import Flask

from tests.house.sources import Source, nothing, sources
from tests.house.test_imports import imports
from timebank.subjects import every_right, subjects, work_kinds
from web.auth import open_to_all
from web.cases import WorkCase, WorkFace
from web.pages import OPEN, MenuPlace, Pages, join, page, routes_in
from web.subjects import DeclaredTwice, declared, folders, gather, gathered
from web.wording import entry
from web.words import common

# The desk declares pages and a kind of work like any other subject.
SUBJECTS = {
    source.path.split("/")[1] for source in sources("web") if source.path.endswith("/subject.py")
}
SHARED_NAMES = ("Meta",)  # WTForms reads an inner class of this name.


def centre_faults(source: Source) -> list[str]:
    """List imports of a subject by a central module."""
    is_centre = source.path.count("/") == 1 or source.path.startswith("web/words/")
    return [
        f"{source.path}:{line} imports {module}: the centre knows no subject by name"
        for line, module in sorted(set(imports(source)))
        if is_centre and module.startswith("web.") and module.split(".")[1] in SUBJECTS
    ]


def test_every_right_has_words_and_each_subject_a_heading():
    rights = {right.name for right in every_right()}
    wanted = rights | {name.partition(".")[0] for name in rights}
    assert sorted(wanted - gathered().rights.keys()) == []
    assert sorted(gathered().rights.keys() - wanted) == []


def face_faults(kinds: Iterable[str], faces: Iterable[str]) -> list[str]:
    """List kinds of work without a face, and faces without a kind."""
    waiting, shown = set(kinds), set(faces)
    found = [f"{kind} waits, but no web/<subject>/worklist.py shows it" for kind in waiting - shown]
    return sorted(found + [f"{kind} has a face, but nothing waits" for kind in shown - waiting])


def shared_names(files: Iterable[Source]) -> list[str]:
    """List classes with the name of another class."""
    found = Counter(
        name
        for source in files
        for name in re.findall(r"^ *class (\w+)", source.text, re.MULTILINE)
        if name not in SHARED_NAMES
    )
    return sorted(name for name, count in found.items() if count > 1)


def test_every_kind_of_work_has_a_face_and_every_face_a_kind():
    nothing(face_faults((kind.name for kind in work_kinds()), gathered().faces))


def misplaced_words(refusals: Mapping[str, str], words: Mapping[str, Iterable[str]]) -> list[str]:
    """Name the refusals whose words stand with another subject than the refusal itself.

    **Shape**: ``refusals`` maps a code to its subject, ``words`` a folder of the web to codes.
    The words of a subject without a folder in the web belong to all.
    """
    homes = {code: folder for folder, codes in words.items() for code in codes}
    wanted = {
        code: subject if subject in SUBJECTS else "words" for code, subject in refusals.items()
    }
    return sorted(
        f"{code}: its words stand in web/{homes.get(code)}, not in web/{folder}"
        for code, folder in wanted.items()
        if homes.get(code) != folder
    )


def test_the_words_of_a_refusal_stand_with_its_subject():
    refusals = {kind.code: subject.name for subject in subjects() for kind in subject.refusals}
    own = {name: import_module(f"web.{name}.subject").PAGES.refusals for name in SUBJECTS}
    assert len(refusals) > 30
    nothing(misplaced_words(refusals, own | {"words": common.REFUSALS}))


def test_words_that_stand_elsewhere_are_found():
    words = {"goods": ["OPENED_FOOD"], "words": ["KEY"]}
    assert not misplaced_words({"OPENED_FOOD": "goods", "KEY": "deeds"}, words)
    assert misplaced_words({"OPENED_FOOD": "aid"}, words)
    assert misplaced_words({"LATE": "goods"}, words)


def test_every_face_names_a_template_and_fields_that_are_there():
    named = {source.path for source in sources("web", ending=".html")}
    for face in gathered().faces.values():
        folder, _slash, name = face.template.partition("/")
        assert f"web/{folder}/templates/{name}" in named, face.kind
        with Flask("bare").test_request_context():
            asked = face.form(meta={"csrf": False})
        assert {field for field, _hint in face.fields} <= set(asked._fields), face.kind


def test_every_folder_of_the_web_declares_its_pages():
    assert {name for name in folders() if name != "words"} == SUBJECTS
    assert len(declared()) == len(SUBJECTS)


def test_the_centre_knows_no_subject_by_name():
    nothing([fault for source in sources("web") for fault in centre_faults(source)])


def test_no_two_classes_of_the_web_share_a_name():
    files = [source for source in sources("web") if "/schemas/" not in source.path]
    nothing(shared_names(files))


def test_a_subject_in_the_centre_is_found():
    assert centre_faults(Source("web/app.py", "from web.goods import open\n"))
    assert centre_faults(Source("web/words/common.py", "import web.aid.words\n"))
    assert not centre_faults(Source("web/aid/me.py", "from web.goods import open\n"))


def test_a_kind_of_work_without_a_face_is_found():
    assert face_faults(["record", "appeal"], ["record"]) == [
        "appeal waits, but no web/<subject>/worklist.py shows it"
    ]
    assert face_faults([], ["appeal"]) == ["appeal has a face, but nothing waits"]


def test_a_shared_name_is_found():
    assert shared_names([Source("web/a.py", "class A:\n"), Source("web/b.py", "class A:\n")])


def _view() -> str:
    return "here"


def _read(session, by, one, now) -> WorkCase:
    return WorkCase(one, "appeal")


def planted() -> Pages:
    """The declaration of a subject that exists only in this test."""
    module = ModuleType("appeals")
    _view.__module__ = "appeals"
    place = MenuPlace(bar="public", word="appeals", icon="scale", order=1)
    module.view = page(OPEN, "/appeals", "appeals", places=(place,))(open_to_all(_view))
    return Pages(
        routes=routes_in(module),
        refusals={"APPEAL_LATE": entry("late", "too late", advice="ask")},
        kinds={"appeal": "an appeal"},
        states={("appeal", "open"): "being read"},
        fields={"ground": "why you appeal"},
        whys={"thin": "too short"},
        papers={"letter": "the letter"},
        accounts={"fees": "fees"},
        deeds={"file_appeal": "appealed"},
        faces=(WorkFace(kind="appeal", word="appeals", read=_read),),
    )


def test_each_part_of_a_planted_declaration_appears():
    whole = gather([*declared(), planted()])
    assert whole.places["public"][0].endpoint == "open.appeals"
    assert whole.refusals["APPEAL_LATE"].heading == "late"
    assert (whole.kinds["appeal"], whole.fields["ground"]) == ("an appeal", "why you appeal")
    assert (whole.whys["thin"], whole.papers["letter"]) == ("too short", "the letter")
    assert (whole.accounts["fees"], whole.deeds["file_appeal"]) == ("fees", "appealed")
    assert whole.faces["appeal"].word == "appeals"
    app = Flask("bare", static_folder=None)
    join(app, planted())
    assert app.test_client().get("/appeals").text == "here"


def test_two_subjects_have_a_state_of_the_same_name_in_other_words():
    other = Pages(states={("ticket", "open"): "waits for an answer"})
    whole = gather([planted(), other])
    assert whole.state("appeal", "open") == "being read"
    assert whole.state("ticket", "open") == "waits for an answer"
    assert whole.state("offer", "open") is None
    assert whole.state(None, "open") is None
    assert gather([planted()]).state(None, "open") == "being read"


def test_what_two_subjects_declare_in_other_words_is_found():
    with pytest.raises(DeclaredTwice):
        gather([planted(), Pages(fields={"ground": "the floor"})])
