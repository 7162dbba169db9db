"""The look, checked by its files: contrast, one style sheet, icons with their origin."""

import gzip
import hashlib
import re
import tomllib
from itertools import product

import pytest

from web.assets import STATIC, icon, qr_svg

TOKENS = (STATIC / "css" / "tokens.css").read_text("utf-8")


def colours(block: str) -> dict[str, str]:
    """The colours that one block of the token sheet names."""
    found = re.search(re.escape(block) + r" \{(.*?)\n\}", TOKENS, re.DOTALL)
    assert found, block
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", found[1]))


USUAL = colours(":root")
MODES = {"usual": USUAL, "high": USUAL | colours('[data-contrast="high"]')}


def luminance(colour: str) -> float:
    """WCAG 2: relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


GROUNDS = ("paper", "card", "sand", "sand-deep")
BODY = [
    *product(("ink", "soft"), GROUNDS),
    *product(("ink",), ("hours-wash", "goods-wash", "funds-wash", "stop-wash")),
    *product(("hours", "goods", "funds", "stop"), ("paper", "card")),
    *product(("on-fill",), ("hours-fill", "hours-deep", "goods-fill", "funds-fill")),
]
# Text on its own tint is large or bold.
LARGE = [(ink, f"{ink}-wash") for ink in ("hours", "goods", "funds", "stop")]
SHAPES = [
    *product(("edge", "focus-ring"), ("paper", "card")),
    ("goods", "sand-deep"),
    ("hours-fill", "paper"),
    ("focus", "focus-ring"),
]


@pytest.mark.parametrize("mode", MODES)
def test_text_can_be_read_by_tired_eyes(mode):
    told = MODES[mode]
    weak = [f"{a} on {b}" for a, b in BODY if contrast(told[a], told[b]) < 7]
    weak += [f"{a} on {b}" for a, b in LARGE if contrast(told[a], told[b]) < 6]
    assert not weak


@pytest.mark.parametrize("mode", MODES)
def test_edges_and_focus_stand_out(mode):
    told = MODES[mode]
    pairs = [pair for pair in SHAPES if not (mode == "high" and pair[0] == "focus-ring")]
    weak = [f"{a} on {b}" for a, b in pairs if contrast(told[a], told[b]) < 3]
    assert not weak


def test_a_weak_pair_would_be_found():
    assert contrast("#777777", "#ffffff") < 4.5 < contrast("#000000", "#ffffff") == 21


def test_every_token_that_is_used_is_named():
    named = set(re.findall(r"--([\w-]+):", TOKENS))
    for path in (STATIC / "css").glob("*.css"):
        used = set(re.findall(r"var\(--([\w-]+)", path.read_text("utf-8")))
        assert used <= named, path.name


def test_the_style_sheet_comes_packed_and_is_kept_for_ever(app, client):
    name = next(name for name in app.extensions["face"] if name.endswith(".css"))
    plain = client.get(f"/static/{name}")
    packed = client.get(f"/static/{name}", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert "immutable" in plain.headers["Cache-Control"]
    assert b"/*" not in plain.data
    assert plain.data.index(b":root") < plain.data.index(b".button")
    assert plain.data.rindex(b"@media print") > plain.data.rindex(b".tile-mark")
    assert len(packed.data) < 12_000


def test_no_file_outside_the_static_folder_is_served(client):
    assert client.get("/static/../app.py").status_code == 404
    assert client.get("/static/%2e%2e/app.py").status_code == 404


def test_what_was_taken_from_elsewhere_is_written_down_and_unchanged():
    told = tomllib.loads((STATIC / "vendor.toml").read_text("utf-8"))["file"]
    assert {one["path"] for one in told} | {"icons/mark.svg"} == {
        f"icons/{path.name}" for path in (STATIC / "icons").glob("*.svg")
    }
    for one in told:
        digest = hashlib.sha256((STATIC / one["path"]).read_bytes()).hexdigest()
        assert digest == one["sha256"], one["path"]
        assert one["version"] and one["licence"]


def test_an_icon_is_drawn_silent_and_without_style():
    drawn = str(icon("package"))
    assert 'aria-hidden="true"' in drawn
    assert "style" not in drawn
    assert "lucide" not in drawn


def test_an_unknown_icon_is_not_found():
    from timebank.errors import NotFound

    with pytest.raises(NotFound):
        icon("../../app")


def test_a_qr_code_can_be_read_back():
    import io

    import zxingcpp
    from PIL import Image, ImageDraw

    drawn = str(qr_svg("GZT1:0123456789A", "card <&>"))
    assert "card &lt;&amp;&gt;" in drawn
    side = int(re.search(r'viewBox="0 0 (\d+)', drawn)[1])
    picture = Image.new("L", (side * 8, side * 8), 255)
    pen = ImageDraw.Draw(picture)
    path = re.search(r'class="qr-ink" d="([^"]+)"', drawn)[1]
    for x, y in re.findall(r"M(\d+),(\d+)H", path):
        pen.rectangle([int(x) * 8, int(y) * 8, int(x) * 8 + 7, int(y) * 8 + 7], fill=0)
    file = io.BytesIO()
    picture.save(file, "PNG")
    assert zxingcpp.read_barcodes(Image.open(file))[0].text == "GZT1:0123456789A"
