"""The notebook of the docs and the examples of docs/python.md are run."""

import json
import re
from pathlib import Path

import pytest
from binaries import succeed

HERE = Path(__file__).parent
NOTEBOOK = HERE.parents[1] / "docs" / "tutorial.ipynb"


def run(notebook: str, folder: Path, digits_folder: str) -> str:
    """Runs a notebook's text in a folder, nothing of it compiled by XLA; returns what it printed.

    Compiling takes longer than the rest of a notebook.
    """
    assert "Hparams(batch_size=60," in notebook
    text = notebook.replace("Hparams(batch_size=60,", "Hparams(xla='off', batch_size=60,")
    (folder / "short.ipynb").write_text(text)
    own = {"TFDS_DATA_DIR": digits_folder, "MPLBACKEND": "agg"}
    return succeed(str(HERE / "notebook.py"), "short.ipynb", folder=folder, **own)


@pytest.fixture(scope="module")
def ran(tmp_path_factory, digits_folder):
    """The folder in which the notebook ran, and what it printed."""
    folder = tmp_path_factory.mktemp("tutorial")
    return folder, run(NOTEBOOK.read_text(), folder, digits_folder)


def test_it_is_short():
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    assert 0 < sum(cell["cell_type"] == "code" for cell in cells) < 10
    assert not any(cell.get("outputs") for cell in cells)


def test_it_runs_without_a_word_on_stderr(ran):
    folder, printed = ran
    assert "runs          22, 0 already there" in printed
    assert re.search(r"^_repr_html_ \d{4,}$", printed, re.M)
    assert int(re.search(r"^_repr_png_ (\d+)$", printed, re.M)[1]) > 2_000
    assert {"ticket.keras", "scores.png", "runs"} <= {path.name for path in folder.iterdir()}


def test_the_ticket_predicts_as_the_row_says(ran):
    density, row, model = re.search(
        r"([\d.]+)% of the weights, test error ([\d.]+), of the model ([\d.]+)", ran[1]
    ).groups()
    assert (float(density), row) == (10.7, model)


def test_it_shows_what_the_papers_found(ran):
    found = re.findall(r"(dense|imp) +(\d+)% from step +(\d+): barrier +(-?[\d.]+)", ran[1])
    assert [(network, k) for network, _, k, _ in found] == [
        ("dense", "0"),
        ("imp", "0"),
        ("dense", "50"),
        ("imp", "50"),
    ]


def test_the_examples_of_the_page(tmp_path, digits_folder):
    text = (NOTEBOOK.parent / "python.md").read_text()
    sources = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(sources) > 8
    cells = [{"cell_type": "code", "source": [source]} for source in sources]
    printed = run(json.dumps({"cells": cells}), tmp_path, digits_folder)
    assert "experiments   1\nmeasurements  8, 0 already there\n" in printed
    assert "_repr_png_" in printed and (tmp_path / "ticket.keras").is_file()
