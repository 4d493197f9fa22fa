"""The counts in docs/models.md and in gin/models/ are those of the networks."""

import ast
import re
from pathlib import Path

import pytest

from lth_tf import models
from lth_tf.models.network import network, parameter_counts

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = ("trainable", "total", "prunable")


def rows():
    """Of every network of the page's table: its recipe, its gin file or '', its counts."""
    for line in (ROOT / "docs/models.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if len(cells) == 7 and cells[1].startswith("`"):
            numbers = [int(cell.replace(",", "")) for cell in cells[4:]]
            yield recipe(cells[1].strip("`")), cells[2], dict(zip(COLUMNS, numbers, strict=True))


def recipe(text):
    """The recipe that 'Name(field=value, ...)' is."""
    call = ast.parse(text, mode="eval").body
    fields = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    return getattr(models, call.func.id)(**fields)


def bound(path):
    """The recipe that a gin file's MODEL is."""
    text = path.read_text()
    kind = re.search(r"(?m)^MODEL = @(\w+)\(\)$", text)[1]
    bindings = re.findall(rf"(?m)^{kind}\.(\w+) = ([^#\n]+)", text)
    return getattr(models, kind)(**{name: ast.literal_eval(v.strip()) for name, v in bindings})


ROWS = list(rows())


@pytest.mark.parametrize("recipe, file, counts", ROWS, ids=[row[0].title for row in ROWS])
def test_the_page_counts_as_the_network_does(recipe, file, counts):
    assert parameter_counts(network(recipe)) == counts
    if file:
        path = ROOT / "gin/models" / file
        assert bound(path) == recipe
        assert f"{counts['trainable']:,}" in path.read_text()


def test_every_gin_file_is_on_the_page():
    assert {path.name for path in (ROOT / "gin/models").glob("*.gin")} == {
        row[1] for row in ROWS if row[1]
    }
