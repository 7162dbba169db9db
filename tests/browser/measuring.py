"""What eyes and hands need of a page, measured in the browser over the styles that it really has.

Each function lists its findings as sentences. Not here: axe, and sideways scrolling (``looking``).
"""

from playwright.sync_api import Page

LEAST_TARGET = 44  # Pixels; the smallest thing that a finger hits.
LEAST_CONTRAST = 7.0  # Of text against what is really behind it.

# A link within a sentence is as high as its line, and is no target of its own (WCAG 2.5.8).
_SMALL = """
least => {
  const inSentence = one => one.tagName === 'A' && getComputedStyle(one).display === 'inline'
    && [...one.parentElement.childNodes].some(
      other => other.nodeType === 3 && /[\\p{L}\\p{N}]/u.test(other.data));
  return [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
    .filter(one => one.checkVisibility({visibilityProperty: true}) && one.type !== 'hidden')
    .filter(one => !one.closest('.skip, .unseen, dialog:not([open])') && !inSentence(one))
    .map(one => one.closest('label.choice') || one)
    .map(one => [one.getBoundingClientRect(), one])
    .filter(([box]) => box.height + 0.5 < least || box.width + 0.5 < least)
    .map(([box, one]) =>
      `${Math.round(box.width)} × ${Math.round(box.height)}: ${one.outerHTML.slice(0, 120)}`);
}"""

_TORN = """() => {
  const lines = rects => new Set([...rects].map(one => Math.round(one.top))).size;
  const shown = [...document.querySelectorAll('main *')].filter(
    one => one.checkVisibility() && !one.closest('.unseen'));
  const cut = one => {
    if (one.children.length || !/^\\s*[A-Za-z]{2,14}\\s*$/.test(one.textContent)) return false;
    const range = document.createRange();
    range.selectNodeContents(one);
    return lines([...range.getClientRects()].filter(box => box.width)) > 1;
  };
  const split = one => {
    const boxes = [...one.querySelectorAll('button, input')].map(
      part => part.getBoundingClientRect());
    const middles = boxes.filter(box => box.width).map(box => box.top + box.height / 2);
    return one.matches('.stepper') && Math.max(...middles) - Math.min(...middles) > 8;
  };
  return shown.filter(one => cut(one) || split(one)).map(one => one.outerHTML.slice(0, 120));
}"""

_PROTRUDING = """() => {
  const inside = one => {
    for (let up = one.parentElement; up; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== 'visible' && up !== document.body) return true;
    return false;
  };
  const wide = document.documentElement.clientWidth;
  return [...document.querySelectorAll('body *')]
    .filter(one => one.checkVisibility() && !one.closest('.skip, .unseen, svg svg'))
    .map(one => [one.getBoundingClientRect(), one])
    .filter(([box, one]) => box.width && (box.right > wide + 1 || box.left < -1) && !inside(one))
    .map(([box, one]) => `${Math.round(box.left)} to ${Math.round(box.right)} of ${wide}: `
      + one.outerHTML.slice(0, 120));
}"""

_PALE = """
least => {
  const parts = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const over = ([r, g, b, a = 1], below) => [r, g, b].map((v, at) => v * a + below[at] * (1 - a));
  const behind = one => {
    if (!one) return [255, 255, 255];
    const ground = parts(getComputedStyle(one).backgroundColor);
    return ground[3] === 0 ? behind(one.parentElement) : over(ground, behind(one.parentElement));
  };
  const opacity = one => one ? getComputedStyle(one).opacity * opacity(one.parentElement) : 1;
  const ratio = one => {
    const ground = behind(one);
    const [r, g, b, a = 1] = parts(getComputedStyle(one).color);
    const ink = over([r, g, b, a * opacity(one)], ground);
    const [high, low] = [light(ink), light(ground)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() && one.checkVisibility({visibilityProperty: true})
        && !one.closest('.skip, .unseen, script, style, svg, option, :disabled')) seen.add(one);
  }
  for (const one of document.querySelectorAll('input, select, textarea'))
    if (one.checkVisibility() && one.type !== 'hidden') seen.add(one);
  return [...seen].map(one => [ratio(one), one]).filter(([found]) => found < least)
    .map(([found, one]) => `${found.toFixed(2)}: ${one.outerHTML.slice(0, 120)}`);
}"""

# The whole of what has the focus is in view, and no bar that sticks to an edge lies over it. Behind
# an open dialog nothing takes the focus.
_COVERED = """() => {
  const found = [];
  const dialog = document.querySelector('dialog[open]');
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
    .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.disabled
      && one.type !== 'hidden' && !one.closest('.skip, .unseen, dialog:not([open])')
      && (!dialog || dialog.contains(one)));
  const sticks = one => {
    for (let up = one; up; up = up.parentElement)
      if (['fixed', 'sticky'].includes(getComputedStyle(up).position)) return up;
    return null;
  };
  for (const one of [...all, ...all.toReversed()]) {
    one.focus();
    if (sticks(one)) continue;
    const box = one.getBoundingClientRect();
    if (box.height > innerHeight / 2) continue;
    const x = Math.min(Math.max((box.left + box.right) / 2, 0), innerWidth - 1);
    for (const y of [box.top + 2, box.bottom - 2]) {
      const top = y >= 0 && y < innerHeight ? document.elementFromPoint(x, y) : null;
      const bar = top && !one.contains(top) ? sticks(top) : null;
      if (!top || (bar && !bar.contains(one))) {
        found.push(`${Math.round(y)} of ${innerHeight}`
          + ` under ${bar ? bar.className || bar.tagName : 'the edge'}: `
          + one.outerHTML.slice(0, 120));
        break;
      }
    }
  }
  return [...new Set(found)];
}"""

_NAMELESS_HEADINGS = """() => [...document.querySelectorAll('th')]
  .filter(one => !one.textContent.trim()).map(one => one.outerHTML)"""


def small_targets(page: Page, least: int = LEAST_TARGET) -> list[str]:
    """Controls that a finger would miss."""
    return _found(page, "small", _SMALL, least)


def protruding(page: Page) -> list[str]:
    """What reaches over the edge of the page, also where something cuts it off."""
    return _found(page, "over the edge", _PROTRUDING)


def torn(page: Page) -> list[str]:
    """Single words cut across two lines, and numbers whose − and + are not on one line."""
    return _found(page, "torn", _TORN)


def pale_texts(page: Page, least: float = LEAST_CONTRAST) -> list[str]:
    """Texts that differ too little from the colour behind them; those of disabled controls may."""
    return _found(page, "pale", _PALE, least)


def covered_focus(page: Page) -> list[str]:
    """Controls that a bar covers while they have the focus, on the way down and on the way up."""
    return _found(page, "covered", _COVERED)


def nameless_headings(page: Page) -> list[str]:
    """Headings of a table with no word in them."""
    return _found(page, "no word", _NAMELESS_HEADINGS)


def _found(page: Page, what: str, script: str, *told: float) -> list[str]:
    found: list[str] = page.evaluate(script, *told)
    return [f"{what}: {one}" for one in found]
