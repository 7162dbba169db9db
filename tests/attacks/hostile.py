"""What an attacker types into a field: one table, each value with its reason.

``refused_by`` names the kinds of field that may never take the value: *all*, *numbers* (ids and
choices too) or *days*. A field of free text may take the others; a page must then show them as
text and nothing else. ``worst_for`` names the fields that get one such value in every run: a lax
parser reads it as a small number, or a careless page shows it as markup.
"""

from dataclasses import dataclass

ALL, NUMBERS, DAYS, NONE, TEXTS = "all", "numbers", "days", "none", "texts"
# If either is found in a page, something that was typed has run or has become a tag.
TAG, PRODUCT = "attack-tag", str(7919 * 7907)
ELSEWHERE = "evil.example"


@dataclass(frozen=True, slots=True)
class Hostile:
    """One value as bytes on the wire, why it is hostile, and which fields may never take it."""

    value: bytes
    why: str
    refused_by: str = NONE
    worst_for: str = NONE


def _text(value: str, why: str, refused_by: str = NONE, *, worst_for: str = NONE) -> Hostile:
    return Hostile(value.encode("utf-8"), why, refused_by, worst_for)


def _number(value: str, why: str) -> Hostile:
    """What is no number, and is read as a small one by somebody."""
    return _text(value, why, NUMBERS, worst_for=NUMBERS)


def _markup(value: str, why: str) -> Hostile:
    """What becomes a tag wherever a page repeats it: in text, in an attribute, in a text field."""
    return _text(value, why, worst_for=TEXTS)


HOSTILE = (
    _text("", "empty where something is needed"),
    _text(" 　\t", "blanks of three kinds, which look like something"),
    _text("x" * 10_240, "longer than any column", ALL),
    _text("9" * 400, "400 digits: no engine holds the number", NUMBERS),
    _text("9" * 5_000, "more digits than Python converts (4,300)", ALL),
    _text("9223372036854775808", "2**63: one more than a column holds", NUMBERS),
    _text("-1", "negative", NUMBERS),
    _text("1e9", "a number for float(), not for people", NUMBERS),
    _number("1_0", "int() reads ten"),
    _number("+1", "int() reads one"),
    _text("0x10", "int(…, 0) reads sixteen", NUMBERS),
    _text("NaN", "equal to nothing, not even to itself", NUMBERS),
    _text("１２", "full-width digits: an input method types them"),
    _number("٣", "a digit of another script; isdigit() and int() take it"),
    _number("²", "isdigit() takes it, int() does not"),
    _number("¹", "one, where compatible forms are read as plain ones"),
    _text("0000-01-01", "year 0, which datetime has not", DAYS),
    _text("0001-01-01", "the first day: any arithmetic overflows", DAYS),
    _text("9999-12-31", "the last day: any arithmetic overflows", DAYS),
    _text("10000-01-01", "year 10000, which datetime has not", DAYS),
    _text("2025-02-30", "a day of no calendar", DAYS),
    _text("25:99", "a time of no clock", DAYS),
    _text("a\0b", "NUL: PostgreSQL cannot store it", ALL),
    Hostile(b"a\xed\xa0\x80b", "a lone surrogate: no text", ALL),
    Hostile(b"a\xff\xfeb", "bytes that are no UTF-8", ALL),
    _text("a\x1b[31mb", "a control sequence: it colours a terminal or a log", ALL),
    _text("a\u202eb\u2066c", "bidi controls: the page shows another text than is stored", ALL),
    _text("a\ufffe\uffffb", "code points that are no characters", ALL),
    _text("a\r\nSet-Cookie: attack=1", "a header of the answer"),
    _text("' OR 1=1 --", "SQL in a string"),
    _text("1; DROP TABLE person", "SQL after a number", NUMBERS),
    _text("%_%", "wildcards of LIKE"),
    _text(f"<{TAG}>", "a tag"),
    _markup(f"\"'></textarea></title><{TAG} {TAG}='", "a tag out of whatever it stands in"),
    _text(f'" {TAG}=1 x="', "an attribute"),
    _text("{{ 7919*7907 }}{% include 'x' %}", "a template of Jinja"),
    _text("%(attack)s%n{attack}${7919*7907}", "templates of printf, format and others"),
    _text("=7919*7907", "a formula of a spreadsheet"),
    _text(f"//{ELSEWHERE}/", "another site without a scheme"),
    _text(f"https://{ELSEWHERE}/", "another site"),
    _text("../../etc/passwd", "a path"),
    _text("😀" * 60, "characters beyond 16 bits"),
)  # fmt: skip
