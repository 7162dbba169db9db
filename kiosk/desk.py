"""What every page reaches for: this kiosk, this visit, the words, and a way to the next page."""

from typing import Any, cast

from flask import current_app, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kiosk import formats
from kiosk.agent import Kiosk
from kiosk.outbox import Draft, Kept
from kiosk.visit import Visit
from kiosk.words import LOCALES, speaker


def kiosk() -> Kiosk:
    return cast(Kiosk, current_app.extensions["kiosk"])


def visit() -> Visit:
    return cast(Visit, g.visit)


def _(text: str, **values: object) -> str:
    """Say one sentence in the visit's language."""
    return speaker(kiosk().catalogues.get(visit().language, {}))(text, **values)


def go(path: str) -> ResponseReturnValue:
    """Send the browser to the next page; a reload of it repeats nothing."""
    return redirect(path, 303)


def show(template: str, **values: Any) -> str:
    """Draw a page of this visit, and remember where the person is."""
    here, now = kiosk(), visit()
    now.page = request.path
    speak = speaker(here.catalogues.get(now.language, {}))
    return render_template(
        template,
        _=speak,
        visit=now,
        language=now.language,
        locale=LOCALES[now.language],
        notice=now.take_notice(),
        status=status(),
        store=store_name(),
        config=here.config,
        says=formats.Says(now.language, speak),
        **values,
    )


def store_name() -> str:
    identity = kiosk().outbox.identity
    if identity is None:
        return ""
    return identity.store_zh if visit().language == "zh" else identity.store_en


def status() -> dict[str, Any]:
    """How the line stands, in calm words; the page asks again every few seconds.

    Where staff must look first, nobody is told that he may go on.
    """
    here = kiosk()
    waiting = here.outbox.count_waiting()
    if here.sync.trouble:
        text = _("暂停使用，请工作人员来看")
    elif here.sync.is_up:
        text = _("网络正常")
    elif waiting:
        text = _("网络断开，可以继续使用，已保存 %(count)s 笔", count=waiting)
    else:
        text = _("网络断开，可以继续使用")
    clock = formats.Says(visit().language, _).today(here.clock())
    return {"up": here.sync.is_up, "waiting": waiting, "text": text, "clock": clock}


def record(draft: Draft, *, patience: float = 0.7) -> Kept:
    """Put a deed on disk, then give the server a moment to say what became of it.

    Only what this returns may be told to the person.
    """
    here = kiosk()
    kept = here.outbox.record(draft)
    here.sync.settle(kept.event_id, patience if here.sync.is_up else 0.0)
    return here.outbox.find(kept.event_id) or kept
