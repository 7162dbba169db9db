"""Every page has a title and labels, and no inline script, stray colour or foreign address."""

import re
from html.parser import HTMLParser

from tests.house.sources import Source, nothing, sources

JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}", re.DOTALL)
VALUE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
UNLABELLED = {"hidden", "submit", "button", "reset", "image"}

COLOUR = re.compile(
    r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\("
    r"|\b(?:white|black|red|green|blue|yellow|orange|purple|grey|gray|silver|gold|pink|brown"
    r"|navy|teal|olive|maroon|lime|aqua|cyan|magenta|crimson|tomato|beige|ivory)\b"
)
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
DECLARATION = re.compile(r"([\w-]+)\s*:\s*([^;{}]+)[;}]")
PAINTED = re.compile(r"\b(?:fill|stroke|stop-color|color|bgcolor)=\"([^\"]+)\"")
ADDRESS = re.compile(r"(?:https?:)?//[\w.-]+\.[a-z]{2,}[^\s\"')]*")
NAMES_NOT_FETCHED = ("http://www.w3.org/",)  # Namespaces of SVG; browsers do not fetch them.


class Page(HTMLParser):
    """Parses a template like a browser, with ``x`` for each value."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.path = source.path
        self.faults: list[str] = []
        self.labels: set[str] = set()
        self.fields: list[tuple[int, str, dict[str, str | None]]] = []
        self._label_depth = 0
        self.feed(VALUE.sub(_stand_in, JINJA.sub(_blank, source.text)))
        self.close()

    def fault(self, why: str) -> None:
        self.faults.append(f"{self.path}:{self.getpos()[0]} {why}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self._judge_attributes(tag, told)
        if tag == "script" and "src" not in told:
            self.fault("inline script")
        if tag == "style":
            self.fault("inline style sheet")
        if tag == "img" and "alt" not in told:
            self.fault("picture without alt")
        if tag == "html" and "lang" not in told:
            self.fault("page without lang")
        if tag == "label":
            self._label_depth += 1
            self.labels.add(told.get("for") or "")
        if tag in ("input", "select", "textarea") and told.get("type") not in UNLABELLED:
            self._meet_field(tag, told)

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self._label_depth -= 1

    def _judge_attributes(self, tag: str, told: dict[str, str | None]) -> None:
        for name, value in told.items():
            if name.startswith("on") or name == "style":
                self.fault(f"inline {name}")
            if (value or "").lstrip().startswith("javascript:"):
                self.fault(f"script in {name}")

    def _meet_field(self, tag: str, told: dict[str, str | None]) -> None:
        if self._label_depth == 0 and not {"aria-label", "aria-labelledby"} & set(told):
            self.fields.append((self.getpos()[0], tag, told))

    def unlabelled(self) -> list[str]:
        return [
            f"{self.path}:{line} {tag} without a label"
            for line, tag, told in self.fields
            if (told.get("id") or "") not in self.labels or not told.get("id")
        ]


def _blank(match: re.Match[str]) -> str:
    return "\n" * match.group().count("\n")


def _stand_in(match: re.Match[str]) -> str:
    """The same expression always gives the same placeholder, so that ids and labels match."""
    words = re.sub(r"\W+", "_", match.group()).strip("_")
    return f"x_{words}{_blank(match)}"


def page_faults(source: Source) -> list[str]:
    page = Page(source)
    found = page.faults + page.unlabelled()
    is_layout = "/layout/" in source.path or "/components/" in source.path
    is_page = source.text.lstrip().startswith("{% extends") and not is_layout
    if (is_page and "block title" not in source.text) or (
        "<html" in source.text and "<title" not in source.text
    ):
        found.append(f"{source.path} has no title")
    return found


def colour_faults(source: Source) -> list[str]:
    """Colours are defined only in the token sheet; everything else uses ``var(--…)``."""
    if source.path.endswith("tokens.css") or "/vendor/" in source.path:
        return []
    if source.path.endswith(".css"):
        bare = CSS_COMMENT.sub(_blank, source.text)
        told = [value for _, value in DECLARATION.findall(bare)]
        told = [re.sub(r"var\([^)]*\)|url\([^)]*\)|\"[^\"]*\"", "", value) for value in told]
    else:
        told = PAINTED.findall(source.text)
    return [f"{source.path}: colour in {value.strip()}" for value in told if COLOUR.search(value)]


def address_faults(source: Source) -> list[str]:
    """A page loads nothing from other hosts, because the shop may be offline."""
    if "/vendor/" in source.path:
        return []
    return [
        f"{source.path}:{number} {found}"
        for number, line in enumerate(source.lines, 1)
        for found in ADDRESS.findall(line)
        if not found.startswith(NAMES_NOT_FETCHED)
    ]


def _files(*endings: str) -> list[Source]:
    return [source for ending in endings for source in sources("web", "kiosk", ending=ending)]


def test_every_page_has_a_title_and_labels_and_no_inline_script():
    nothing([fault for source in _files(".html") for fault in page_faults(source)])


def test_no_colour_stands_outside_the_token_sheet():
    nothing([fault for s in _files(".css", ".html", ".svg", ".js") for fault in colour_faults(s)])


def test_no_page_fetches_from_elsewhere():
    nothing([fault for s in _files(".html", ".css", ".js", ".svg") for fault in address_faults(s)])


def _page(text: str) -> list[str]:
    return page_faults(Source("web/templates/goods/a.html", text))


def test_inline_script_and_style_are_found():
    assert _page("<script>alert(1)</script>")
    assert _page("<style>p {}</style>")
    assert _page('<p style="margin: 0">')
    assert _page('<button onclick="go()">')
    assert _page('<a href="javascript:go()">')
    assert not _page('<script src="{{ url }}" defer></script>')


def test_a_field_without_a_label_is_found():
    assert _page('<input id="pieces" name="pieces">')
    assert _page('<select name="item"></select>')
    assert not _page('<label for="{{ f.id }}">n</label><input id="{{ f.id }}">')
    assert not _page("<label>n <input></label>")
    assert not _page('<input type="hidden" name="request_id">')


def test_a_page_without_title_language_or_alt_is_found():
    assert _page('{% extends "layout/page.html" %}{% block body %}{% endblock %}')
    assert _page("<html><head><title>t</title></head></html>")
    assert _page('<img src="a.png">')
    assert not _page('{% extends "layout/page.html" %}{% block title %}t{% endblock %}')


def test_a_stray_colour_is_found():
    assert colour_faults(Source("web/static/css/card.css", "p { color: #fff; }"))
    assert colour_faults(Source("web/static/css/card.css", "p { background: white }"))
    assert colour_faults(Source("web/static/icon.svg", '<path fill="#000"/>'))
    assert not colour_faults(Source("web/static/css/card.css", "p { color: var(--red-ink); }"))
    assert not colour_faults(Source("web/static/css/tokens.css", ":root { --ink: #111; }"))
    assert not colour_faults(Source("web/static/icon.svg", '<path fill="currentColor"/>'))


def test_an_address_elsewhere_is_found():
    assert address_faults(Source("web/templates/a.html", '<img src="https://cdn.example.org/a">'))
    assert address_faults(Source("web/static/a.css", "@import '//cdn.example.org/a.css';"))
    assert not address_faults(Source("web/static/a.svg", 'xmlns="http://www.w3.org/2000/svg"'))
