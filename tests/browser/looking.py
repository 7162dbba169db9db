"""Checks of a page: axe, sideways scrolling, controls that are too small."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def _axe() -> str:
    return AXE.read_text("utf-8")


_RUN_AXE = """
tags => axe.run(document, {
  runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'], elementRef: false,
})
"""


_LOOSEN = """() => {
  for (const one of document.querySelectorAll('main *'))
    if (getComputedStyle(one).position === 'sticky') one.style.position = 'static';
}"""


def axe_faults(page: Page) -> list[str]:
    """Run axe on a page and describe each violation in one line."""
    # A bar that sticks to the edge covers another control wherever the page stands.
    page.evaluate(_LOOSEN)
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    found = page.evaluate(_RUN_AXE, AXE_TAGS)
    return [
        f"{fault['id']}: {fault['help']}: {node['html'][:160]} {node.get('failureSummary', '')}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


def sideways_pixels(page: Page) -> int:
    """How far a page scrolls sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


_SMALL_TARGETS = """
least => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter(one => one.checkVisibility({visibilityProperty: true}) && one.type !== 'hidden')
  .filter(one => !one.closest('.skip, .unseen, dialog:not([open])'))
  .filter(one => !(one.tagName === 'A' && getComputedStyle(one).display === 'inline'))
  .map(one => one.closest('label.choice') || one)
  .map(one => [one.getBoundingClientRect(), one])
  .filter(([box]) => box.height + 0.5 < least || box.width + 0.5 < Math.min(least, 44))
  .map(([box, one]) => [Math.round(box.width), Math.round(box.height), one.outerHTML.slice(0, 120)])
  .map(parts => parts.join(' '))
"""


def small_targets(page: Page, least: int) -> list[str]:
    """Controls lower than ``least`` pixels; links within a sentence are not controls."""
    found: list[str] = page.evaluate(_SMALL_TARGETS, least)
    return found
