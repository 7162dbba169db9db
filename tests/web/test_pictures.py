"""Pictures of papers on the pages: sent with the form, opened with a reason, kept by no browser."""

import io

import pytest
from PIL import Image
from sqlalchemy import select, update

from tests.factories.people import make_household, new_person
from tests.web.test_work_papers import PAPER
from timebank.people.pictures import SENT_BYTES_MAX
from timebank.people.tables import paper_picture, proof

REASON = "抽查时核对证件编号"


@pytest.fixture
def family(office):
    return office.do(make_household, office.town, new_person("陈甲一"))


def a_photo():
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(out, "JPEG")
    return out.getvalue()


def send(office, family, data, filename="IMG_1.jpg", name="social_worker"):
    """Send the form of a paper as a phone does, with a picture in it."""
    visit = office.enter(name)
    path = f"/work/households/{family.household_id}/papers"
    page = visit.get(path)
    assert 'capture="environment"' in page.text and 'accept="image/*"' in page.text
    fields = dict(page.forms[-1].fields) | PAPER | {"picture": (io.BytesIO(data), filename)}
    return visit.client.post(path, data=fields, content_type="multipart/form-data")


def pictured(office):
    with office.database.reading() as session:
        return session.scalar(select(paper_picture.c.proof_id))


def opened(visit, page_path, reason=REASON):
    page = visit.get(page_path)
    kept = [pair for pair in page.forms[-1].fields if pair[0] != "reason"]
    return visit.send(page.forms[-1], [*kept, ("reason", reason)])


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"%PDF-1.7 a letter", "这不是照片"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "这不是照片"),
        (a_photo()[:300], "可能没有传完整"),
        (b"\xff\xd8\xff" + b"0" * SENT_BYTES_MAX, "照片太大了"),
    ],
)
def test_what_is_not_a_picture_is_refused_and_the_form_stays(office, family, data, word):
    refused = send(office, family, data)
    text = refused.get_data(as_text=True)
    assert refused.status_code == 422 and word in text and PAPER["document_no"] in text
    assert "照片请再选一次" in text
    assert pictured(office) is None


def test_a_body_without_end_is_refused(office, family):
    assert send(office, family, b"0" * (SENT_BYTES_MAX + 2**20)).status_code == 413


def test_a_large_body_goes_nowhere_else(office):
    visit = office.enter("social_worker")
    data = {"q": (io.BytesIO(b"0" * 2**21), "x.jpg")}
    assert visit.client.post("/work/people", data=data).status_code in (400, 413)


def test_a_picture_is_opened_with_a_reason_and_no_browser_keeps_it(office, family):
    assert send(office, family, a_photo()).status_code == 303
    path = f"/work/papers/{pictured(office)}/picture"
    visit = office.enter("approver")
    assert path in visit.get(f"/work/households/{family.household_id}").text
    assert visit.get(f"{path}/file").status == 404
    silent = opened(visit, path, ".")
    assert silent.status == 422 and "/file" not in silent.text
    assert f"{path}/file" in opened(visit, path).text
    sent = visit.client.get(f"{path}/file")
    assert sent.status_code == 200 and sent.data.startswith(b"\xff\xd8\xff")
    told = {name: sent.headers[name] for name in ("Content-Type", "Cache-Control")}
    assert told == {"Content-Type": "image/jpeg", "Cache-Control": "no-store"}
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert sent.headers["Content-Disposition"] == 'inline; filename="paper.jpg"'
    assert office.enter("coordinator").get(f"{path}/file").status == 404
    assert office.enter("keeper").get(path).status == 403


def test_the_second_look_shows_the_picture_that_was_opened(office, family):
    send(office, family, a_photo())
    office.do(lambda session: session.execute(update(proof).values(is_drawn=True)))
    number = pictured(office)
    path, case = f"/work/papers/{number}/picture", f"/work?case=paper-{number}"
    visit = office.enter("approver")
    before = visit.get(case)
    assert path in before.text and f"{path}/file" not in before.text
    assert "case=paper-" in opened(visit, path).text
    assert f"{path}/file" in visit.get(case).text
    assert f"{path}/file" not in office.enter("coordinator").get(case).text
