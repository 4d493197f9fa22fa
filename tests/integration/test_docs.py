"""The examples of README.md and docs/ are run as they are printed, only shortened by bindings."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import binaries
import in_this_process
import pytest

from lth_tf import config, data
from lth_tf.experiments.planning import plan as plan_of
from lth_tf.log import log
from lth_tf.store.layout import Layout

ROOT = Path(__file__).resolve().parents[2]
HOWTO_NOISE = "docs/howto_noise.md"
SHORT = (
    "Task.dataset='digits'",
    "Lenet.image_shape=(8, 8, 1)",
    "Lenet.widths=(8,)",
    "MaskSearch.levels=2",
    "INITIALIZATIONS=(0, 1)",
    "STEPS=20",
    "Hparams.xla='off'",
)


def blocks(document: str) -> dict[str, str]:
    """Code blocks whose first line is a comment with a file's name, by that name."""
    text = (ROOT / document).read_text()
    found = re.findall(r"```(?:python)?\n# (\S+\.(?:py|gin))\n(.*?)```", text, re.DOTALL)
    return dict(found)


def run(folder: Path, command: list[str], bindings: tuple[str, ...]) -> str:
    """Runs a command, or a program of the folder, in a folder; returns what it prints."""
    done = binaries.run(*command, *binaries.bind(*bindings), "--workdir=out", folder=folder)
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
    command = ["run", "--gin_file=apart.gin", "--experiment=TicketsApart"]
    printed = run(tmp_path, command, SHORT)
    assert re.search(r"imp +0 +64% +1 +-?\d", printed), printed
    # The module that the file imports may be the program, too.
    with (tmp_path / "my_experiment.py").open("a") as module:
        module.write(PROGRAM)
    command = ["my_experiment.py", "--gin_file=apart.gin", "--dry_run"]
    assert "1, 1 already there" in run(tmp_path, command, SHORT)


PROGRAM = """
if __name__ == "__main__":
    import lth_tf.cli.app
    lth_tf.cli.app.define_experiment_flags()
    lth_tf.cli.app.run(lambda argv: lth_tf.cli.app.run_experiment(TicketsApart))
"""


# What stands in for lth-sweep: it writes down the flags that it is given.
WRITTEN = """#!/bin/bash
printf '%s\\0' "$@" > '{flags}'
"""


# Shards are run by test_sweep.py; here it is planned what those of the page would do.
@pytest.fixture(params=["planned", pytest.param("run", marks=pytest.mark.faults)])
def shell(tmp_path: Path, digits_folder: str, request: Any) -> Callable[..., str]:
    """Runs a script as it is printed, and lth-sweep, shortened, with the flags it gets there."""
    more = ["--dry_run"] if request.param == "planned" else []
    own = (*SHORT, "REWIND_STEPS=(0,)", "Instability.levels=(2,)", "Instability.copies=(1, 2)")
    program, flags = tmp_path / "bin" / "lth-sweep", tmp_path / "flags"
    program.parent.mkdir()
    program.write_text(WRITTEN.format(flags=flags))
    program.chmod(0o755)

    def run_script(script: str, **variables: str) -> str:
        environment = os.environ | {"PATH": f"{program.parent}:{os.environ['PATH']}"} | variables
        subprocess.run(["bash", "-ec", script], cwd=tmp_path, env=environment, check=True)
        given = flags.read_text().split("\0")[:-1]
        flags.unlink()
        data = f"--data_dir={digits_folder}"
        line = ("sweep", *given, *binaries.bind(*own), data, *more)
        return binaries.succeed(*line, folder=tmp_path)

    run_script.trains = not more  # type: ignore[attr-defined]
    return run_script


def test_the_commands_of_the_sweeps_page(shell: Callable[..., str]) -> None:
    text = (ROOT / "docs/sweeps.md").read_text()
    printed = re.findall(r"```(?:bash|yaml)?\n(.*?)```", text, re.DOTALL)
    (plan,) = [block for block in printed if "--dry_run" in block]
    assert "experiments   18" in shell(plan)
    (slurm,) = [block for block in printed if "#SBATCH" in block]
    (pod,) = [block for block in printed if "completionMode: Indexed" in block]
    (command,) = re.findall(r"args:\n +- >-\n((?: {14}.*\n)+)", pod)
    command = " ".join(command.split())
    # The second shard of the array, and the first one in a pod, with what it takes from the array.
    array = {"SLURM_ARRAY_TASK_COUNT": "2", "SLURM_ARRAY_TASK_ID": "1"}
    assert "experiments   3, shard 1 of 2" in shell(slurm, **array)
    assert "experiments   3, shard 0 of 2" in shell(command, JOB_COMPLETION_INDEX="0")
    for shard in ("0", "1") if shell.trains else ():  # type: ignore[attr-defined]
        there = shell(slurm, **array | {"SLURM_ARRAY_TASK_ID": shard})
        assert re.search(r"steps +[\d,]+, 0 left to train", there)


def test_the_network_of_the_readme(tmp_path: Path) -> None:
    files = blocks("README.md")
    assert set(files) == {"my_networks.py", "mine.gin"}
    files["my_networks.py"] = files["my_networks.py"].replace("(28, 28, 1)", "(8, 8, 1)")
    write(tmp_path, files)
    command = ["instability", "--gin_file=mine.gin"]
    own = ("Task.dataset='digits'", "MaskSearch.levels=2", "Instability.levels=(2,)", "STEPS=20")
    few = ("INITIALIZATIONS=(0,)", "REWIND_STEPS=(0,)", "Instability.copies=(1, 2)")
    printed = run(tmp_path, command, (*own, *few))
    assert "small_convnet on digits, after 20 steps" in printed


def test_the_study_of_the_howto(tmp_path: Path) -> None:
    files = blocks("docs/howto_lmc.md")
    assert set(files) == {"my_network.py", "my_study.gin"}
    assert sum(len(text.splitlines()) for text in files.values()) < 30
    files["my_network.py"] = files["my_network.py"].replace("(32, 32, 3)", "(8, 8, 1)")
    write(tmp_path, files)
    command = ["instability", "--gin_file=my_study.gin"]
    own = ("Task.dataset='digits'", "Task.train_split='train'", "STEPS=20", "MaskSearch.levels=2")
    few = ("Instability.levels=(2,)", "INITIALIZATIONS=(0,)", "REWIND_STEPS=(5,)")
    printed = run(tmp_path, command, (*own, *few))
    assert "my_network on digits, after 20 steps" in printed


def test_the_study_of_the_noise_howto(tmp_path: Path) -> None:
    """Its plan, which it says; a search of its own in every point but the tickets' setting."""
    write(tmp_path, blocks(HOWTO_NOISE))
    (told,) = re.findall(r"counts ([\d,]+ runs, [\d,]+ steps)", (ROOT / HOWTO_NOISE).read_text())
    found = [made for made, _ in config.load_sweep([str(tmp_path / "noise.gin")], [], [])]
    plan = plan_of(found, Layout(tmp_path / "none"))
    assert f"{plan.runs:,} runs, {plan.steps:,} steps" == told
    axes = {(r.axes.get("searched_with"), r.axes.get("search_share"))
            for made in found for r in made.requests() if r.labels["level"]}  # fmt: skip
    settings = {f"momentum {m}, batch {b}" for m in ("0", "0.9") for b in (60, 240)}
    assert {s for s, _ in axes} - {None} == settings and {a for _, a in axes} >= {0.2, 1.0}


def test_the_study_of_the_landscape_howto(tmp_path: Path) -> None:
    files = blocks("docs/howto_landscape.md") | blocks("docs/howto_lmc.md")
    assert "my_landscape.gin" in files
    files["my_network.py"] = files["my_network.py"].replace("(32, 32, 3)", "(8, 8, 1)")
    write(tmp_path, files)
    command = ["sweep", "--gin_file=my_landscape.gin", "--workers=1"]
    own = ("Task.dataset='digits'", "STEPS=20", "MaskSearch.levels=1", "AdaptiveImp.epoch=5")
    few = ("AdaptiveImp.to_density=0.85", "INITIALIZATIONS=(0, 1)", "REWIND_STEPS=(0,)")
    printed = run(tmp_path, command, (*own, *few))
    assert "barrier to the next level %" in printed and "adaptive_imp" in printed


def test_the_score_of_the_stability_howto(tmp_path: Path) -> None:
    files = blocks("docs/howto_stability.md")
    assert set(files) == {"my_score.py", "my_stability.gin"}
    assert sum(len(text.splitlines()) for text in files.values()) < 30
    files |= blocks("docs/howto_lmc.md")
    files["my_network.py"] = files["my_network.py"].replace("(32, 32, 3)", "(8, 8, 1)")
    write(tmp_path, files)
    own = ("Task.dataset='digits'", "Task.train_split='train'", "STEPS=20", "MaskSearch.levels=1")
    few = ("Instability.levels=(1,)", "INITIALIZATIONS=(0,)", "REWIND_STEPS=(0,)")
    run(tmp_path, ["sweep", "--gin_file=my_stability.gin", "--workers=1"], (*own, *few))
    rows, _ = log.read(tmp_path / "out")
    found = {(row["network"], row["stability_to"]) for row in rows if row["kind"] == "stability"}
    assert {network for network, _ in found} == {
        "dense", "imp", "movement", "snip", "random_pruning"
    }  # fmt: skip
    assert ("movement", "pruning") in found and ("movement", "data_order") in found


def test_the_perturbation_of_the_howto(tmp_path: Path, digits_folder: str) -> None:
    files = blocks("docs/howto_perturb.md")
    assert set(files) == {"my_perturbation.py", "my_study.gin"}
    assert sum(len(text.splitlines()) for text in files.values()) < 30
    write(tmp_path, files)
    few = ("INITIALIZATIONS=(0,)", "STEPS=20", "Lenet.widths=(8,)", "Hparams.threads=2")
    few += ("Hparams.xla='off'", "Perturbed.rewind_steps=(5,)")
    flags = ("--gin_file=my_study.gin", "--workdir=work", f"--data_dir={digits_folder}")
    done = in_this_process.run("run", *flags, *binaries.bind(*few), folder=tmp_path)
    assert done.returncode == 0, done.stderr
    rows, _ = log.read(tmp_path / "work")
    moved = {row["network"]: row for row in rows if row["kind"] == "difference"}
    assert len(moved) == 6 and moved["one_magnitude"]["differing_signs"] == 0
    assert moved["one_magnitude"]["effective_deviation"] > 0
    ends = {row["network"] for row in rows if row["kind"] == "evaluation"}
    assert ends == {*moved, "imp"}


def test_the_scores_of_the_data_page(tmp_path: Path, digits_folder: str) -> None:
    write(tmp_path, blocks("docs/data.md"))
    scores = tmp_path / "distances.npy"
    program = (str(tmp_path / "scores.py"), "digits", scores)
    done = binaries.run(*program, folder=tmp_path, TFDS_DATA_DIR=digits_folder)
    assert done.returncode == 0, done.stderr
    task = data.Task("digits", subset=data.ScoredSubset(str(scores), "lowest", 0.1))
    assert len(data.load(task, digits_folder).train_labels) == 140
