"""``docs/security.md`` names tests that exist, each chapter of the standard, and each drill."""

import re

from tests.house.sources import ROOT, nothing
from timebank.commands.drills import drills

# OWASP ASVS 5.0.0, May 2025.
CHAPTERS = (
    "V1 Encoding and Sanitization", "V2 Validation and Business Logic", "V3 Web Frontend Security",
    "V4 API and Web Service", "V5 File Handling", "V6 Authentication", "V7 Session Management",
    "V8 Authorization", "V9 Self-contained Tokens", "V10 OAuth and OIDC", "V11 Cryptography",
    "V12 Secure Communication", "V13 Configuration", "V14 Data Protection",
    "V15 Secure Coding and Architecture", "V16 Security Logging and Error Handling", "V17 WebRTC",
)  # fmt: skip
NOT_USED = ("V10 OAuth and OIDC", "V17 WebRTC")
TEXT = (ROOT / "docs" / "security.md").read_text("utf-8")
_TEST = re.compile(r"`(tests/[^`]+)`")
_LINK = re.compile(r"\]\(([^)#:]+)\)")


def rows(text):
    """The rows of the chapters: chapter, what holds, tests, what lacks."""
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()]
    return [row for row in cells if len(row) == 4 and re.match(r"V\d+ ", row[0])]


def row_faults(text):
    """A chapter needs its tests and a word about what lacks; one that is not used says so."""
    for chapter, holds, tests, lacks in rows(text):
        if not holds or not lacks:
            yield f"{chapter}: say what holds and what lacks"
        if bool(_TEST.findall(tests)) == (chapter in NOT_USED):
            yield f"{chapter}: name the tests that show it"


def missing_files(text):
    return [name for name in _TEST.findall(text) if not (ROOT / name).is_file()]


def test_every_named_test_exists():
    nothing(missing_files(TEXT))
    assert len(_TEST.findall(TEXT)) > 40


def test_every_chapter_of_the_standard_has_one_row():
    assert tuple(row[0] for row in rows(TEXT)) == CHAPTERS
    nothing(list(row_faults(TEXT)))


def test_every_drill_is_named_where_an_operator_looks():
    for page in ("docs/security.md", "docs/operations.md", "README.md", "README.zh-CN.md"):
        text = (ROOT / page).read_text("utf-8")
        nothing([f"{page}: {name}" for name in drills.commands if f"drill {name}" not in text])


def test_reporting_is_linked_and_leads_somewhere():
    assert "(SECURITY.md)" in (ROOT / "README.md").read_text("utf-8")
    for page in ("SECURITY.md", "docs/security.md"):
        folder, text = (ROOT / page).parent, (ROOT / page).read_text("utf-8")
        nothing([link for link in _LINK.findall(text) if not (folder / link).exists()])


def test_the_way_to_report_names_no_mail_address():
    assert not re.search(r"[\w.]+@[\w.]+", (ROOT / "SECURITY.md").read_text("utf-8"))


def test_a_missing_file_and_an_empty_row_are_found():
    assert missing_files("`tests/web/test_none.py`") == ["tests/web/test_none.py"]
    assert list(row_faults("| V6 Authentication | much | | |"))
    assert list(row_faults("| V6 Authentication | much | none | nothing |"))
    assert list(row_faults("| V17 WebRTC | Not used | `tests/web/test_open.py` | none |"))
