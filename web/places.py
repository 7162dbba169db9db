"""The menus of the site: which entries there are, and for whom."""

from flask import Flask

from web.auth import by_or_none
from web.formats import own_name
from web.ground import ground
from web.pages import MenuPlace
from web.reader import language
from web.subjects import gathered


def install(app: Flask) -> None:
    app.jinja_env.globals.update(places=places, community_name=community_name)


def places(bar: str) -> list[MenuPlace]:
    """List the entries of one menu that the reader may see."""
    by = by_or_none()
    return [
        place
        for place in gathered().places.get(bar, ())
        if place.right is None or (by is not None and place.right.is_held(by))
    ]


def reminders() -> list[str]:
    """What the subjects draw above the worklist of the reader."""
    return [drawn for draw in gathered().reminders if (drawn := draw())]


def community_name() -> str:
    """The name of the community, in the reader's language."""
    return own_name(ground().community, language())
