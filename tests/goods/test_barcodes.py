"""Makers' barcodes: read from what scanners type, learned once, forgotten where they are wrong."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some
from stdnum import ean

from tests.factories import people as make
from tests.factories.people import a_request_id
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, NotAllowed, NotFound, WrongState
from timebank.goods import actions, queries
from timebank.goods.barcodes import Scanned, read_barcode
from timebank.goods.refusals import BarcodeTaken
from timebank.goods.rules import JudgedLine
from timebank.values import local_day

RICE, GTIN = "6901234567892", "06901234567892"
DAY = date(2026, 12, 31)


@pytest.mark.parametrize(
    ("typed", "scanned"),
    [
        (RICE, Scanned(GTIN)),
        (GTIN, Scanned(GTIN)),
        ("６９０１２３４５６７８９２", Scanned(GTIN)),
        (" 690-1234-567892 ", Scanned(GTIN)),
        ("96385074", Scanned("00000096385074")),
        ("036000291452", Scanned("00036000291452")),
        (f"]C101{GTIN}1726123110ABC", Scanned(GTIN, "ABC", DAY)),
        (f"]d201{GTIN}10AB\x1d17261231", Scanned(GTIN, "AB", DAY)),
        (f"01{GTIN}10AB 17261231", Scanned(GTIN, "AB", DAY)),
        (f"(01){GTIN}(10)A-1(17)261231", Scanned(GTIN, "A-1", DAY)),
        (f"（０１）{GTIN}（17）261231", Scanned(GTIN, "", DAY)),
        (f"(01){GTIN}(15)261231", Scanned(GTIN, "", DAY)),
        (f"(01){GTIN}(17)261200", Scanned(GTIN, "", DAY)),
        (f"\x1d01{GTIN}", Scanned(GTIN)),
    ],
)
def test_what_a_scanner_types_is_read(typed, scanned):
    assert read_barcode(typed) == scanned


@pytest.mark.parametrize(
    "typed",
    ["6901234567893", "(01)06901234567893(17)261231", f"01{GTIN}17261300", f"01{GTIN}1726123"],
)
def test_a_misread_code_is_told_apart_from_an_unknown_one(typed):
    found = read_barcode(typed)
    assert found is not None and found.is_wrong


@pytest.mark.parametrize(
    "typed", ["2000000000015", "S1K2M3", "246680805", "", "01", "盐", "9" * 60]
)
def test_other_texts_are_no_code_of_goods(typed):
    assert read_barcode(typed) is None


@given(some.integers(0, 10**12 - 1), some.integers(0, 9))
def test_one_wrong_digit_is_always_seen(number, digit):
    digits = f"{number:012d}"
    whole = f"{digits}{digit}"
    if whole.startswith("2"):
        return
    found = read_barcode(whole)
    assert found is not None
    assert found.is_wrong == (str(digit) != ean.calc_check_digit(digits))


@given(some.text(max_size=60))
def test_no_text_is_a_fault(typed):
    read_barcode(typed)


@pytest.fixture
def teach(session, shop, town, now):
    keeper = make.keeper(session, town)

    def run(name, typed=RICE, by=None):
        deed = Deed(session, by or keeper, now, a_request_id())
        return actions.learn_barcode(deed, item_id=shop.item(name), typed=typed)

    return run


def test_a_barcode_is_learned_once(session, shop, teach):
    first = teach("大米")
    again = teach("大米", f"(01){GTIN}(17)261231")
    assert again.again and again.item_code_id == first.item_code_id
    with pytest.raises(BarcodeTaken):
        teach("面条")
    assert queries.item_of_gtin(session, 1, GTIN).id == shop.item("大米")
    assert queries.item_of_gtin(session, 2, GTIN) is None
    assert [one.shown for one in queries.codes_of_item(session, 1, shop.item("大米"))] == [RICE]


@pytest.mark.parametrize("typed", ["6901234567893", "2000000000015", "", "盐"])
def test_what_is_no_gtin_is_not_learned(teach, typed):
    with pytest.raises(BadInput):
        teach("大米", typed)


def test_a_wrong_barcode_is_forgotten_and_learned_anew(session, shop, town, teach, now):
    code_id = teach("面条").item_code_id

    def forget(by=None):
        deed = Deed(session, by or make.keeper(session, town), now, a_request_id())
        return actions.forget_barcode(deed, item_code_id=code_id)

    for persona in (make.stranger, make.auditor):
        with pytest.raises(NotAllowed):
            forget(persona(session, town))
    with pytest.raises(NotFound):
        forget(make.neighbour(session))
    forget()
    with pytest.raises(WrongState):
        forget()
    assert queries.item_of_gtin(session, 1, GTIN) is None
    assert not teach("大米").again


def test_others_teach_nothing(session, shop, town, teach):
    for persona in (make.stranger, make.auditor):
        with pytest.raises(NotAllowed):
            teach("大米", by=persona(session, town))
    with pytest.raises(NotFound):
        teach("大米", by=make.neighbour(session))


def test_a_retired_item_learns_nothing(session, shop, town, teach, now):
    deed = Deed(session, make.coordinator(session, town), now, a_request_id())
    told = {"item_id": shop.item("大米"), "since_on": local_day(now), "note": "放不下"}
    actions.propose_item_end(deed, **told)
    with pytest.raises(WrongState):
        teach("大米")


def test_the_lot_of_the_maker_is_kept_with_the_line(session, shop, now):
    line = JudgedLine(shop.item("大米"), 2, 2, best_before_on=DAY, maker_lot="ABC")
    deed = Deed(session, shop.keeper, now, a_request_id())
    receipt = actions.receive_deposit(deed, store_id=shop.store_id, lines=(line,))
    (kept,) = queries.deposit(session, 1, receipt.deposit_id).lines
    assert kept.maker_lot == "ABC"
