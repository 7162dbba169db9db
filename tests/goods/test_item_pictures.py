"""Photographs of items: by the hash of their content, cleaned, and in the backup."""

import hashlib
import io

import pytest
from PIL import Image
from sqlalchemy import func, select, update

from tests.factories import people as make
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.goods import actions, queries
from timebank.goods.actions.pictures import KEPT_BYTES_MAX, SIDE_MAX
from timebank.goods.tables import item_picture
from timebank.people.pictures import clean_picture


def cleaned(shade=200, size=(60, 40)):
    out = io.BytesIO()
    Image.new("RGB", size, (shade, 90, 20)).save(out, "PNG")
    return clean_picture(out.getvalue(), side_max=SIDE_MAX, bytes_max=KEPT_BYTES_MAX)


@pytest.fixture
def do(session, town, now):
    keeper = make.keeper(session, town)

    def run(action, by=None, **content):
        return action(Deed(session, by or keeper, now, a_request_id()), **content)

    return run


def test_the_same_photograph_is_stored_once_and_shown_with_both(session, shop, do):
    picture, soap, salt = cleaned(), shop.item("肥皂"), shop.item("食盐")
    digest = hashlib.sha256(picture).hexdigest()
    for item_id in (soap, salt):
        assert do(actions.set_item_picture, item_id=item_id, picture=picture).digest == digest
        assert queries.picture_of_item(session, 1, item_id) == picture
    assert session.scalar(select(func.count()).select_from(item_picture)) == 1
    assert queries.picture_of_item(session, 2, soap) is None


def test_a_photograph_is_replaced_and_taken_off(session, shop, do):
    soap = shop.item("肥皂")
    do(actions.set_item_picture, item_id=soap, picture=cleaned())
    do(actions.set_item_picture, item_id=soap, picture=cleaned(100))
    assert queries.picture_of_item(session, 1, soap) == cleaned(100)
    do(actions.remove_item_picture, item_id=soap)
    assert queries.picture_of_item(session, 1, soap) is None
    with pytest.raises(WrongState):
        do(actions.remove_item_picture, item_id=soap)


def test_a_stored_photograph_never_changes(session, shop, do):
    do(actions.set_item_picture, item_id=shop.item("肥皂"), picture=cleaned())
    with pytest.raises(Exception, match="history is never changed"), session.begin_nested():
        session.execute(update(item_picture).values(picture=b"x"))


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"<svg/>",
        b"\xff\xd8\xff<script>",
        b"\xff\xd8\xff" + b"0" * KEPT_BYTES_MAX + b"\xff\xd9",
    ],
)
def test_what_was_not_cleaned_is_not_kept(shop, do, picture):
    with pytest.raises(BadInput):
        do(actions.set_item_picture, item_id=shop.item("肥皂"), picture=picture)


def test_a_large_photograph_becomes_small_enough_for_a_page():
    noise = Image.effect_noise((3000, 2000), 120).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "JPEG")
    try:
        picture = clean_picture(out.getvalue(), side_max=SIDE_MAX, bytes_max=KEPT_BYTES_MAX)
    except BadInput as refused:  # Pure noise cannot be packed; a photograph can.
        assert refused.facts["why"] == "picture_large"
        return
    assert len(picture) <= KEPT_BYTES_MAX
    assert max(Image.open(io.BytesIO(picture)).size) <= SIDE_MAX


def test_others_set_no_photograph(session, shop, town, do):
    soap = shop.item("肥皂")
    for persona in (make.stranger, make.auditor):
        for action, more in (
            (actions.set_item_picture, {"picture": cleaned()}),
            (actions.remove_item_picture, {}),
        ):
            with pytest.raises(NotAllowed):
                do(action, persona(session, town), item_id=soap, **more)
    with pytest.raises(NotFound):
        do(actions.set_item_picture, make.neighbour(session), item_id=soap, picture=cleaned())
    with pytest.raises(NotFound):
        do(actions.remove_item_picture, make.neighbour(session), item_id=soap)
