"""The entries of a table of texts, and sentences that several entries share."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from web.reader import LazyString
from web.reader import lazy_gettext as _l

Text = str | LazyString


class Words(NamedTuple):
    """A heading, what to do now, and reasons, the one with the most facts first."""

    heading: Text
    advice: Text
    why: tuple[Text, ...]


class MessageWords(NamedTuple):
    """A message as its reader sees it: a heading, a sentence from its facts, and where to go.

    **Shape**: ``go`` is the endpoint of a page, ``ids`` the facts that its address needs.
    """

    heading: Text
    say: Callable[[Mapping[str, Any]], str]
    go: str = ""
    go_word: Text = ""
    ids: tuple[str, ...] = ()


Table = Mapping[str, Words]
Names = Mapping[str, Text]
States = Mapping[tuple[str, str], Text]  # By the kind of thing and its state.


def entry(heading: Text, *why: Text, advice: Text) -> Words:
    """One entry of a table."""
    return Words(heading, advice, why)


ASK = _l("有疑问请到社区柜台，工作人员会和您一起看。")
AGAIN = _l("请核对后再试一次。")
RELOAD = _l("请回到上一页，刷新后再看。")
COUNTER = _l("请到公益店柜台，店管员可以帮您办理。")
