"""What a new community still lacks, for its coordinators: before it opens, and later."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask, current_app, render_template, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from timebank.checking.backups import was_made
from timebank.founding.queries import OpeningLacks, what_lacks
from timebank.people.may import ADD_STAFF_USER
from web.auth import by_or_none
from web.ground import ground, now
from web.reader import gettext as _

# The page on which staff is added, where a folder of the web brings one.
STAFF_PAGE = "work.staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class LackLine:
    """One line: what is there or missing, and the page that does it."""

    word: str
    is_done: bool
    is_first: bool
    href: str = ""


def lack_lines(session: Session, community_id: int) -> list[LackLine]:
    """Every line, also what is done already."""
    return list(_lines(what_lacks(session, community_id, now=now())))


def _lines(lacking: OpeningLacks) -> Iterator[LackLine]:
    staff = url_for(STAFF_PAGE) if STAFF_PAGE in current_app.view_functions else ""
    yield LackLine(word=_("一位店管员"), is_done=not lacking.keeper, is_first=True, href=staff)
    yield LackLine(
        word=_("管账、审批的同事设好登录的第二步"), is_done=not lacking.second_factor,
        is_first=True, href=url_for("account.factor"),
    )  # fmt: skip
    yield LackLine(
        word=_("备份"), is_done=_has_backup(current_app), is_first=True,
        href=url_for("work.backups"),
    )  # fmt: skip
    yield LackLine(
        word=_("第二位社区负责人"), is_done=not lacking.second_coordinator, is_first=False,
        href=staff,
    )  # fmt: skip
    yield LackLine(
        word=_("自助终端"), is_done=not lacking.kiosk, is_first=False,
        href=url_for("work.kiosks"),
    )  # fmt: skip


def _has_backup(app: Flask) -> bool:
    folder = app.config.get("DATA")
    return folder is not None and was_made(folder)


def reminder() -> str:
    """The list above the worklist of a coordinator, until nothing is missing."""
    by, place = by_or_none(), ground()
    if by is None or not ADD_STAFF_USER.is_held_everywhere(by) or place.is_complete:
        return ""
    with place.database.reading() as session:
        lines = lack_lines(session, by.community_id)
    place.is_complete = all(line.is_done for line in lines)
    if place.is_complete:
        return ""
    return Markup(render_template("founding/reminder.html", lines=lines))
