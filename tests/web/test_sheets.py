"""Lists as files: what a reader sees, to its end, and nothing else."""

import csv
import io
import zipfile

from openpyxl import load_workbook

from tests.factories import people as make
from timebank.deeds.trail import TrailWanted, trail
from timebank.people.rules.visits import PROOF_LIFE
from timebank.sheets.writing import CSV, XLSX
from web.exports import sending
from web.subjects import gathered

OWN, STAFF = "/me/sheets", "/work/sheets"


def address_of(sheet, query=""):
    return f"{OWN if sheet.right is None else STAFF}/{sheet.name}{query}"


def taken(visit, address, kind=CSV):
    """The answer to the button of a kind of file."""
    page = visit.get(address)
    assert page.status == 200, (address, page.status)
    form = page.form_with(("kind", kind))
    return visit.client.post(form.action, data=dict([*form.fields, ("kind", kind)]))


def rows(answer):
    assert answer.status_code == 200, answer.get_data(as_text=True)[-900:]
    text = answer.get_data().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def book(answer):
    assert answer.status_code == 200, answer.get_data(as_text=True)[-900:]
    return load_workbook(io.BytesIO(answer.get_data()))


def took(database, community_id=1, name="take_sheet"):
    """What the audit trail says of the sheets that were taken, newest first."""
    with database.reading() as session:
        return [
            line.facts for line in trail(session, community_id, TrailWanted(name=name), limit=99)
        ]


def test_every_list_is_written_for_whoever_may_read_it(village):
    """Both kinds of file have the same rows; who may not open the page gets no file."""
    visits = {name: village.visit(name) for name in ("coordinator", "claimant")}
    for sheet in gathered().sheets.values():
        for name, visit in visits.items():
            is_for = sheet.is_for(village.sample.people[name])
            if sheet.name == "firm" or not is_for:
                assert visit.get(address_of(sheet)).status == (403 if not is_for else 404)
                continue
            lines = rows(taken(visit, address_of(sheet)))
            assert lines[0] == [str(heading) for heading in sheet.headings]
            if name == "coordinator":
                (found,) = book(taken(visit, address_of(sheet), XLSX)).worksheets
                assert abs(found.max_row - len(lines)) <= (sheet.name in ("audit", "books"))


def test_a_sheet_has_what_the_page_shows(village):
    visit = village.visit("coordinator")
    everything = rows(taken(visit, "/work/sheets/items?state=all"))[1:]
    some = rows(taken(visit, "/work/sheets/items?kind=food&q=大米"))[1:]
    assert len(everything) > 20 and [row[1] for row in some] == ["大米 5kg"]
    page = visit.get("/work/items?kind=food&q=大米").text
    assert '"/work/sheets/items?q=%E5%A4%A7%E7%B1%B3&amp;kind=food"' in page
    near = rows(taken(visit, "/work/sheets/shelf?only=ending"))[1:]
    assert {row[1] for row in near} == {"面条 1kg"}


def test_a_list_is_read_to_its_end_in_parts(village, monkeypatch):
    visit, whole = village.visit("coordinator"), {}
    names = ("people", "households", "claims", "deposits", "records", "volunteers")
    for name in names:
        whole[name] = rows(taken(visit, f"/work/sheets/{name}"))
    for module in ("people", "aid", "goods", "hours"):
        monkeypatch.setattr(f"web.{module}.sheets.AT_ONCE", 2)
    for name in names:
        assert rows(taken(visit, f"/work/sheets/{name}")) == whole[name]
    assert len(whole["people"]) > 10 < len(whole["records"])


def test_names_are_masked_as_on_the_pages(village):
    whole = rows(taken(village.visit("coordinator"), "/work/sheets/people"))
    masked = rows(taken(village.visit("keeper"), "/work/sheets/people"))
    assert ["林乙二", "70 到 79 岁", "H-0002", "2"] in whole
    assert ["林**", "70 到 79 岁", "H-0002", "2"] in masked
    for name in ("deposits", "claims"):
        text = str(rows(taken(village.visit("keeper"), f"/work/sheets/{name}")))
        assert "黄丙三" not in text and "林乙二" not in text and "**" in text


def test_a_role_for_a_grid_takes_the_people_of_that_grid_only(office):
    there = office.do(make.make_household, office.town, make.new_person("欧阳丙六"), building=1)
    office.do(make.make_household, office.town, make.new_person("欧阳丙七"))
    visit = office.enter("grid_worker")
    people = str(rows(taken(visit, "/work/sheets/people")))
    assert "欧阳丙七" not in people or "欧阳丙六" not in people
    homes = rows(taken(visit, "/work/sheets/households"))
    assert len(homes) < len(rows(taken(office.enter("coordinator"), "/work/sheets/households")))
    assert there.household_no and len({row[2] for row in homes[1:]}) == 1


def test_an_auditor_sees_donors_masked(office):
    office.do(make.make_household, office.town, make.new_person("欧阳丙六"))
    people = gathered().sheets["people"]
    assert people.is_for(office.staff["auditor"])
    assert "欧阳丙六" not in str(rows(taken(office.enter("auditor"), "/work/sheets/people")))


def test_the_search_of_the_page_is_that_of_the_sheet_and_not_in_its_address(village):
    visit = village.visit("coordinator")
    page = visit.get("/work/people")
    form = next(one for one in page.forms if any(name == "q" for name, _ in one.fields))
    found = visit.follow(
        visit.send(form, [(n, "林乙二" if n == "q" else v) for n, v in form.fields])
    )
    link = found.text.split('href="/work/sheets/people?', 1)[1].split('"', 1)[0]
    assert "%E6%9E%97" not in link
    assert [row[0] for row in rows(taken(visit, f"/work/sheets/people?{link}"))[1:]] == ["林乙二"]
    other = village.visit("coordinator")
    assert rows(taken(other, f"/work/sheets/people?{link}"))[1:] == []


def test_who_took_which_list_and_how_many_rows_is_noted(village):
    visit = village.visit("coordinator")
    lines = rows(taken(visit, "/work/sheets/people"))
    assert took(village.database)[0] == {"sheet": "people", "file": "csv", "rows": len(lines) - 1}
    assert "把一张表存成了文件" in visit.get("/work/audit").text
    before = len(took(village.database))
    rows(taken(village.visit("claimant"), "/me/sheets/passbook"))
    assert len(took(village.database)) == before  # One's own data.


def test_a_file_that_cannot_be_noted_is_not_sent(village, monkeypatch):
    def fails(*rest, **more):
        raise RuntimeError

    monkeypatch.setattr(sending.units, "deed", fails)
    answer = taken(village.visit("coordinator"), "/work/sheets/people")
    assert answer.status_code == 500 and "林乙二" not in answer.get_data(as_text=True)


def test_another_kind_of_file_is_asked_for_again(village):
    visit = village.visit("coordinator")
    page = visit.get("/work/sheets/people")
    form = page.form_with(("kind", "csv"))
    answer = visit.send(form, [*form.fields, ("kind", "exe")])
    assert answer.status == 422 and "请点一种文件" in answer.text


def test_a_sheet_of_nobody_and_one_of_others_are_not_found(village):
    visit = village.visit("claimant")
    assert village.visit("coordinator").get("/work/sheets/nothing").status == 404
    assert visit.get("/me/sheets/people").status == 404
    assert visit.get("/work/sheets/my-claims").status == 403
    assert village.visit("coordinator").get("/work/sheets/my-claims").status == 404
    assert village.visit("coordinator").get("/work/sheets/shelf?store=1").status == 404


def everything(visit, **told):
    page = visit.get("/work/sheets/everything")
    form = next(one for one in page.forms if any(name == "reason" for name, _ in one.fields))
    fields = {**dict(form.fields), "reason": "年底交给街道存档", **told}
    return visit.client.post(form.action, data=fields)


def test_everything_is_one_file_with_a_sheet_for_each_list(village):
    visit = village.visit("coordinator")
    staffs = [sheet for sheet in gathered().sheets.values() if sheet.right is not None]
    names = book(everything(visit)).sheetnames
    assert len(names) == len(staffs) and "人员" in names and "签过字的日结单" in names
    packed = zipfile.ZipFile(io.BytesIO(everything(visit, kind="zip").get_data()))
    assert len(packed.namelist()) == len(staffs)
    assert "林乙二" in packed.read("人员.csv").decode("utf-8-sig")
    facts = took(village.database, name="take_everything")
    assert len(facts) == 2 and facts[0]["reason"] == "年底交给街道存档" and facts[0]["rows"] > 200


def test_everything_needs_a_reason_and_a_proof_of_who_one_is(village, monkeypatch):
    visit = village.visit("coordinator")
    assert everything(visit, reason="").status_code == 422
    assert everything(visit, reason="x").status_code == 422
    assert took(village.database, name="take_everything") == []
    monkeypatch.setattr("web.auth.PROOF_LIFE", -PROOF_LIFE)
    assert visit.get("/work/sheets/everything").location.startswith("/me/account/prove")
    for name in ("keeper", "social", "approver"):
        assert village.visit(name).get("/work/sheets/everything").status == 403


def test_the_page_of_all_sheets_names_what_the_reader_may_take(village):
    page = village.see("keeper", "/work/sheets").text
    assert "/work/sheets/shelf" in page and "/work/sheets/staff" not in page
    assert "/work/sheets/everything" not in page
    assert "/work/sheets/everything" in village.see("coordinator", "/work/sheets").text


def test_the_dictionary_says_what_each_field_holds_in_both_languages(village):
    visit = village.visit("keeper")
    page = visit.get("/work/dictionary?part=goods").text
    assert "best_before_on" in page and "保质期的最后一天" in page and "Last day of use" in page
    lines = rows(taken(visit, "/work/sheets/dictionary"))
    assert len(lines) > 1000 and len({row[1] for row in lines[1:]}) > 100
    phone = next(row for row in lines if row[1:3] == ["person", "phone_sealed"])
    assert phone[3:] == ["电话（上锁）", "Phone, sealed", "字节（上锁）", ""]
    assert {row[0] for row in rows(taken(visit, "/work/sheets/dictionary?part=aid"))[1:]} == {"aid"}
    assert visit.get("/work/dictionary?part=x").status == 200
