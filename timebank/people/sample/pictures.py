"""A drawn sheet that stands for the picture of a paper in the sample community."""

import io

from PIL import Image, ImageDraw

from timebank.people.pictures import clean_picture

_SIZE = (900, 640)


def sheet(number: str) -> bytes:
    """Draw a sheet with a stamp and a number, so that there is something to compare."""
    image = Image.new("RGB", _SIZE, "#f6f1e3")
    pen = ImageDraw.Draw(image)
    pen.rectangle((30, 30, _SIZE[0] - 30, _SIZE[1] - 30), outline="#7a1f1f", width=6)
    for line in range(5):
        y = 220 + 60 * line
        pen.line((90, y, 810, y), fill="#9c9484", width=2)
    pen.ellipse((620, 400, 800, 580), outline="#b3261e", width=8)
    pen.text((90, 80), "SAMPLE", fill="#7a1f1f", font_size=64)
    pen.text((90, 165), number, fill="#222222", font_size=40)
    out = io.BytesIO()
    image.save(out, "PNG")
    return clean_picture(out.getvalue())
