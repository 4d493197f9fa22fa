"""The benchmarks as they are run, shrunk: what they report fits together, however fast."""

import json
from pathlib import Path

import archives
import binaries
import pytest

ROOT = Path(__file__).parents[2]
# Of LeNet on digits: 64 -> 300 -> 100 -> 10.
FORWARD = 2 * (64 * 300 + 300 * 100 + 100 * 10)
STEP = 3 * FORWARD - 2 * 64 * 300
COMMON = {
    "model",
    "dataset",
    "precision",
    "xla",
    "threads",
    "device",
    "examples_per_second",
    "gflops",
}
COMMON |= {"matmul_gflops", "share_of_matmul", "traces"}


def run(binary, folder, *flags):
    on_digits = ("--dataset=digits", f"--data_dir={folder}", "--calls=1")
    return start(binary, *on_digits, *flags)


def start(binary, *flags):
    return binaries.run(str(ROOT / "benchmarks" / binary), "--format=json", *flags)


def report(*arguments, start=run):
    done = start(*arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def on(folder):
    """The flags that say which images."""
    return ("--dataset=digits", f"--data_dir={folder}")


def test_train_step(digits_folder):
    got = report("train_step.py", digits_folder, "--sparse", "--batch_size=30", "--threads=1")
    own = {"batch_size", "sparse", "ms_per_step", "gflop_per_step", "peak_mb"}
    assert set(got) == COMMON | own | {"fit_ms_per_step", "ratio_to_fit"}
    assert (got["model"], got["dataset"], got["threads"]) == ("lenet", "digits", 1)
    assert (got["batch_size"], got["sparse"], got["traces"]) == (30, True, 1)
    assert got["examples_per_second"] == pytest.approx(30 / got["ms_per_step"] * 1e3)
    assert got["gflops"] == pytest.approx(got["examples_per_second"] * STEP / 1e9)
    assert got["gflop_per_step"] == pytest.approx(30 * STEP / 1e9)
    assert got["share_of_matmul"] == pytest.approx(got["gflops"] / got["matmul_gflops"])
    assert got["ratio_to_fit"] == pytest.approx(got["fit_ms_per_step"] / got["ms_per_step"])


# It starts train_step.py twice.
@pytest.mark.faults
def test_networks():
    flags = ("--networks=lenet", "--calls=1")
    done = binaries.run(str(ROOT / "benchmarks" / "networks.py"), *flags)
    assert done.returncode == 0, done.stderr
    *head, row = done.stdout.splitlines()
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert len(head) == 2 and {line.count("|") for line in head} == {row.count("|")}
    # 60 images a step of 1,126,800 operations each.
    assert cells[:3] == ["LeNet 300-100", "60 × 28×28×1", "0.0676"]
    assert all(float(cell.removesuffix(" %")) > 0 for cell in cells[3:])


@pytest.mark.faults
def test_interpolation(digits_folder):
    got = report("interpolation.py", digits_folder, "--alphas=5")
    own = {"alphas", "images", "seconds", "peak_mb", "peak_growth_mb"}
    assert set(got) == COMMON | own
    assert (got["alphas"], got["images"]) == (5, 1797)
    # Two splits, lines of three and of five networks; the second pair adds none.
    assert got["traces"] == 4
    assert got["examples_per_second"] == pytest.approx(5 * 1797 / got["seconds"])
    assert got["gflops"] == pytest.approx(got["examples_per_second"] * FORWARD / 1e9)
    assert got["share_of_matmul"] == pytest.approx(got["gflops"] / got["matmul_gflops"])
    assert 0 <= got["peak_growth_mb"] < got["peak_mb"]


def test_a_batch_larger_than_the_dataset_is_one_line(digits_folder):
    done = run("train_step.py", digits_folder, "--batch_size=2000")
    assert (done.returncode, done.stdout) == (2, "")
    assert "batch_size is 2000" in done.stderr.splitlines()[-1]


def test_plan():
    got = report("plan.py", "--runs=200", start=start)
    # Two initializations: of each k, 16 networks of the search and 4 of 3 copies with 3 lines.
    assert (got["runs"], got["measurements"]) == (2 * 112, 2 * 4 * (16 + 4 * 6))
    assert got["jobs"] == got["runs"] + 2 * 4 * 4 * 3
    assert got["recipes"] > got["runs"] and got["steps"] < got["steps_unshared"]
    assert 0 < got["seconds_describing"] < got["seconds"] and got["peak_mb"] > 0


# It starts three workers, each of which loads TensorFlow.
@pytest.mark.faults
def test_sweep_workers(digits_folder):
    flags = ("--seconds=1", "--rounds=1", *on(digits_folder))
    got = report("sweep_workers.py", *flags, start=start)
    assert got["ratio"] == got["steps_per_second_two"] / got["steps_per_second_one"]
    assert got["dataset"] == "digits"


@pytest.mark.faults
def test_profile_step(digits_folder):
    got = report("profile_step.py", "--model=resnet20", *on(digits_folder), start=start)
    assert got["model"] == "resnet20" and got["ms_per_step"] > 0
    times = got["ms_by_operation"]
    assert list(times.values()) == sorted(times.values(), reverse=True)
    assert any("Conv2D" in kind for kind in times) and any("BatchNorm" in kind for kind in times)


# It runs 24 experiments.
@pytest.mark.faults
def test_growth(digits_folder):
    got = report("growth.py", "--steps=3", *on(digits_folder), start=start)
    stored = {(row["what"], str(row["size"])): row["store_mb"] for row in got["rows"]}
    assert len(stored) == 12
    # What is kept grows with levels, replicates and widths, and not with alphas.
    for what, sizes in {"levels": ("4", "16"), "replicates": ("1", "4")}.items():
        assert 3 < stored[what, sizes[1]] / stored[what, sizes[0]] < 4.1
    assert stored["alphas", "90"] == pytest.approx(stored["alphas", "10"], rel=0.01)


def test_decode(tmp_path):
    archives.prepare("imagenet2012", tmp_path, images=12)
    got = report("decode.py", f"--data_dir={tmp_path}", "--image_size=32", start=start)
    assert (got["dataset"], got["image_size"], got["images"]) == ("imagenet2012", 32, 12)
    assert got["threads"] >= 1
    assert got["random_parts_per_second"] > 0 and got["central_squares_per_second"] > 0
