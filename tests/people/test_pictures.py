"""Pictures of papers: what is kept of them, who opens them and why, and when they are removed."""

import io
from datetime import date, timedelta

import pytest
from PIL import Image
from sqlalchemy import func, select, update

from tests.factories import people as make
from tests.factories.looks import audit_lines
from tests.factories.people import a_request_id
from timebank.checking.backups import backup
from timebank.db import Database
from timebank.deeds.deed import Deed
from timebank.deeds.running import perform
from timebank.deeds.tables import deed as deed_table
from timebank.errors import BadInput, NotAllowed, NotFound
from timebank.people import actions, pictures, queries
from timebank.people.actions import NewProof
from timebank.people.actions.openings import OpeningsUsedUp
from timebank.people.pictures import clean_picture, require_clean
from timebank.people.tables import paper_picture, proof
from timebank.schema import every_table
from timebank.values import Role
from timebank.vault.cipher import Vault
from timebank.vault.sealed import reseal_some, sealed_columns

REASON = "抽查时核对证件编号"
PLACE = "Phone of Keeper 7"


def drawn(kind="JPEG", size=(60, 40), mode="RGB", **more):
    """A picture as a phone sends it, with its maker, its place and its turn."""
    image = Image.new(mode, size, "white")
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = PLACE, 6  # The maker, and lying on its side.
    out = io.BytesIO()
    image.save(out, kind, exif=exif, **more)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "RGB"), ("JPEG", "L"), ("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGB")],
)
def test_only_what_can_be_seen_is_kept(kind, mode):
    kept = clean_picture(drawn(kind, mode=mode))
    require_clean(kept)
    assert PLACE.encode() in drawn(kind, mode=mode) and PLACE.encode() not in kept
    image = Image.open(io.BytesIO(kept))
    assert (image.format, image.mode, dict(image.getexif())) == ("JPEG", "RGB", {})
    assert image.size == (40, 60)


def test_a_large_picture_is_made_smaller():
    kept = Image.open(io.BytesIO(clean_picture(drawn(size=(5000, 3000)))))
    assert max(kept.size) == pictures.SIDE_MAX


def test_the_same_picture_is_kept_as_the_same_bytes():
    """So a second tap is the same deed."""
    assert clean_picture(drawn()) == clean_picture(drawn())


def _gif():
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "GIF")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "picture_kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture_kind"),
        (b"%PDF-1.7", "picture_kind"),
        (b"<?php phpinfo();", "picture_kind"),
        (_gif, "picture_kind"),
        (lambda: drawn()[:200], "picture_broken"),
        (lambda: drawn("PNG")[:60], "picture_broken"),
        (lambda: b"x" * (pictures.SENT_BYTES_MAX + 1), "picture_large"),
        (lambda: drawn("PNG", (6000, 5000)), "picture_large"),
        (lambda: drawn("PNG", (20000, 20000), "1"), "picture_large"),
    ],
)
def test_anything_else_is_refused_with_a_clear_word(data, why):
    with pytest.raises(BadInput) as refused:
        clean_picture(data() if callable(data) else data)
    assert refused.value.facts == {"field": "picture", "why": why}


def test_a_picture_that_was_not_cleaned_is_not_kept(session, town, now):
    family = make.make_household(session, town)
    worker = make.grid_worker(session, town)
    for data in (drawn("PNG"), b"\xff\xd8\xff" + b"0" * pictures.KEPT_BYTES_MAX + b"\xff\xd9"):
        with pytest.raises(BadInput):
            _enter(Deed(session, worker, now, a_request_id()), family, data)


def _enter(deed, family, picture, until_on=date(2025, 12, 31)):
    paper = NewProof(
        family.household_id, "dibao", date(2025, 1, 1), until_on, None, "DB-1", "民政局", picture
    )
    return actions.add_proofs(deed, proofs=(paper,)).proof_ids[0]


class Desk:
    """A household whose paper was entered with a picture."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.picture = clean_picture(drawn())
        self.town = self.do(make.make_town)
        self.family = self.do(make.make_household, self.town)
        self.worker = self.do(make.grid_worker, self.town)
        self.proof_id = self.do(
            lambda session: _enter(
                Deed(session, self.worker, database.clock(), a_request_id()),
                self.family, self.picture,
            )
        )  # fmt: skip

    def do(self, build, *told, **content):
        return self.database.write(lambda session, now: build(session, *told, **content))

    def open(self, by, reason=REASON):
        actions.open_picture(self.database, by=by, proof_id=self.proof_id, reason=reason)

    def read(self, by, later=timedelta()):
        with self.database.reading() as session:
            now = self.database.clock() + later
            return queries.opened_picture(session, by, self.proof_id, now=now)


@pytest.fixture
def desk(fresh_database):
    return Desk(fresh_database)


def test_a_picture_is_opened_with_a_reason_and_its_person_sees_it(desk):
    by = desk.do(make.approver, desk.town)
    with pytest.raises(NotFound):
        desk.read(by)
    with pytest.raises(BadInput):
        desk.open(by, ".")
    desk.open(by)
    assert desk.read(by) == desk.picture
    with desk.database.reading() as session:
        community_id, person_id = desk.town.community_id, desk.family.person_ids[0]
        seen = queries.openings_about(session, community_id, person_id)
        assert desk.picture not in str(audit_lines(session, community_id)).encode()
    assert [(one.columns, one.reason) for one in seen] == [(("picture",), REASON)]


def test_an_opening_is_for_one_person_and_some_minutes(desk):
    by, other = (desk.do(make.approver, desk.town) for _ in "12")
    desk.open(by)
    for who, later in ((other, timedelta()), (by, timedelta(minutes=11))):
        with pytest.raises(NotFound):
            desk.read(who, later)


def test_who_may_not_open_it(desk):
    for persona in (make.stranger, make.auditor, make.keeper):
        with pytest.raises(NotAllowed):
            desk.open(desk.do(persona, desk.town))
    grid_id = desk.town.grid_ids[1]
    with pytest.raises(NotFound):
        desk.open(desk.do(make.staff, desk.town, Role("grid_worker", grid_id)))
    with pytest.raises(NotFound):
        desk.open(desk.do(make.neighbour))
    desk.do(lambda session: session.execute(paper_picture.delete()))
    with pytest.raises(NotFound):
        desk.open(desk.do(make.approver, desk.town))


def test_pictures_count_against_the_budget_of_the_day(desk):
    by = desk.do(make.staff, desk.town, Role("grid_worker", desk.town.grid_ids[0]))
    with pytest.raises(OpeningsUsedUp):
        for _ in range(16):
            desk.open(by)


def test_the_picture_is_sealed_and_in_no_receipt(desk):
    request = a_request_id()
    paper = NewProof(
        desk.family.household_id, "tekun", date(2025, 1, 1), date(2025, 12, 31), None, "TK-1",
        "民政局", desk.picture,
    )  # fmt: skip
    perform(desk.database, actions.add_proofs, by=desk.worker, request_id=request, proofs=(paper,))
    with desk.database.reading() as session:
        answer = session.scalar(
            select(deed_table.c.answer).where(deed_table.c.request_id == request)
        )
        sealed = session.scalars(select(paper_picture.c.picture_sealed)).all()
    assert len(answer) < 200 and len(sealed) == 2
    assert all(desk.picture[20:60] not in bytes(one) for one in sealed)


def test_a_backup_holds_it_and_a_new_key_seals_it_again(desk, tmp_path):
    url = desk.database.engine.url.render_as_string(hide_password=False)
    if url.startswith("sqlite"):
        file, _ = backup(url, tmp_path, now=desk.database.clock())
        with desk.database.reading() as session:
            sealed = session.scalar(select(paper_picture.c.picture_sealed))
        assert bytes(sealed)[:64] in file.read_bytes()
    (column,) = (
        one for one in sealed_columns(every_table()) if one.name == "paper_picture.picture"
    )
    old = desk.database.info["vault"]
    new = Vault(b"n" * 32, *[b"x" * 32])
    new._keys |= old._keys  # A vault that opens with the old key and seals with the new one.
    done = desk.do(lambda session: reseal_some(session, new, [column], after=None, most=500))
    assert (done.values, done.unreadable) == (1, [])
    with desk.database.reading() as session:
        sealed = session.scalar(select(paper_picture.c.picture_sealed))
    assert bytes(sealed).startswith(new.header(new.key_ids[0]))
    assert column.at_once == 10


@pytest.mark.parametrize(
    ("until_on", "ended_on", "is_kept"),
    [
        (date(2025, 12, 31), None, True),
        (date(2025, 3, 12), None, True),
        (date(2025, 3, 11), None, False),
        (date(2025, 12, 31), date(2025, 3, 11), False),
        (date(2025, 12, 31), date(2025, 6, 1), True),
    ],
)
def test_a_picture_is_removed_ninety_days_after_its_paper(
    session, town, now, until_on, ended_on, is_kept
):
    family, worker = make.make_household(session, town), make.grid_worker(session, town)
    deed = Deed(session, worker, now, a_request_id())
    proof_id = _enter(deed, family, clean_picture(drawn()), until_on)
    session.execute(update(proof).where(proof.c.id == proof_id).values(ended_on=ended_on))
    done = actions.forget_pictures(deed)
    assert done.pictures == (0 if is_kept else 1)
    left = session.scalar(select(func.count()).select_from(paper_picture))
    assert bool(left) == is_kept


def test_a_picture_goes_with_its_paper(session, town, now):
    family, worker = make.make_household(session, town), make.grid_worker(session, town)
    deed = Deed(session, worker, now, a_request_id())
    proof_id = _enter(deed, family, clean_picture(drawn()))
    session.execute(proof.delete().where(proof.c.id == proof_id))
    assert session.scalar(select(func.count()).select_from(paper_picture)) == 0
