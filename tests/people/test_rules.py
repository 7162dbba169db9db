"""Names, masks, id numbers, ages, cards and sign-in delays."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timebank.errors import BadInput
from timebank.people import rules
from timebank.people.refusals import BadIdNumber
from timebank.people.rules import names
from timebank.people.rules.throttles import Throttle
from timebank.values import By, Role


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("陈甲", "陈*"),
        ("陈甲一", "陈**"),
        ("欧阳甲", "欧阳*"),
        ("欧阳甲一", "欧阳**"),
        ("欧阳", "欧*"),
        ("陈", "*"),
        ("Ann Bo", "A*****"),
        ("歐陽甲一", "歐陽**"),
        ("尉遲甲", "尉遲*"),
        ("完颜甲", "完颜*"),
    ],
)
def test_a_mask_shows_the_family_name_only(name: str, masked: str) -> None:
    assert names.mask_name(name) == masked


def test_an_id_number_shows_its_ends_only() -> None:
    assert rules.mask_id_number("990106195001010012") == "99**************12"
    assert rules.mask_id_number("1234") == "****"


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("陈甲一", "cjy"),
        ("林乙二", "lye"),
        ("单丙三", "sbs"),
        ("曾丁四", "zds"),
        ("尉迟甲", "ycj"),
        ("欧阳甲一", "oyjy"),
        ("Ann Bo", "ab"),
        ("覃甲", "qj"),
        ("召乙", "sy"),
        ("乜丙", "nb"),
        ("繁丁", "pd"),
        ("仇甲", "qj"),
        ("解乙", "xy"),
        ("区丙", "ob"),
        ("區丙", "ob"),
        ("查丁", "zd"),
        ("万俟甲", "mqj"),
        ("萬俟甲", "mqj"),
        ("歐陽甲一", "oyjy"),
    ],
)
def test_initials_are_spoken_as_family_names_are(name: str, initials: str) -> None:
    assert names.initials_of(name) == initials


@pytest.mark.parametrize(
    "number",
    [
        "990106195001010012",
        "990106196806120029",
        "990106201103040034",
        "11010519491231002X",
        "11010519491231002x",
        "440524188001010014",
    ],
)
def test_the_specimen_numbers_pass(number: str) -> None:
    read = rules.check_id_number(number)
    assert read.number == number.upper()
    assert read.birth_on == date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    assert read.sex == ("m" if int(number[16]) % 2 else "f")


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("990106195001010013", "check"),
        ("99010619500101001", "length"),
        ("9901061950010100123", "length"),
        ("٩90106195001010012a", "length"),
        ("", "length"),
        ("99010619501301001X", "birth"),
    ],
)
def test_a_number_that_does_not_hold_together_is_refused(number: str, why: str) -> None:
    with pytest.raises(BadIdNumber) as refused:
        rules.check_id_number(number)
    assert refused.value.facts == {"why": why}


def test_any_one_wrong_digit_is_noticed() -> None:
    good = "990106195001010012"
    for at in range(17):
        for digit in "0123456789":
            if digit != good[at]:
                with pytest.raises(BadIdNumber):
                    rules.check_id_number(good[:at] + digit + good[at + 1 :])


def test_an_id_number_must_agree_with_birth_date_sex_and_calendar() -> None:
    good = "990106195001010012"
    rules.check_id_number(good, birth_on=date(1950, 1, 1), sex="m", on=date(2025, 6, 10))
    for wrong in (
        {"birth_on": date(1950, 1, 2)},
        {"sex": "f"},
        {"on": date(1949, 12, 31)},
    ):
        with pytest.raises(BadIdNumber):
            rules.check_id_number(good, **wrong)  # type: ignore[arg-type]


def test_an_id_number_never_shows_itself_in_a_log() -> None:
    assert "195001010012" not in repr(rules.check_id_number("990106195001010012"))


@given(st.integers(0, rules.TOKEN_NUMBERS - 1))
def test_a_token_is_read_back_and_a_wrong_symbol_is_noticed(number: int) -> None:
    token = rules.card_token(number)
    if token is None:
        return
    assert rules.read_card_token(f" {token.lower()} ") == token
    for at in range(5, 16):
        swapped = token[:at] + ("0" if token[at] != "0" else "1") + token[at + 1 :]
        assert rules.read_card_token(swapped) is None


def test_a_token_never_ends_in_a_sign_that_scanners_garble() -> None:
    assert rules.card_token(32) is None
    token = rules.card_token(31)
    assert token is not None and token.startswith("GZT1:") and len(token) == 16


@pytest.mark.parametrize(
    "code", ["6901234567892", "GZT1:", "GZT1:0000000000", "", "GZT2:00000000000"]
)
def test_other_codes_are_no_cards(code: str) -> None:
    assert rules.read_card_token(code) is None


@given(st.sampled_from(rules.CARD_NO_STEMS))
def test_a_card_number_is_read_with_spaces_and_never_with_a_wrong_digit(stem: int) -> None:
    number = rules.card_no(stem)
    assert rules.read_card_no(rules.print_card_no(number)) == number
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert rules.read_card_no(wrong) is None


def test_no_product_code_is_read_as_a_card_number() -> None:
    # EAN-8 and EAN-13 with right check digits.
    assert rules.read_card_no("96385074") is None
    assert rules.read_card_no("6901234567892") is None


@pytest.mark.parametrize(
    ("typed", "read"),
    [("H-0117", "H-0117"), ("h0117", "H-0117"), ("Ｈ－0117", "H-0117"), ("0117", None)],
)
def test_a_household_number_is_read_as_people_type_it(typed: str, read: str | None) -> None:
    assert rules.read_household_no(typed) == read


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("李　丙", "李丙"),
        ("　李丙 ", "李丙"),
        ("李\xa0丙", "李丙"),
        ("\u200b李\ufeff丙\u2060", "李丙"),
        ("阿甲·买乙", "阿甲·买乙"),
        ("阿甲•买乙", "阿甲·买乙"),
        ("阿甲 ・ 买乙", "阿甲·买乙"),
        ("阿甲．买乙", "阿甲·买乙"),
        ("阿甲‧买乙", "阿甲·买乙"),
        ("阿甲.买乙", "阿甲·买乙"),
        ("Ann  B. Co", "Ann B. Co"),
        ("Ａｎｎ", "Ann"),
        ("李\U00031350", "李\U00031350"),  # Unicode 15: unknown to the tables of Python 3.11.
        ("李\U0002ebf0", "李\U0002ebf0"),  # Unicode 15.1.
        ("李\U000323b0", "李\U000323b0"),  # Unicode 17.
    ],
)
def test_a_name_is_stored_in_one_form(typed: str, stored: str) -> None:
    assert names.tidy_name(typed) == stored


def test_a_list_of_people_is_sorted_as_it_is_spoken() -> None:
    people = [
        "安甲",
        "曾甲",
        "陈乙",
        "程甲",
        "陈甲",
        "李丙",
        "黎丙",
        "覃甲",
        "单甲",
        "歐陽甲",
        "Bo",
    ]
    assert sorted(people, key=names.spoken_key) == [
        "安甲", "Bo", "陈甲", "陈乙", "程甲", "黎丙", "李丙", "歐陽甲", "覃甲", "单甲", "曾甲",
    ]  # fmt: skip


def test_each_name_of_two_readings_is_stored_under_one_that_is_searched() -> None:
    for family, readings in names.FAMILY_READINGS.items():
        stored = names.initials_of(f"{family}甲")[: len(family)]
        for reading in readings:
            typed = "".join(part[0] for part in reading.split("-"))
            assert typed == stored or family in names.other_initials(typed)[stored]


@pytest.mark.parametrize(
    "name",
    ["", "   ", "x" * 41, "陈\x00甲", "陈\u202e甲", "陈\u200f甲", "陈\u2066甲", "·", "\u200b"],
)
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    with pytest.raises(BadInput) as refused:
        names.tidy_name(name)
    assert refused.value.facts["field"] == "name"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("100 1234 5678", "10012345678"),
        ("＋８６ １３８－００００－００００", "13800000000"),
        ("008613800000000", "13800000000"),
        ("8613800000000", "13800000000"),
        ("+86 (731) 8888 0000", "073188880000"),
        ("0731\u20118888\u22120000", "073188880000"),
        ("\u202d13800000000\u202c", "13800000000"),
        ("+86 400 123 4567", "4001234567"),
        ("00852 1234 5678", "+85212345678"),
        ("12345", "12345"),
    ],
)
def test_a_phone_has_one_form(typed: str, stored: str) -> None:
    assert rules.tidy_phone(typed) == stored
    assert rules.tidy_phone(stored) == stored
    assert stored in rules.phone_spellings(typed)


GAPS = " \u3000\xa0\u2011\u2010\u2013\u2212－\u200b\u202e\u2060\ufeff"


@pytest.mark.parametrize("gap", GAPS)
def test_a_gap_in_a_number_makes_no_difference(gap: str) -> None:
    no = rules.card_no(12345678)
    wide = str.maketrans({str(n): chr(0xFF10 + n) for n in range(10)})
    assert rules.read_card_no(gap.join((no[:3], no[3:6], no[6:])).translate(wide)) == no
    assert rules.read_pin(f"２５{gap}80") == "2580"
    assert rules.read_household_no(f"ｈ{gap}0117") == "H-0117"
    assert rules.same_document_no(f"ＡＢ{gap}12", "ab12")
    whole = f"990106{gap}19500101{gap}0012"
    assert rules.check_id_number(whole).number == "990106195001010012"


def test_a_phone_keeps_its_digits() -> None:
    assert rules.tidy_phone("100-1234 5678") == "10012345678"
    assert rules.tidy_phone(" ") == ""
    with pytest.raises(BadInput):
        rules.tidy_phone("call me")


def test_sign_in_names_do_not_mind_case_and_width() -> None:
    assert rules.check_login_name(" Ｃhen ") == "chen"
    for bad in ("c", "c" * 41, "chen jia", ""):
        with pytest.raises(BadInput):
            rules.check_login_name(bad)


@pytest.mark.parametrize("pin", ["1111", "1234", "987654", "123", "1234567", "12a4", ""])
def test_a_pin_that_everybody_guesses_is_refused(pin: str) -> None:
    with pytest.raises(BadInput):
        rules.check_pin(pin)


def test_other_pins_pass_full_width_too() -> None:
    assert rules.check_pin("2580") == "2580"
    assert rules.check_pin("２５８０９") == "25809"


@pytest.mark.parametrize("password", ["1234567", "x" * 201])
def test_a_password_too_short_or_too_long_is_refused(password: str) -> None:
    with pytest.raises(BadInput):
        rules.check_password(password)


def test_the_wait_grows_and_ends_at_its_longest() -> None:
    throttle = Throttle(free=3, first_seconds=10, longest_seconds=60)
    waits = [throttle.wait(failures).total_seconds() for failures in range(8)]
    assert waits == [0, 0, 0, 10, 20, 40, 60, 60]
    assert throttle.wait(30_000) == timedelta(seconds=60)


@pytest.mark.parametrize(
    ("roles", "sight"),
    [
        ((), None),
        ((Role("coordinator"),), rules.Sight(None, masked=False)),
        ((Role("grid_worker", 7),), rules.Sight(frozenset({7}), masked=False)),
        ((Role("keeper", 9),), rules.Sight(None, masked=True)),
        ((Role("keeper", 9), Role("hotline")), rules.Sight(None, masked=False)),
    ],
)
def test_a_role_sees_what_its_work_needs(
    roles: tuple[Role, ...], sight: rules.Sight | None
) -> None:
    assert rules.sight_of(By(1, "user:1", roles=frozenset(roles))) == sight
