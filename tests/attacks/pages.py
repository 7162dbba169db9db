"""A page as an attacker reads it: its links, its forms, and the kind of each field.

Not here: what is typed into them (``hostile.py``) and what may come of it.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote_from_bytes, urlsplit

from tests.factories.people import PASSWORD
from tests.factories.sample import TODAY

Pairs = list[tuple[str, bytes]]
FORM = "application/x-www-form-urlencoded"
BOUNDARY = "attack"
_NUMBER = re.compile(r"\d+")
# What a person might fill in, by the type of the field.
HONEST = {
    "number": "1", "date": TODAY.isoformat(), "time": "06:00", "password": PASSWORD,
    "datetime-local": f"{TODAY}T06:00", "tel": "8164",
}  # fmt: skip


@dataclass(slots=True)
class Field:
    """One field as drawn: what it holds, and what it offers to choose from."""

    name: str
    type: str
    value: str
    offers: list[str] = field(default_factory=list)
    mode: str = ""

    @property
    def honest(self) -> bytes:
        """What a person would send: what is drawn, or something plausible."""
        offered = next((one for one in self.offers if one), "")
        return (self.value or offered or HONEST.get(self.type, "情况属实，已经核对")).encode()

    @property
    def kinds(self) -> set[str]:
        """The kinds of value that it must refuse, as ``hostile.py`` names them."""
        if self.type == "checkbox" and self.offers in (["y"], ["on"], ["1"]):
            return set()  # A box is ticked or not, whatever its value.
        if self.type in ("date", "time", "datetime-local"):
            return {"all", "numbers", "days"}
        return {"all", "numbers"} if self.is_number or self.offers else {"all"}

    @property
    def is_number(self) -> bool:
        """Whether people type digits into it."""
        return self.type == "number" or self.mode == "numeric"


@dataclass(slots=True)
class Form:
    """One form: where it is sent, its fields, its buttons."""

    action: str
    method: str
    fields: list[Field] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    takes_files: bool = False

    def honest(self, button: tuple[str, str] | None) -> Pairs:
        """Everything as a person would send it, with the pressed button."""
        pairs = [(one.name, one.honest) for one in self.fields]
        return pairs + ([(button[0], button[1].encode())] if button else [])

    @property
    def unlike(self) -> list[Field]:
        """Its fields; of those that differ in a number only, as lines do, the first."""
        return list({_NUMBER.sub("#", one.name): one for one in reversed(self.fields)}.values())

    @property
    def signature(self) -> tuple[str, ...]:
        """What makes it a form of its own; ids and numbers do not."""
        path = urlsplit(self.action).path
        names = sorted({*(one.name for one in self.fields), *map("=".join, self.buttons)})
        return tuple(dict.fromkeys(_NUMBER.sub("#", one) for one in (self.method, path, *names)))


class Page(HTMLParser):
    """Everything of a page that can be sent or followed, and its text."""

    def __init__(self, html: str, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.texts: list[str] = []
        self.tags: set[str] = set()
        self._select: Field | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.tags |= {tag, *told}
        if tag == "a" and told.get("href", "").startswith("/"):
            self.links.append(told["href"])
        if tag == "form":
            self.forms.append(
                Form(told.get("action") or self.path, told.get("method", "get").lower())
            )
        if tag == "option" and self._select is not None:
            self._select.offers.append(told.get("value", ""))
        if not self.forms or not told.get("name"):
            return
        if tag == "button":
            self.forms[-1].buttons.append((told["name"], told.get("value", "")))
        if tag in ("input", "select", "textarea"):
            self._field(tag, told)

    def _field(self, tag: str, told: dict[str, str]) -> None:
        form, kind = self.forms[-1], told.get("type", tag)
        if kind == "file":
            form.takes_files = True
        if kind in ("radio", "checkbox"):
            same = [one for one in form.fields if one.name == told["name"]]
            value = told.get("value", "on")
            if same:
                same[0].offers.append(value)
            else:
                form.fields.append(Field(told["name"], kind, "", [value]))
            return
        made = Field(told["name"], kind, told.get("value", ""), mode=told.get("inputmode", ""))
        form.fields.append(made)
        self._select = made if tag == "select" else None

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def encoded(pairs: Pairs) -> bytes:
    """A body as a browser sends it, whatever the bytes."""
    return b"&".join(
        f"{quote_from_bytes(name.encode())}={quote_from_bytes(value)}".encode()
        for name, value in pairs
    )


def multipart(pairs: Pairs, file: str = "") -> bytes:
    """The same in parts; the field ``file`` comes as a file."""
    parts = b""
    for name, value in pairs:
        is_file = b'; filename="a.txt"\r\nContent-Type: text/plain' if name == file else b""
        parts += b'--%s\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n' % (
            BOUNDARY.encode(), name.encode(), is_file, value,
        )  # fmt: skip
    return parts + f"--{BOUNDARY}--\r\n".encode()
