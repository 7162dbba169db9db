"""A message in the words of its kind, in the reader's language."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from timebank.messages.queries import InboxMessage
from web.reader import gettext as _
from web.reader import html_lang, language
from web.subjects import gathered


@dataclass(frozen=True, slots=True)
class SaidMessage:
    """A message as a page shows it; ``address`` is empty if there is nowhere to go."""

    id: int
    heading: str
    text: str
    address: str
    go_word: str
    written_at: datetime
    is_new: bool
    lang: str


def said(message: InboxMessage) -> SaidMessage:
    """Word a message. One whose content cannot be read, or whose kind is gone, says so."""
    words = gathered().messages.get(message.kind)
    heading, address, go_word = _("消息"), "", ""
    text = _("这条消息的内容读不出来。请到社区柜台问一问。")
    if words is not None:
        heading = str(words.heading)
        try:
            text = words.say(message.facts)
            ids = {name: message.facts[name] for name in words.ids}
        except (KeyError, ValueError, TypeError):
            pass  # Another version wrote it, or it cannot be decrypted.
        else:
            address = url_for(words.go, **ids) if words.go else ""
            go_word = str(words.go_word)
    return SaidMessage(
        id=message.id, heading=heading, text=text, address=address, go_word=go_word,
        written_at=message.written_at, is_new=message.read_at is None,
        lang=html_lang(language()),
    )  # fmt: skip
