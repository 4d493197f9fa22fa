"""The parts of a page: texts, tables that scroll sideways, pictures that are within it."""

import base64
import html
import re
from collections.abc import Iterable, Iterator

from lth_tf.analysis.table import Spread
from lth_tf.figures.chart import Point
from lth_tf.report import words as wording
from lth_tf.report.report import Picture

_MOST_POINTS = 80  # of a picture, that the page has as a table, too
_SMALLEST = 0.57  # of its width, to which a picture shrinks before it scrolls


def element(tag: str, text: str, kind: str = "") -> str:
    """A text as an element of a class."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<{tag}{attribute}>{html.escape(text)}</{tag}>"


def code(command: str) -> str:
    """A command, its flags each kept together where a line ends."""
    first, *flags = html.escape(command).split(" --")
    spans = [f"<span>{part}</span>" for part in (first, *(f"--{flag}" for flag in flags))]
    return f"<code>{' '.join(spans)}</code>"


def anchor(name: str) -> str:
    """What a link to a figure or table says: 'figure-3'."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def table(head: Iterable[str], rows: Iterable[Iterable[str]], kind: str = "") -> str:
    """A table of cells that are HTML already; it scrolls sideways where it is too wide."""
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


def picture(shown: Picture) -> Iterator[str]:
    """A picture, in words for those who do not see it, and its numbers where they are few."""
    data = base64.b64encode(shown.png).decode()
    alt = html.escape(shown.alt, quote=True)
    width = int.from_bytes(shown.png[16:20], "big") // 2  # drawn at 200 dots an inch
    yield (
        f'<figure class="wide"><img src="data:image/png;base64,{data}" alt="{alt}" '
        f'style="max-width:{width}px; min-width:{round(_SMALLEST * width)}px"></figure>'
    )
    if 0 < len(shown.points) <= _MOST_POINTS:
        yield "<details><summary>the same in numbers</summary>"
        x_name = next((point.x_name for point in shown.points if point.x_name), "")
        head = map(html.escape, ("panel, line", x_name, f"mean ± std (n), {_y_names(shown)}"))
        yield table(head, ([_line(p), _place(p), _spread(p)] for p in shown.points))
        yield "</details>"


def _y_names(picture: Picture) -> str:
    return " / ".join(dict.fromkeys(point.y_name for point in picture.points))


def _line(point: Point) -> str:
    return html.escape(f"{point.panel}, {point.line}" if point.panel else point.line)


def _place(point: Point) -> str:
    return "all" if point.x is None else f"{point.x:,.6g}"


def _spread(point: Point) -> str:
    return wording.of_ours(Spread(point.mean, point.std, point.samples), "")
