"""A code to photograph from the screen. It is drawn into the page: no other file is loaded."""

from xml.etree import ElementTree

import qrcode
from markupsafe import Markup
from qrcode.image.svg import SvgPathImage


def qr_svg(text: str, title: str) -> Markup:
    """A QR code as an SVG with a title, dark on light in every contrast."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(text)
    drawing = ElementTree.fromstring(code.make_image(image_factory=SvgPathImage).to_string())
    side = code.modules_count + 2 * code.border
    path = next(part.get("d") for part in drawing.iter() if part.tag.endswith("path"))
    return Markup(
        '<svg class="qr" viewBox="0 0 {side} {side}" role="img" aria-label="{title}">'
        '<path class="qr-ground" d="M0 0h{side}v{side}H0z"/><path class="qr-ink" d="{path}"/></svg>'
    ).format(side=side, title=title, path=path)
