"""Assets of a page: one style sheet, one script, icons, QR codes.

The style sheet is the concatenation of ``static/css``, so that each component has its own file and
a reader loads one. There is no build step.
"""

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

import qrcode
from flask import Flask, Response, current_app, request, send_from_directory, url_for
from markupsafe import Markup
from qrcode.image.svg import SvgPathImage

from timebank.errors import NotFound
from web.auth import open_to_all
from web.drawing import drawn_once

STATIC = Path(__file__).parent / "static"
# These come first; all others may depend on them.
_FIRST = ("tokens.css", "base.css", "layout.css", "layout_bar.css")
# These are sent to the pages of the set-up alone: a community sees them once.
_ONCE = ("set_up.css", "set_up_choices.css")
# These are sent to the pages of staff alone: whoever reads the shelf waits for none of it.
_STAFF = ("family.css", "day.css", "day_sheet.css", "folded.css", "shop.css")
_APART = _ONCE + _STAFF
_KINDS = {"css": "text/css", "js": "text/javascript"}
_YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class AssetBundle:
    """One file that browsers may cache for ever, because its name changes with its content."""

    key: str
    name: str
    kind: str
    body: bytes
    packed: bytes


def install(app: Flask) -> None:
    """Build the style sheet and the script; give templates ``face``, ``icon`` and ``qr``."""
    bundles = [
        _bundle("css", "css", _style_sheets()),
        _bundle("set_up", "css", [STATIC / "css" / name for name in _ONCE]),
        _bundle("staff", "css", [STATIC / "css" / name for name in _STAFF]),
        _bundle("js", "js", sorted((STATIC / "js").glob("*.js"))),
    ]
    app.extensions["face"] = {bundle.name: bundle for bundle in bundles}
    names = {bundle.key: bundle.name for bundle in bundles}
    app.add_url_rule("/static/<path:filename>", "static", open_to_all(_static))
    app.add_url_rule("/favicon.ico", "favicon", open_to_all(lambda: _static("icons/mark.svg")))
    app.jinja_env.globals.update(
        face=lambda key: url_for("static", filename=names[key]), icon=icon, qr_svg=qr_svg
    )


def _style_sheets() -> list[Path]:
    folder = STATIC / "css"
    rest = [path for path in sorted(folder.glob("*.css")) if path.name not in _FIRST + _APART]
    return (
        [folder / name for name in _FIRST]
        + [path for path in rest if path.stem != "print"]
        + [path for path in rest if path.stem == "print"]
    )  # What print takes away must come last.


def _bundle(key: str, ending: str, files: list[Path]) -> AssetBundle:
    text = "\n".join(path.read_text("utf-8") for path in files)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    body = re.sub(r"\n\s*", "\n", text).strip().encode()
    mark = hashlib.sha256(body).hexdigest()[:12]
    name, packed = f"face-{mark}.{ending}", gzip.compress(body, mtime=0)
    return AssetBundle(key=key, name=name, kind=_KINDS[ending], body=body, packed=packed)


def _static(filename: str) -> Response:
    bundle: AssetBundle | None = current_app.extensions["face"].get(filename)
    if bundle is None:
        return send_from_directory(STATIC, filename, max_age=3600)
    is_packed = "gzip" in request.accept_encodings
    response = Response(bundle.packed if is_packed else bundle.body, mimetype=bundle.kind)
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = f"public, max-age={_YEAR_SECONDS}, immutable"
    return response


@drawn_once
@lru_cache(maxsize=128)
def icon(name: str) -> Markup:
    """An icon for the page. It is hidden from screen readers, so a word always stands beside it."""
    path = STATIC / "icons" / f"{name}.svg"
    if not re.fullmatch(r"[a-z0-9-]+", name) or not path.exists():
        raise NotFound(kind="icon", name=name)
    drawing = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text("utf-8"), re.DOTALL)
    assert drawing is not None, f"{path.name} is no drawing"
    inner = re.sub(r"\s*\n\s*", "", drawing.group(1))
    return Markup(
        '<svg class="icon" viewBox="0 0 24 24" width="24" height="24" fill="none"'
        ' stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
        f' aria-hidden="true" focusable="false">{inner}</svg>'
    )


@lru_cache(maxsize=512)
def qr_svg(text: str, title: str) -> Markup:
    """A QR code as an SVG with a title; it prints sharply at every size."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(text)
    drawing = ElementTree.fromstring(code.make_image(image_factory=SvgPathImage).to_string())
    side = code.modules_count + 2 * code.border
    path = next(part.get("d") for part in drawing.iter() if part.tag.endswith("path"))
    return Markup(
        '<svg class="qr-code" viewBox="0 0 {side} {side}" role="img" aria-label="{title}">'
        '<path class="qr-ground" d="M0 0h{side}v{side}H0z"/><path class="qr-ink" d="{path}"/></svg>'
    ).format(side=side, title=title, path=path)
