"""What lth-describe prints: every number against a calculation of its own."""

import re
from pathlib import Path

import numpy as np
import pytest

from lth_tf import description, pruning
from lth_tf.description import text
from lth_tf.description.experiment import densities
from lth_tf.description.setting import _batch_norm
from lth_tf.errors import UserError
from lth_tf.experiments import MaskSearch

NO_STORE = Path("no", "such", "store")


def describe(*bindings, files=("demo/imp.gin",), over=(), data_dir=None):
    return description.describe(files, bindings, over, data_dir, NO_STORE, False)


def rows(section):
    """Of a section: the first line of every value by its label."""
    found = ((line[2:18].strip(), line[18:]) for line in section.splitlines()[1:])
    return {label: value for label, value in found if label}


def sections(printed):
    """Of what is printed: every section by its title."""
    return {part.splitlines()[0]: part for part in printed.split("\n\n")}


@pytest.fixture(scope="module")
def demo(digits_folder):
    return sections(describe(data_dir=digits_folder))


def test_the_setting_of_the_demo(demo):
    found = rows(demo["Setting"])
    # 64 x 300 + 300 x 100 + 100 x 10 weights, and 410 biases.
    assert found["parameters"] == "50,610 trainable, 50,610 total, 50,200 prunable"
    assert found["images"].startswith("1,437 to train on, 360 to test on")
    # 1,437 // 60 = 23 steps an epoch.
    assert found["steps"].startswith("600, 26.09 epochs of 23 steps")
    assert (found["batch size"], found["weight decay"]) == ("60", "none")
    assert found["learning rate"] == "0.0012 throughout"


@pytest.mark.parametrize(
    "momenta, steps, rest",
    [
        (set(), 400, None),
        ({0.9}, 400, ""),
        ({0.9, 0.99}, 3000, ""),
        ({0.99}, 400, "after a tenth of the 400 steps, 67 % of the moving statistics are old"),
        ({0.9}, 100, "after a tenth of the 100 steps, 35 % of the moving statistics are old"),
    ],
)
def test_batch_norm_that_lags_behind_is_said(momenta, steps, rest):
    found = dict(_batch_norm(momenta, steps))
    if rest is None:
        assert found == {}
    else:
        first, _, warning = found["batch norm"].partition("\n")
        assert first == f"momentum {', '.join(map(str, sorted(momenta)))}"
        assert rest in warning and bool(rest) == ("warning" in warning)


def test_an_experiment_and_its_cost_as_in_the_plan(demo):
    found = rows(demo["Imp"])
    assert found["initializations"] == "0, 1 (replicates: 2)"
    assert found["rewind steps"] == "0, 50"
    assert found["runs"] == "44, 0 already there"
    assert found["steps"] == "25,300, 25,300 left to train"
    assert "--measure" in rows(demo["Speed"])["a step"]


def test_no_line_is_wider_than_a_terminal(digits_folder):
    printed = describe("Hparams.threads = 2", files=["demo/sweep.gin"], data_dir=digits_folder)
    assert max(map(len, printed.splitlines())) <= 80


@pytest.mark.parametrize("scope", ["global", "layerwise"])
@pytest.mark.parametrize("exclude", [(), ("c",)])
def test_densities_are_those_of_pruning(scope, exclude):
    sizes = {"a": 101, "b": 37, "c": 12}
    search = MaskSearch(6, 0.3, scope=scope, exclude=exclude)
    mask = pruning.ones({name: (size,) for name, size in sizes.items()})
    draw = np.random.default_rng(0)
    scores = {name: draw.random(size) for name, size in sizes.items()}
    for level, left, share in densities(sizes, search):
        assert left == sum(int(array.sum()) for array in mask.values())
        assert share == pytest.approx(pruning.density(mask))
        if level < search.levels:
            mask = pruning.prune(mask, scores, 0.3, scope, exclude)
    assert level == 6


def test_fractions_that_are_decided_on_the_way_are_the_least(tmp_path):
    files = ["papers/unmasking/lenet.gin", "papers/unmasking/figures/adaptive.gin"]
    found = sections(describe(files=files, data_dir=str(tmp_path)))
    for kind, fraction, density in (("Imp", "0.2", "level"), ("AdaptiveImp", "at least 0.2", "at")):
        assert f"each prunes {fraction} by Magnitude()" in " ".join(found[kind].split())
        assert rows(found[kind])["density"].startswith(density)


def test_of_further_points_of_a_sweep_only_the_differences_are_said(digits_folder):
    over = ["Hparams.batch_size = [60, 50]", "INITIALIZATIONS = [(0,), (1,)]"]
    found = sections(describe(over=over, data_dir=digits_folder))
    other = found["Setting 2 of 2, where it differs"]
    # 1,437 // 50 = 28 steps an epoch.
    assert set(rows(other)) == {"batch size", "steps"} and "epochs of 28 steps" in other
    assert rows(found["Imp 2 of 4, where it differs"]) == {"initializations": "1 (replicates: 1)"}
    # 2 x 44 runs of batch 60 and of batch 50.
    assert rows(found["All together"])["runs"] == "88, 0 already there"


def test_a_row_that_only_the_first_point_of_a_sweep_has_is_a_difference(digits_folder):
    over = ["Task.blur = [4, 1, 2]"]
    found = sections(describe("Hparams.label_smoothing = 0.1", over=over, data_dir=digits_folder))
    assert "besides         label smoothing 0.1" in found["Setting 1 of 3"]
    assert rows(found["Setting 2 of 3, where it differs"]) == {"besides": "not blur 4"}
    assert rows(found["Setting 3 of 3, where it differs"]) == {"besides": "blur 2"}
    assert rows(found["Imp 2 of 3, where it differs"]) == {}


def test_hours_are_the_steps_at_the_measured_rate(digits_folder):
    bindings = ["Sweep.experiments = ('Training',)", "Task.dataset = 'digits'", "STEPS = 100000000"]
    bindings += ["Lenet.image_shape = (8, 8, 1)", "Lenet.widths = (8,)", "Hparams.threads = 2"]
    files, where = ["papers/lmc/lenet.gin"], (digits_folder, NO_STORE)
    found = sections(description.describe(files, bindings, [], *where, measure=True))
    (speed,) = (part for title, part in found.items() if title.startswith("Speed, measured"))
    milliseconds = float(re.match(r"[\d.]+(?= ms a step)", rows(speed)["dense"])[0])
    # 9 runs; three digits of the rate and more of the time are printed.
    seconds = 9 * 100_000_000 * milliseconds / 1e3
    number, unit = re.fullmatch(
        r"about ([\d.]+) (min|h)", rows(found["Training"])["training"]
    ).groups()
    printed = float(number) * {"min": 60, "h": 3600}[unit]
    assert printed == pytest.approx(seconds, rel=0.02)


def test_data_that_are_not_prepared_are_no_error(tmp_path):
    folder = tmp_path / "none"
    printed = describe(files=["papers/lmc/resnet20.gin"], data_dir=str(folder))
    found = rows(sections(printed)["Setting"])
    assert "is not prepared in" in " ".join(printed.split()) and not folder.exists()
    assert found["parameters"] == "272,474 trainable, 274,042 total, 270,896 prunable"
    assert found["batch norm"] == "momentum 0.9"
    assert found["steps"].startswith("63,000 (epochs are not known")


def test_a_dataset_that_is_none_is_an_error(digits_folder):
    with pytest.raises(UserError, match="there is no dataset 'minst'"):
        describe("Task.dataset = 'minst'", data_dir=digits_folder)


def test_fields_that_have_no_row_of_their_own_are_said_if_they_differ(digits_folder):
    off = ("Hparams.sync_batch_norm = False", "Hparams.batch_norm_groups = 2")
    found = sections(describe(*off, data_dir=digits_folder))["Setting"]
    assert rows(found)["besides"] == "sync batch norm False, batch norm groups 2"


@pytest.mark.parametrize(
    "value, expected",
    [
        (24_000, "24,000"),
        (12e-4, "0.0012"),
        ((0, 1000), "0, 1000"),
        ((), "none"),
        (True, "True"),
        (("dense", "imp"), "dense, imp"),
    ],
)
def test_values(value, expected):
    assert text.in_words(value) == expected
