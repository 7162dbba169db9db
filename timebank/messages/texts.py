"""What leaves the inbox: that there is a message, and where to read it. Nothing else, ever.

It appears on a locked screen, beside whoever sits there. So it is the same for every kind, and has
no link: our neighbours are warned of texts that ask for a tap.
"""

from dataclasses import dataclass

from timebank.deeds.queries import Community


@dataclass(frozen=True, slots=True)
class Notification:
    """A title, which an SMS does not have, and a body."""

    title: str
    body: str


_TITLE = {
    "zh": "{name}：您有一条新消息",
    "en": "{name}: you have a new message",
}
_BODY = {
    "zh": "您在{name}有一条新消息。请像平时一样登录，打开“消息”看；也可以在店里的终端刷卡看{ask}。",
    "en": (
        "You have a new message at {name}. Sign in as usual and open Messages,"
        " or use your card at a kiosk{ask}."
    ),
}
_ASK = {"zh": "，或者打电话问 {phone}", "en": ", or call {phone}"}


def notification(community: Community, language: str) -> Notification:
    """The text for one person in their language."""
    language = language if language in _TITLE else "zh"
    name = community.name_en if language == "en" and community.name_en else community.name_zh
    phone = community.contact_phone
    ask = _ASK[language].format(phone=phone) if phone else ""
    return Notification(
        _TITLE[language].format(name=name), _BODY[language].format(name=name, ask=ask)
    )
