"""Helpers for every page: the kiosk, the visit, translated sentences, the next page."""

from datetime import datetime
from typing import Any, cast

from flask import current_app, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kiosk import formats
from kiosk.agent import Kiosk
from kiosk.outbox import NewEvent, StoredEvent
from kiosk.visit import Visit
from kiosk.words import LOCALES, speaker
from timebank.kiosks import wire
from timebank.people.refusals import TooManyTries
from timebank.values import to_us

# What somebody has done, and so may be called saved. A look or a scan may not.
DEEDS = tuple(name for name in wire.BODIES if name not in wire.NOTES)


def kiosk() -> Kiosk:
    return cast(Kiosk, current_app.extensions["kiosk"])


def visit() -> Visit:
    return cast(Visit, g.visit)


def _(text: str, **values: object) -> str:
    """Translate a sentence into the visit's language."""
    return speaker(kiosk().catalogues.get(visit().language, {}))(text, **values)


def go(path: str) -> ResponseReturnValue:
    """Redirect the browser to the next page, so that a reload repeats nothing."""
    return redirect(path, 303)


def show(template: str, **values: Any) -> str:
    """Render a page of this visit and remember it as the current one."""
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
        idle=here.config.idle(more_time=now.more_time),
        leave=here.config.result(more_time=now.more_time),
        says=formats.Says(now.language, speak),
        **values,
    )


def until_words(refusal: TooManyTries) -> str:
    """The moment until which the server refuses: ``6月12日 9:41``."""
    until_at = datetime.fromisoformat(str(refusal.facts["until_at"]))
    return formats.Says(visit().language, _).moment(to_us(until_at))


def store_name() -> str:
    identity = kiosk().outbox.identity
    if identity is None:
        return ""
    return identity.store_zh if visit().language == "zh" else identity.store_en


def slip_of(kept: StoredEvent) -> str:
    """The number of an event that staff find it by."""
    owner = next(
        (identity for identity in kiosk().outbox.identities() if identity.device == kept.device),
        kiosk().outbox.identity,
    )
    return wire.slip_no(owner.store_code if owner else "", kept.epoch, kept.seq)


def status() -> dict[str, Any]:
    """The state of the connection in one calm sentence; the page polls it every few seconds.

    When staff must act first, it does not invite the person to go on.
    """
    here = kiosk()
    waiting = here.outbox.count_waiting(*DEEDS)
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


def record(draft: NewEvent, *, patience: float = 0.7) -> StoredEvent:
    """Write an event to disk, then wait briefly for the server's answer.

    Only the state that this returns may be shown to the person.
    """
    here = kiosk()
    kept = here.outbox.record(draft)
    here.sync.settle(kept.event_id, patience if here.sync.is_up else 0.0)
    return here.outbox.find(kept.event_id) or kept
