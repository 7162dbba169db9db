"""Take the pictures of the documents anew, from a demo that runs.

    .venv/bin/python docs/pictures/take.py http://127.0.0.1:8000 http://127.0.0.1:8100

It files one claim as ``claimant`` unless one is ready already, and changes nothing else; on a
fresh demo the pictures look their best. Needs Chromium; CHROMIUM names another than the usual.
"""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from PIL import Image, ImageChops, ImageDraw
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from timebank.db import utc_now
from timebank.values import local_day

HERE = Path(__file__).parent
PASSWORD = "demo-2026"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
    "--hide-scrollbars",
]
SPEAKS = {**os.environ, "LANGUAGE": "zh_CN", "LANG": "zh_CN.UTF-8"}  # How it writes dates.
PHONE: ViewportSize = {"width": 390, "height": 780}
DESK: ViewportSize = {"width": 1280, "height": 760}
HIGH: ViewportSize = {"width": 1280, "height": 980}
TALL: ViewportSize = {"width": 1080, "height": 1920}
PAPER, EDGE = "#ece8d7", "#d8d3c3"
GUIDE_BYTES, OVERVIEW_BYTES = 150_000, 300_000


@contextmanager
def opened(browser: Browser, size: ViewportSize, *, scale: float = 1.0) -> Iterator[Page]:
    """Lend a page of a reader of Chinese."""
    context = browser.new_context(viewport=size, device_scale_factor=scale, locale="zh-CN")
    try:
        yield context.new_page()
    finally:
        context.close()


def sign_in(page: Page, web: str, name: str) -> None:
    page.goto(f"{web}/sign-in/name")
    page.fill("[name=login_name]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button")
    page.wait_for_url(lambda address: "/sign-in" not in address)


def shot(page: Page, *, whole: bool = False) -> Image.Image:
    page.wait_for_load_state("networkidle")
    return Image.open(io.BytesIO(page.screenshot(full_page=whole))).convert("RGB")


def save(picture: Image.Image, name: str, most: int = GUIDE_BYTES) -> None:
    """Write a picture in few colours, as small as promised, or say that it is not."""
    for colours in (128, 64, 32, 16):
        told = io.BytesIO()
        few = picture.quantize(colours, dither=Image.Dither.NONE)
        few.save(told, "png", optimize=True)
        if told.tell() <= most:
            (HERE / f"{name}.png").write_bytes(told.getvalue())
            click.echo(f"{name}.png  {picture.width} × {picture.height}  {told.tell() // 1000} kB")
            return
    raise SystemExit(f"{name} does not fit into {most} bytes")


def claim_ready(page: Page, web: str) -> str:
    """Tell the pick-up code of a claim that waits; claim two kinds where none does."""
    page.goto(f"{web}/me/claims")
    ready = page.locator("a.card-row", has_text="取物码")
    if ready.count():
        ready.first.click()
    else:
        page.goto(f"{web}/me/take")
        for row in page.locator(".pick-row input").all()[:2]:
            row.fill("1")
        page.click(".sticky-actions button")
    code = page.locator(".code-big").inner_text()
    return "".join(letter for letter in code if letter.isdigit())


def take_phone(browser: Browser, web: str) -> tuple[Image.Image, str]:
    """Picture a volunteer's passbook, and give the code of what waits for a claimant."""
    with opened(browser, PHONE, scale=2) as page:
        sign_in(page, web, "claimant")
        code = claim_ready(page, web)
    with opened(browser, PHONE, scale=2) as page:
        sign_in(page, web, "volunteer")
        passbook = shot(page)
    return passbook, code


def take_store(browser: Browser, web: str, code: str) -> None:
    """Picture the keeper's pages: the shop, taking in, handing over."""
    with opened(browser, DESK) as page:
        sign_in(page, web, "keeper1")
        page.goto(f"{web}/store")
        save(shot(page), "store")
        page.set_viewport_size(HIGH)
        page.goto(f"{web}/store/intake")
        for number, item in enumerate(("大米 5kg", "冬衣")):
            page.select_option("[name=add_item]", label=item)
            page.click("[name=add]")
            page.locator(".intake-line").nth(number).wait_for()
        page.fill("[name$=best_before_on]", f"{local_day(utc_now()).year + 1}-06-30")
        page.locator("h1").click()
        save(shot(page), "intake")
        page.set_viewport_size(DESK)
        page.goto(f"{web}/store/issue")
        page.fill("[name=scan]", code)
        page.keyboard.press("Enter")
        page.locator(".tick-list").first.wait_for()
        save(shot(page), "issue")


def take_desk(browser: Browser, web: str) -> Image.Image:
    """Picture the desk: hours to confirm, a case, somebody's card; give the worklist."""
    with opened(browser, DESK) as page:
        sign_in(page, web, "coordinator")
        page.goto(f"{web}/work?kind=record")
        save(shot(page), "hours")
        page.goto(f"{web}/work")
        worklist = shot(page)
        save(worklist, "worklist")
        page.goto(f"{web}/work/people")
        page.fill("main input[name=q]", "wxw")
        page.press("main input[name=q]", "Enter")
        page.wait_for_url("**search=*")
        save(shot(page), "people")
    return worklist


def take_kiosk(browser: Browser, kiosk: str) -> Image.Image:
    with opened(browser, TALL, scale=0.5) as page:
        page.goto(kiosk)
        home = shot(page)
    save(home, "kiosk")
    return home


def framed(picture: Image.Image, height: int) -> Image.Image:
    """Round the corners of a picture of this height and draw its edge."""
    width = round(picture.width * height / picture.height)
    small = picture.resize((width, height), Image.Resampling.LANCZOS).convert("RGBA")
    mask = Image.new("L", (width * 4, height * 4))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, width * 4 - 1, height * 4 - 1), 72, fill=255)
    round_mask = mask.resize((width, height), Image.Resampling.LANCZOS)
    edge = Image.new("L", (width * 4, height * 4))
    ImageDraw.Draw(edge).rounded_rectangle(
        (0, 0, width * 4 - 1, height * 4 - 1), 72, outline=255, width=6
    )
    small.paste(EDGE, mask=edge.resize((width, height), Image.Resampling.LANCZOS))
    small.putalpha(ImageChops.multiply(round_mask, small.getchannel("A")))
    return small


def compose(passbook: Image.Image, worklist: Image.Image, home: Image.Image) -> Image.Image:
    """Lay passbook, worklist and kiosk side by side on warm paper."""
    parts = [framed(passbook, 700), framed(worklist, 620), framed(home, 780)]
    gap, tallest = 48, max(one.height for one in parts)
    sheet = Image.new("RGB", (sum(p.width + gap for p in parts) + gap, tallest + 2 * gap), PAPER)
    left = gap
    for one in parts:
        sheet.paste(one, (left, gap + (tallest - one.height) // 2), one)
        left += one.width + gap
    return sheet


def main(web: str, kiosk: str) -> None:
    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=ARGUMENTS, env=SPEAKS)
        passbook, code = take_phone(browser, web)
        take_store(browser, web, code)
        worklist = take_desk(browser, web)
        home = take_kiosk(browser, kiosk)
        browser.close()
    save(compose(passbook, worklist, home), "overview", OVERVIEW_BYTES)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(sys.argv[1].rstrip("/"), sys.argv[2].rstrip("/"))
