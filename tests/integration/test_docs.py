"""The examples of README.md and docs/ are run as they are printed, only shortened by bindings."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHORT = (
    "Task.dataset='digits'",
    "Lenet.image_shape=(8, 8, 1)",
    "Lenet.widths=(8,)",
    "MaskSearch.levels=2",
    "INITIALIZATIONS=(0, 1)",
    "STEPS=20",
)


def blocks(document: str) -> dict[str, str]:
    """Code blocks whose first line is a comment with a file's name, by that name."""
    text = (ROOT / document).read_text()
    found = re.findall(r"```(?:python)?\n# (\S+\.(?:py|gin))\n(.*?)```", text, re.DOTALL)
    return dict(found)


def run(folder: Path, command: list[str], bindings: tuple[str, ...]) -> str:
    """Runs a command in a folder whose modules it may import; returns what it prints."""
    flags = [f"--gin_bindings={binding}" for binding in bindings]
    done = subprocess.run(
        [*command, *flags, "--workdir=out"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def write(folder: Path, files: dict[str, str]) -> None:
    """Writes the files of a document's examples."""
    for name, text in files.items():
        (folder / name).write_text(text)


def test_the_experiment_of_the_recipes_page(tmp_path: Path) -> None:
    files = blocks("docs/recipes.md")
    assert set(files) == {"my_experiment.py", "apart.gin"}
    write(tmp_path, files)
    command = [sys.executable, "my_experiment.py", "--gin_file=apart.gin"]
    printed = run(tmp_path, command, SHORT)
    assert re.search(r"imp +0 +64% +0 +- +1 +-?\d", printed), printed


def test_the_network_of_the_readme(tmp_path: Path) -> None:
    files = blocks("README.md")
    assert set(files) == {"my_networks.py", "mine.gin"}
    files["my_networks.py"] = files["my_networks.py"].replace("(28, 28, 1)", "(8, 8, 1)")
    write(tmp_path, files)
    command = [sys.executable, str(ROOT / "scripts/instability.py"), "--gin_file=mine.gin"]
    own = ("Task.dataset='digits'", "MaskSearch.levels=2", "Instability.levels=(2,)", "STEPS=20")
    few = ("INITIALIZATIONS=(0,)", "REWIND_STEPS=(0,)", "Instability.copies=(1, 2)")
    printed = run(tmp_path, command, (*own, *few))
    assert "small_convnet on digits, after 20 steps" in printed
