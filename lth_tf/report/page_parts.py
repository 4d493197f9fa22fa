"""Parts of a page as HTML: texts, tables that scroll sideways, embedded pictures."""

import base64
import html
import re
from collections.abc import Iterable, Iterator

from lth_tf.analysis.estimate import Estimate
from lth_tf.figures.chart import NamedChart, Point, in_words
from lth_tf.report import words

_MOST_POINTS = 80  # of a picture, that the page has as a table, too
_SMALLEST = 0.57  # of its width, to which a picture shrinks before it scrolls


def document(title: str, style: str, body: Iterable[str]) -> str:
    """Returns a page."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
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
