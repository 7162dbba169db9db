"""What a phone needs to keep the site on its home screen: name, colours, icons, and where it is."""

from flask import Response, jsonify, url_for

from web import mounting
from web.auth import open_to_all
from web.pages import OPEN, page
from web.places import community_name
from web.reader import gettext as _
from web.reader import html_lang, language

_COLOUR = "#0b5d3b"  # As in tokens.css: --hours-fill.
_PAPER = "#fffdf7"
_SIZES = (192, 512)


@page(OPEN, "/manifest.webmanifest", "manifest")
@open_to_all
def manifest() -> Response:
    """The web app manifest. Source: W3C Web Application Manifest."""
    answer = jsonify(
        name=f"{_('公益ATM')} · {community_name()}", short_name=_("公益ATM"),
        lang=html_lang(language()), id=mounting.root(), start_url=mounting.root(),
        scope=mounting.root(), display="standalone", theme_color=_COLOUR,
        background_color=_PAPER, icons=[icon for size in _SIZES for icon in _icons(size)],
    )  # fmt: skip
    answer.mimetype = "application/manifest+json"
    return answer


def _icons(size: int) -> list[dict[str, str]]:
    """One file serves as it is, and for phones that cut icons to their own shape."""
    source = url_for("static", filename=f"icons/app-{size}.png")
    shape = {"src": source, "sizes": f"{size}x{size}", "type": "image/png"}
    return [shape, shape | {"purpose": "maskable"}]
