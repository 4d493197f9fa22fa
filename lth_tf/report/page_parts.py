"""Parts of a page as HTML: its style, texts, tables that scroll sideways, embedded pictures."""

import base64
import html
import re
from collections.abc import Iterable, Iterator

from lth_tf.analysis.estimate import Estimate
from lth_tf.figures.chart import NamedChart, Point, in_words
from lth_tf.figures.palette import BLUE, GREEN, VERMILLION
from lth_tf.report import words

_MOST_POINTS = 80  # of a picture, that the page has as a table, too
_SMALLEST = 0.57  # of its width, to which a picture shrinks before it scrolls


# Marks differ in form, not in color alone. Pictures keep their white ground at night.
_CSS = f"""
:root {{ color-scheme: light dark; --line: #ccc; --ground: #f5f5f5; --link: {BLUE};
  --whole: {GREEN}; --part: {BLUE}; --none: {VERMILLION}; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --line: #555; --ground: #2a2a2a; --link: #56b4e9; --part: #56b4e9; --none: #e69f00; }} }}
body {{ font: 16px/1.45 system-ui, sans-serif; max-width: 76rem; margin: 0 auto;
  padding: 0 .9rem 3rem; overflow-wrap: anywhere; }}
h1 {{ font-size: 1.5rem; line-height: 1.2; margin: 1.2rem 0 .3rem; }}
h2 {{ font-size: 1.2rem; margin: 2rem 0 .3rem; border-top: 1px solid var(--line);
  padding-top: .8rem; }}
h3 {{ font-size: 1rem; margin: 1.2rem 0 .2rem; }}
p {{ margin: .3rem 0 .6rem; }}
p, ul, ol, figure {{ max-width: 62rem; }}
a {{ color: var(--link); }}
.source, .note, .caption, footer {{ font-size: .88rem; opacity: .85; }}
.caption {{ font-style: italic; }}
footer {{ margin-top: 2rem; }}
figure {{ margin: .6rem 0; }}
img {{ width: 100%; height: auto; background: #fff; }}
svg {{ width: 100%; max-width: 24rem; height: auto; }}
.wide {{ overflow-x: auto; margin: .5rem 0 1rem; }}
table {{ border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }}
th, td {{ text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: normal; }}
td, th {{ white-space: nowrap; }}
tbody th {{ font-weight: 600; position: sticky; left: 0; background: Canvas; }}
.beside th span, .subject {{ display: block; font-weight: 400; font-size: .82rem;
  white-space: normal; }}
.beside tbody th {{ min-width: 9rem; white-space: normal; }}
.commands td, .paper td, .paper thead th, .index th {{ white-space: normal; }}
.paper td {{ min-width: 3.4rem; }}
.matrix table {{ width: 100%; max-width: 34rem; }}
.matrix th, .matrix td {{ padding: .1rem; text-align: center; }}
.matrix tbody th {{ text-align: left; font-weight: 400; }}
.matrix thead span {{ writing-mode: vertical-rl; transform: rotate(180deg); font-weight: 400;
  white-space: nowrap; }}
.whole {{ color: var(--whole); }} .part {{ color: var(--part); }} .none {{ color: var(--none); }}
code {{ font: .82rem ui-monospace, monospace; background: var(--ground); padding: .1rem .25rem;
  overflow-wrap: anywhere; user-select: all; }}
code span {{ display: inline-block; }}
.commands td:last-child {{ min-width: 18rem; }} .index tbody th {{ min-width: 12rem; }}
.missing {{ font-size: .88rem; border-left: 3px solid var(--none); padding-left: .6rem; }}
.inner {{ margin-left: 1.5rem; }}
summary {{ font-size: .85rem; color: var(--link); cursor: pointer; }}
@media print {{
  body {{ font-size: 10pt; max-width: none; padding: 0; }}
  h2, h3, .caption, .samples, .subject {{ break-after: avoid; }}
  figure, tr {{ break-inside: avoid; }}
  img {{ max-height: 20cm; width: auto; min-width: 0 !important; }}
  .wide {{ overflow: visible; }} tbody th {{ position: static; }}
  table {{ font-size: 7.5pt; }} th, td {{ white-space: normal; }}
  .matrix span {{ white-space: nowrap; }} .commands td:last-child {{ min-width: 0; }}
  a {{ color: inherit; text-decoration: none; }}
  details {{ display: none; }}
}}
"""


def document(title: str, body: Iterable[str]) -> str:
    """Returns a page, in a style for phones, desktops and paper, light and dark."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_CSS}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def element(tag: str, text: str, kind: str = "") -> str:
    """Returns a text as an element of a class; W_T¹ and W_k have their index below."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<{tag}{attribute}>{text_of(text)}</{tag}>"


def text_of(text: str) -> str:
    """Returns a text as HTML; W_T¹ and W_k have their index below."""
    return re.sub(r"\b([Wwu])_([A-Za-z0])\b", r"\1<sub>\2</sub>", html.escape(text))


def code(command: str) -> str:
    """Returns a command, its flags each kept together where a line ends."""
    first, *flags = html.escape(command).split(" --")
    spans = [f"<span>{part}</span>" for part in (first, *(f"--{flag}" for flag in flags))]
    return f"<code>{' '.join(spans)}</code>"


def listed(texts: Iterable[str], kind: str = "") -> str:
    """Returns texts as a list of a class."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<ul{attribute}>{''.join(element('li', text) for text in texts)}</ul>"


def anchor(name: str) -> str:
    """Returns what a link to a figure or table says: 'figure-3'."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def table(head: Iterable[str], rows: Iterable[Iterable[str]], kind: str = "") -> str:
    """Returns a table of cells that are HTML already; it scrolls sideways where it is too wide."""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    lines = []
    for first, *rest in rows:
        cells = "".join(f"<td>{cell}</td>" for cell in rest)
        lines.append(f'<tr><th scope="row">{first}</th>{cells}</tr>')
    body = "\n".join(lines)
    return (
        f'<div class="wide {kind}"><table><thead><tr>{top}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>"
    )


def picture(shown: NamedChart, png: bytes, subject: str) -> Iterator[str]:
    """Yields a picture, with a text for those who do not see it and its numbers if they are few."""
    points = shown.chart.points()
    data = base64.b64encode(png).decode()
    alt = html.escape(f"{subject} {in_words(points)}", quote=True)
    width = int.from_bytes(png[16:20], "big") // 2  # drawn at 200 dots an inch
    yield (
        f'<figure class="wide"><img src="data:image/png;base64,{data}" alt="{alt}" '
        f'style="max-width:{width}px; min-width:{round(_SMALLEST * width)}px"></figure>'
    )
    if 0 < len(points) <= _MOST_POINTS:
        yield "<details><summary>the same in numbers</summary>"
        x_name = next((point.x_name for point in points if point.x_name), "")
        y_names = " / ".join(dict.fromkeys(point.y_name for point in points))
        head = map(html.escape, ("panel, line", x_name, f"mean ± std (n), {y_names}"))
        yield table(head, map(_cells, points))
        yield "</details>"


def _cells(point: Point) -> tuple[str, str, str]:
    """Returns the line of a point, its place and its number."""
    line = html.escape(f"{point.panel}, {point.line}" if point.panel else point.line)
    place = "all" if point.x is None else f"{point.x:,.6g}"
    return line, place, words.of_ours(Estimate(point.mean, point.std, point.samples), "")
