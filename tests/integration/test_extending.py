"""docs/extending.md to the letter: a user's own kinds are as good as the package's."""

import csv
import io
import re
import signal
import time
from collections import Counter

import binaries
import pytest

from lth_tf.figures.standard import named_charts
from lth_tf.log import log

PAGE = binaries.REPOSITORY / "docs" / "extending.md"
SHORT = (
    "Task.dataset='digits'",
    "Lenet.image_shape=(8, 8, 1)",
    "Lenet.widths=(8,)",
    "Robustness.initializations=(0, 1)",
    "Robustness.steps=30",
    "MaskSearch.levels=2",
    "Hparams.threads=1",
    "Hparams.xla='off'",
)
# Two networks, two initializations, three scales; an evaluation and a confidence of each.
ROWS = 2 * 2 * 3 * 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A user's folder with the two files of the page."""
    made = tmp_path_factory.mktemp("own")
    blocks = re.findall(
        r"```(?:python)?\n# (\S+\.(?:py|gin))\n(.*?)```", PAGE.read_text(), re.DOTALL
    )
    assert [name for name, _ in blocks] == ["robustness.py", "robustness.gin"]
    for name, text in blocks:
        (made / name).write_text(text)
    return made


@pytest.fixture(scope="module")
def flags(folder, digits_folder):
    bindings = [f"--gin_bindings={binding}" for binding in SHORT]
    return [f"--gin_file={folder / 'robustness.gin'}", *bindings, f"--data_dir={digits_folder}"]


def rows(work):
    found, report = log.read(work)
    assert report.skipped == []
    return found


def numbers(work):
    """What every row says, whenever and however it was made."""
    names = ("key", "network", "axes", "test_error", "test_confident", "density", "settings")
    return sorted(repr([row.get(name) for name in names]) for row in rows(work))


@pytest.fixture(scope="module")
def whole(flags, tmp_path_factory):
    """The study as lth-run makes it, after a dry run that makes nothing."""
    work = tmp_path_factory.mktemp("whole") / "work"
    planned = binaries.succeed("run", *flags, f"--workdir={work}", "--dry_run")
    assert re.search(rf"measurements +{ROWS}, 0 already there", planned)
    assert re.search(r"runs +16, 0 already there", planned)
    assert not work.exists()
    binaries.succeed("run", *flags, f"--workdir={work}")
    return work


def test_rows_hold_the_axis_and_the_fields_of_their_kind(whole):
    found = rows(whole)
    assert len(found) == ROWS
    assert {row["axes"]["sigma"] for row in found} == {0.0, 0.5, 1.0}
    for row in found:
        assert 0 <= row["test_confident" if row["kind"] == "confidence" else "test_error"] <= 1
        assert row["settings"]["MaskSearch.score"] == "Movement"
    density = {row["network"]: row["layer_density"] for row in found if not row["initialization"]}
    assert density["leading"] == density["imp"]


def test_nothing_is_left_to_do(whole, flags):
    planned = binaries.succeed("run", *flags, f"--workdir={whole}", "--dry_run")
    assert f"measurements  {ROWS}, {ROWS} already there" in planned


def test_killed_it_goes_on_to_the_same_numbers(whole, flags, tmp_path):
    work = tmp_path / "work"
    for _ in range(2):
        process = binaries.start("run", *flags, f"--workdir={work}")
        before = len([*work.rglob("at-*.state")])
        while process.poll() is None and len([*work.rglob("at-*.state")]) < before + 3:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait(binaries.SECONDS)
    binaries.succeed("run", *flags, f"--workdir={work}")
    assert numbers(work) == numbers(whole)


# Two workers: those of the package's own kinds are in test_sweep.py and test_onset.py.
@pytest.mark.parametrize(
    "more",
    [
        pytest.param(["--workers=2"], marks=pytest.mark.faults, id="workers"),
        pytest.param(["--num_shards=2", "--workers=1"], id="shards"),
    ],
)
def test_a_sweep_gives_the_same_numbers(whole, flags, tmp_path, more):
    work = tmp_path / "work"
    shards = (1, 0) if "shards" in more[0] else (0,)
    for index in shards:
        where = [f"--workdir={work}", f"--shard_index={index}"]
        binaries.succeed("sweep", *flags, *where, *more)
    assert numbers(work) == numbers(whole)


def test_the_store_knows_its_kinds(whole):
    store = f"--store={whole / 'store'}"
    listed = binaries.succeed("store", store, "list")
    assert "Jitter" in listed and "leading mask" in listed
    key = next(row["key"] for row in rows(whole) if row["kind"] == "confidence")
    assert "Confidence(weights=" in binaries.succeed("store", store, "explain", key[:12])
    assert " 0 of them are damaged" in binaries.succeed("store", store, "verify")
    assert "0 files, " in binaries.succeed("store", store, "gc")


def test_the_log_is_read_where_the_module_is_not(whole):
    where = ["--where", "network=leading", "--where", "sigma>=0.5", "--format=csv"]
    text = binaries.succeed("results", f"--workdir={whole}", *where)
    found = list(csv.DictReader(io.StringIO(text)))
    assert len(found) == ROWS // 2 * 2 // 3
    assert {row["sigma"] for row in found} == {"0.5", "1.0"}
    assert {row["network"] for row in found} == {"leading"}
    assert any(row["test_confident"] for row in found)


def test_rows_of_one_scale_are_never_averaged_with_those_of_another(whole):
    text = binaries.succeed("results", f"--workdir={whole}", "--format=summary")
    lines = [line for line in text.splitlines() if re.match(r"(imp|leading|IMP|Leading)", line)]
    assert len(lines) == 2 * 3, text  # of each network and scale, over two initializations


def test_figures_and_tensorboard_show_it(whole):
    assert [*(whole / "figures").glob("test_error_against_sigma*.png")]
    assert [*(whole / "tensorboard").rglob("events*")]


@pytest.mark.parametrize(
    "figure, points_of_a_line, lines",
    [("accuracy_against_density", 1, 2 * 3), ("test_error_against_sigma", 3, 2)],
)
def test_figures_keep_its_networks_and_scales_apart(whole, figure, points_of_a_line, lines):
    (chart,) = [each.chart for each in named_charts(rows(whole)) if each.name.startswith(figure)]
    points = chart.points()
    assert {point.samples for point in points} == {2}  # of each, over two initializations
    assert [*Counter(point.line for point in points).values()] == [points_of_a_line] * lines


def test_a_sweep_over_ray(whole, folder, flags, tmp_path):
    pytest.importorskip("ray")
    work = tmp_path / "work"
    where = [f"--workdir={work}", "--engine=ray", "--workers=1"]
    binaries.succeed("sweep", *flags, *where, PYTHONPATH=str(folder))
    assert numbers(work) == numbers(whole)
