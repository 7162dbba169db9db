"""A page promises nothing that no page does: each such sentence waits for its deed."""

from functools import cache

from tests.house.sources import nothing, sources

# Action without a page: sentences that are only true once a page calls the action.
WAITING = {
    "enrol_people": ("几分钟就能办好", "当天就能办好", "cards are made in minutes"),
    "enrol_family": ("登记到户以后就能领", "请告诉社区工作人员您住在哪里"),
    "register_volunteers": ("想做志愿者，请告诉社区工作人员", "登记以后就能记时间"),
    "reset_password": ("带身份证到柜台重设。", "带上身份证到社区柜台，当面就能重设。"),
    "spend_hours": ("转赠", "一小时换一小时", "an hour for an hour"),
    "lend_item": ("开办那天会写在这里",),
    "print_accepted_items": ("公益店门口写着",),
}


@cache
def waiting(called: str) -> dict[str, str]:
    """Each sentence that waits, with its deed: the pages, whose code this is, do not call it."""
    return {
        sentence: deed
        for deed, sentences in WAITING.items()
        if f"{deed}," not in called and f"{deed}(" not in called
        for sentence in sentences
    }


def promises(text: str, called: str) -> list[str]:
    """The sentences in a text that promise a deed which the pages do not call."""
    return [f"{said} ({deed})" for said, deed in waiting(called).items() if said in text]


def test_no_page_promises_what_no_page_does():
    code = sources("web", "kiosk")
    called = "\n".join(one.text for one in code)
    shown = code + sources("web", "kiosk", ending=".html") + sources("web", "kiosk", ending=".po")
    nothing([f"{one.path}: {said}" for one in shown for said in promises(one.text, called)])


def test_a_promise_stands_as_soon_as_a_page_calls_the_deed():
    told = "带上身份证，几分钟就能办好。"
    assert promises(told, "") == ["几分钟就能办好 (enrol_people)"]
    assert promises(told, "units.tried(enrol_people, form)") == []
