"""What a browser makes of pages: what is too wide, broken or small, and how well texts can be read."""

import html
import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.chromium import installed

_DARK = {"dark": "0", "light": "1"}
_MEASURE = """
const light = ([r, g, b]) => [r, g, b].map(c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const parts = text => (text.match(/[0-9.]+/g) || []).map(Number);
const over = (top, under) => { const a = top[3] ?? 1; return [0, 1, 2].map(i => top[i] * a + under[i] * (1 - a)); };
const behind = (view, node) => {
  if (!node) return [255, 255, 255];
  const own = parts(view.getComputedStyle(node).backgroundColor);
  return (own[3] ?? 1) === 1 ? own : over(own, behind(view, node.parentElement));
};
const said = (page, within) => [...page.querySelectorAll(within)].filter(node => node.getClientRects().length);
const outside = page => said(page, '.card').flatMap(card => {
  const padding = parseFloat(page.defaultView.getComputedStyle(card).paddingRight);
  const edge = card.getBoundingClientRect().right - padding;
  return [...card.querySelectorAll('*')].filter(node => !node.closest('.scroll *, svg *'))
    .filter(node => node.getBoundingClientRect().right > edge + 1);
});
const spilled = page => said(page, 'svg text').filter(text => {
  const at = text.getBoundingClientRect(), middle = (at.top + at.bottom) / 2;
  const [box] = [...text.closest('svg').querySelectorAll('rect')].map(rect => rect.getBoundingClientRect())
    .filter(on => on.left <= at.left + 1 && at.left < on.right && on.top < middle && middle < on.bottom)
    .sort((a, b) => a.width * a.height - b.width * b.height);
  const whole = box ?? text.closest('svg').getBoundingClientRect();
  return at.right > whole.right + 1 || at.left < whole.left - 1;
});
const broken = page => said(page, 'th').flatMap(head => {
  const walk = page.createTreeWalker(head, 4), words = [];
  while (walk.nextNode()) for (const found of walk.currentNode.data.matchAll(/[A-Za-z]{2,16}/g)) {
    const range = page.createRange();
    range.setStart(walk.currentNode, found.index);
    range.setEnd(walk.currentNode, found.index + found[0].length);
    if (new Set([...range.getClientRects()].map(at => Math.round(at.top))).size > 1) words.push(found[0]);
  }
  return words;
});
const smallest = page => Math.min(99, ...said(page, 'body *')
  .filter(node => [...node.childNodes].some(c => c.nodeType === 3 && c.data.trim()))
  .map(node => [page.defaultView.getComputedStyle(node).fontSize, node.ownerSVGElement?.getScreenCTM().a ?? 1])
  .map(([size, scale]) => parseFloat(size) * scale));
window.onload = () => {
  const found = [...document.querySelectorAll('iframe')].map(frame => {
    const page = frame.contentDocument, view = frame.contentWindow;
    for (const each of page.querySelectorAll('details')) each.open = true;
    let worst = [99, ''];
    for (const node of page.querySelectorAll('body *')) {
      const texts = [...node.childNodes].filter(c => c.nodeType === 3 && c.textContent.trim());
      if (!texts.length || !node.getClientRects().length) continue;
      const style = view.getComputedStyle(node), ground = behind(view, node.closest('svg') || node);
      const ink = over(parts(node.closest('svg') ? style.fill : style.color), ground);
      const [high, low] = [light(ink), light(ground)].sort((a, b) => b - a), ratio = (high + 0.05) / (low + 0.05);
      if (ratio < worst[0]) worst = [ratio, `${node.tagName} ${texts[0].textContent.trim()}`];
    }
    const whole = page.documentElement;
    return {
      overflow: whole.scrollWidth - whole.clientWidth, contrast: worst[0], where: worst[1], smallest: smallest(page),
      outside: [...outside(page), ...spilled(page)].map(node => `${node.tagName} ${node.textContent.slice(0, 40)}`),
      broken: broken(page),
    };
  });
  document.body.innerHTML = '<pre>' + JSON.stringify(found).replace(/&/g, '&amp;').replace(/</g, '&lt;') + '</pre>';
};
"""


@dataclass(frozen=True)
class Measured:
    """A page: how much wider its content is, its lowest contrast (WCAG), and the text that has it.

    `outside` is what sticks out of its card, or as a text out of its box in a drawing, `broken` the words of headers of
    rows and columns that are on two lines, and `smallest` the size of the smallest text in pixels, as scaled with its
    drawing.
    """

    overflow: int
    contrast: float
    where: str
    outside: list[str]
    broken: list[str]
    smallest: float


def measure(pages: Mapping[str, str], scheme: str, width: int, folder: Path) -> dict[str, Measured]:
    """Show pages, by name, to Chromium in a color scheme, so wide, everything unfolded, and measure them."""
    frame = '<iframe width="{}" height="900" style="border: 0" srcdoc="{}"></iframe>'
    frames = "".join(frame.format(width, html.escape(page)) for page in pages.values())
    sheet = folder / f"{scheme}.html"
    sheet.write_text(f'<!doctype html><meta charset="utf-8">{frames}<script>{_MEASURE}</script>', encoding="utf-8")
    command = [
        installed(),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder / 'profile'}",
        f"--blink-settings=preferredColorScheme={_DARK[scheme]}",
        "--window-size=1400,900",
        "--dump-dom",
        sheet.as_uri(),
    ]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout
    written = re.search(r"<pre>(\[.*\])</pre>", shown, re.DOTALL)
    assert written, shown[:2000]
    found = [Measured(**each) for each in json.loads(html.unescape(written[1]))]
    return dict(zip(pages, found, strict=True))
