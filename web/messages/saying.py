"""A message in the words of its kind, in the reader's language."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from timebank.messages.queries import InboxMessage
from web.reader import gettext as _
from web.reader import html_lang, language
from web.subjects import gathered


@dataclass(frozen=True, slots=True)
class SaidMessage:
    """A message as a page shows it; ``go`` is the endpoint of a page, or empty."""

    id: int
    heading: str
    text: str
    go: str
    go_word: str
    ids: dict[str, Any]
    written_at: datetime
    is_new: bool
    lang: str

    @property
    def address(self) -> str:
        """Where to go, for a page of the web: a kiosk has no such pages."""
        return url_for(self.go, **self.ids) if self.go else ""


def said(message: InboxMessage) -> SaidMessage:
    """Word a message. One whose content cannot be read, or whose kind is gone, says so."""
    words = gathered().messages.get(message.kind)
    heading, go, go_word = _("消息"), "", ""
    ids: dict[str, Any] = {}
    text = _("这条消息的内容读不出来。请到社区柜台问一问。")
    if words is not None:
        heading = str(words.heading)
        try:
            text = words.say(message.facts)
            ids = {name: message.facts[name] for name in words.ids}
        except (KeyError, ValueError, TypeError):
            pass  # Another version wrote it, or it cannot be decrypted.
        else:
            go, go_word = words.go, str(words.go_word)
    return SaidMessage(
        id=message.id, heading=heading, text=text, go=go, go_word=go_word, ids=ids,
        written_at=message.written_at, is_new=message.read_at is None,
        lang=html_lang(language()),
    )  # fmt: skip
