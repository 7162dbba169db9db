"""Pictures of papers and items: read what a phone sends, and keep only what can be seen on it.

The picture is decoded and encoded again as JPEG. So nothing but its pixels is kept: no place, no
time and no name of the phone, and no file that only looks like a picture. Not here: who may look
(``actions/pictures.py``).
"""

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from timebank.errors import BadInput

SENT_BYTES_MAX = 12 * 1024 * 1024  # What a phone sends; some send more for a raw picture.
KEPT_BYTES_MAX = 700 * 1024
SIDE_MAX = 1800  # Pixels: a line of small print on an A4 sheet is still readable.
_PIXELS_MAX = {"JPEG": 60_000_000, "PNG": 24_000_000, "WEBP": 24_000_000}
_QUALITIES = (80, 65, 50, 35)
_BEGINS, _ENDS = b"\xff\xd8\xff", b"\xff\xd9"


def clean_picture(
    data: bytes, *, side_max: int = SIDE_MAX, bytes_max: int = KEPT_BYTES_MAX
) -> bytes:
    """Return a picture as a JPEG of bounded size, upright and without its data about itself.

    **Units**: ``side_max`` in pixels.

    **Refuses**: ``BadInput`` for the field *picture*: ``picture_large``, ``picture_kind`` for
    anything but JPEG, PNG and WebP, ``picture_broken``.
    """
    if len(data) > SENT_BYTES_MAX:
        raise BadInput(field="picture", why="picture_large")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _written(_opened(data), side_max=side_max, bytes_max=bytes_max)
    except UnidentifiedImageError:
        raise BadInput(field="picture", why="picture_kind") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadInput(field="picture", why="picture_large") from None
    except (OSError, SyntaxError, ValueError, EOFError):  # What Pillow raises for damaged files.
        raise BadInput(field="picture", why="picture_broken") from None


def require_clean(picture: bytes, *, bytes_max: int = KEPT_BYTES_MAX) -> None:
    """Check that bytes are what ``clean_picture`` returns. **Refuses**: ``BadInput``."""
    is_jpeg = picture.startswith(_BEGINS) and picture.endswith(_ENDS)
    if not is_jpeg or len(picture) > bytes_max:
        raise BadInput(field="picture", why="picture_kind")


def _opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=list(_PIXELS_MAX))
    width, height = image.size
    if width * height > _PIXELS_MAX[str(image.format)]:
        raise BadInput(field="picture", why="picture_large")
    image.draft("RGB", (SIDE_MAX, SIDE_MAX))  # A large JPEG is decoded at a fraction of its size.
    image.load()
    return image


def _written(image: Image.Image, *, side_max: int, bytes_max: int) -> bytes:
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((side_max, side_max))
    if upright.mode in ("RGBA", "LA", "P", "PA"):
        layered = upright.convert("RGBA")
        upright = Image.new("RGB", layered.size, "white")
        upright.paste(layered, mask=layered.getchannel("A"))
    plain = upright.convert("RGB")
    for quality in _QUALITIES:
        out = io.BytesIO()
        plain.save(out, "JPEG", quality=quality, optimize=True, exif=b"", icc_profile=None)
        if out.tell() <= bytes_max:
            return out.getvalue()
    raise BadInput(field="picture", why="picture_large")
