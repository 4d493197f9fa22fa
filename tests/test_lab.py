"""A workdir in Python: the same studies, rows and numbers as by commands, and what was trained."""

import json
import shutil
import subprocess
import sys
import types
import zipfile
from dataclasses import dataclass
from pathlib import Path

import in_this_process
import keras
import numpy as np
import pytest

import lth_tf as lth
from lth_tf import config
from lth_tf.data import order
from lth_tf.errors import UserError
from lth_tf.experiments import Experiment, Imp, Instability, MaskSearch, Onset, Training
from lth_tf.lab import LabError
from lth_tf.models import Lenet, from_keras
from lth_tf.recipes import Init, Magnitude
from lth_tf.training import Adam, Constant, Cosine, Hparams, Momentum

BINDINGS = ("STEPS=30", "MaskSearch.levels=2", "INITIALIZATIONS=(0,)", "Lenet.widths=(8,)")
REWOUND = ("REWIND_STEPS=(0, 20)",)
L = keras.layers


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A workdir of its own."""
    return tmp_path_factory.mktemp("lab") / "work"


@pytest.fixture(scope="module")
def lab(folder, digits_folder):
    """The workdir, opened."""
    return lth.Lab(folder, data_dir=digits_folder)


@pytest.fixture(scope="module")
def study(lab):
    """IMP with rewinding to two steps."""
    return lab.load("demo/imp.gin", bindings=[*BINDINGS, *REWOUND])


@pytest.fixture(scope="module")
def rows(lab, study):
    """Its rows, once it has run."""
    return lab.run(study)


@pytest.fixture
def fresh(folder, digits_folder, rows):
    """The workdir, opened anew: nothing is known but what lies in it."""
    return lth.Lab(folder, data_dir=digits_folder)


def small(**changes):
    """An experiment made in Python."""
    fields = {
        "model": Lenet(widths=(8,), image_shape=(8, 8, 1)),
        "task": lth.data.Task("digits"),
        "hparams": Hparams(60, Adam(), Constant(12e-4)),
        "steps": 30,
        "initializations": (0,),
    }
    return {**fields, **changes}


def test_importing_it_loads_nothing():
    code = """
import sys, lth_tf as lth
assert {"Lab", "register", "models"} <= {*dir(lth)} and "os" not in dir(lth)
print(sorted({"tensorflow", "keras", "gin", "numpy", "matplotlib"} & {*sys.modules}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    with pytest.raises(AttributeError, match="has no attribute 'Labs'"):
        lth.Labs  # noqa: B018


def test_rows_are_those_of_the_command(lab, study, rows, digits_folder):
    assert [(r["rewind_step"], r["level"]) for r in rows] == [
        (k, level) for k in (0, 20) for level in (0, 1, 2)
    ]
    flags = ["--gin_file=demo/imp.gin", f"--workdir={lab.workdir}", f"--data_dir={digits_folder}"]
    flags += [f"--gin_bindings={binding}" for binding in (*BINDINGS, *REWOUND)]
    assert in_this_process.succeed("imp", *flags, "--dry_run") == f"{lab.plan(study)}\n"
    assert "6, 6 already there" in str(lab.plan(study))
    before = {path: path.read_bytes() for path in lab.workdir.rglob("*.tfrecord")}
    in_this_process.succeed("imp", *flags)
    assert before == {path: path.read_bytes() for path in lab.workdir.rglob("*.tfrecord")}


def test_a_command_finds_what_a_recipe_in_python_trained(lab, study, rows):
    made = Imp(**small(), search=MaskSearch(2), rewind_steps=(0, 20))
    assert lab.study(made).experiment == study.experiment
    assert lab.run(lab.study(made)) == rows


def test_a_sweep_is_its_studies(lab, study):
    over = ["MaskSearch.levels=[1, 2]"]
    found = lab.sweep("demo/imp.gin", bindings=[*BINDINGS, *REWOUND], over=over)
    assert [one.experiment.search.levels for one in found] == [1, 2]
    assert found[1].experiment == study.experiment
    assert str(lab.plan(*found)).splitlines()[-6] == "experiments   2"
    assert "experiments   2, shard 1 of 2\n" in str(lab.plan(*found, part=(1, 2)))


def test_threads_of_this_process_are_none_of_a_sweep_s_or_description_s(lab, rows):
    """Workers of a sweep have their own; here a network's shapes are needed at most."""
    binding = "MaskSearch.exclude = ('logits/kernel',)"
    threads = "Hparams.threads = [1, 2, 3]"
    found = lab.sweep("demo/imp.gin", bindings=[*BINDINGS, *REWOUND, binding], over=[threads])
    assert [one.experiment.hparams.threads for one in found] == [1, 2, 3]
    files, other = ["demo/imp.gin"], ["Hparams.threads = 3"]
    assert "threads 3" in lab.describe(*files, bindings=other)
    with pytest.raises(UserError, match="Hparams.threads is 3, but this process runs on 2"):
        lab.describe(*files, bindings=other, measure=True)


def test_every_row_leads_back_to_its_recipe_and_files(fresh, rows):
    for row in rows:
        request = fresh.request(row)
        assert request.measurement.key == row["key"] and request.end.step == row["step"]
        assert request.labels["level"] == row["level"]
        files = fresh.files(row)
        assert all(path.exists() for path in files.values())
        assert {*files} == {"numbers", "state", "mask", "run"}


def test_choices_that_were_decided_lead_back_too(lab, digits_folder):
    onset = Onset(**small(steps=20), unit=5, copies=(1, 2), alphas=3)
    found = lab.run(lab.study(onset))
    again = lth.Lab(lab.workdir, data_dir=digits_folder)
    assert [again.request(row).measurement.key for row in found] == [r["key"] for r in found]


def test_pruned_weights_are_zero_and_counted_by_the_row(fresh, rows):
    for row in rows:
        weights, mask = fresh.weights(row), fresh.mask(row)
        for name, kept in mask.items():
            assert np.array_equal(weights[name] != 0, kept == 1), name
        share = sum(kept.sum() for kept in mask.values()) / sum(k.size for k in mask.values())
        assert share == pytest.approx(row["density"])


def test_a_recipe_gives_what_its_row_does(fresh, rows):
    request = fresh.request(rows[-1])
    for of in (request, request.end):
        assert all((fresh.mask(of)[n] == a).all() for n, a in fresh.mask(rows[-1]).items())
        assert all((fresh.weights(of)[n] == a).all() for n, a in fresh.weights(rows[-1]).items())
    initial = fresh.weights(Init(request.end.model, 0))
    assert {*initial} == {*fresh.weights(rows[0])}


def forward(weights, inputs):
    """Logits of a LeNet of one hidden layer, in NumPy."""
    hidden = inputs.reshape(len(inputs), -1) @ weights["dense_1/kernel"] + weights["dense_1/bias"]
    return np.maximum(hidden, 0) @ weights["logits/kernel"] + weights["logits/bias"]


def test_a_record_is_of_the_batches_that_the_run_took(fresh, rows):
    for row in rows:
        run, record = fresh.request(row).end.run, fresh.record(row)
        steps = list(range(row["rewind_step"], 30))
        assert record.steps.tolist() == steps and record.correct.shape == (len(steps), 60)
        batches = fresh.batches(row)
        expected = order.batches(run.noise, run.first_step, len(steps), 1437, 60, "drop")
        assert np.array_equal(batches, expected)
        inputs, labels = fresh.examples(row, "train")
        start, mask = fresh.weights(run.start), fresh.mask(row)
        start = start | {name: start[name] * kept for name, kept in mask.items()}
        logits, own = forward(start, inputs[batches[0]]), labels[batches[0]]
        losses = np.log(np.exp(logits).sum(1)) - logits[np.arange(60), own]
        assert record.losses[0] == pytest.approx(losses.mean(), rel=1e-4)
        assert np.array_equal(record.correct[0], logits.argmax(1) == own)


def error(model, inputs, labels):
    return float((keras.ops.convert_to_numpy(model(inputs)).argmax(1) != labels).mean())


def test_a_keras_model_predicts_as_the_evaluation_did(fresh, rows, tmp_path):
    for row in rows:
        model, (inputs, labels) = fresh.keras_model(row), fresh.examples(row)
        assert error(model, inputs, labels) == pytest.approx(row["test_error"], abs=1e-12)
        model.save(tmp_path / "ticket.keras")
        loaded = keras.models.load_model(tmp_path / "ticket.keras")
        assert error(loaded, inputs, labels) == pytest.approx(row["test_error"], abs=1e-12)


def convolutional():
    inputs = keras.Input((8, 8, 1))
    x = L.Conv2D(4, 3, padding="same", use_bias=False)(inputs)
    x = L.ReLU()(L.BatchNormalization(momentum=0.9)(x))
    x = L.Dropout(0.2)(L.DepthwiseConv2D(3, strides=2)(x))
    return keras.Model(inputs, L.Dense(10)(L.Flatten()(x)))


def test_a_network_with_statistics_predicts_as_the_evaluation_did(lab, tmp_path):
    model = from_keras(convolutional(), "small")
    hparams = Hparams(60, Momentum(), Constant(0.05))
    row = lab.run(lab.study(Training(**small(model=model, hparams=hparams))))[0]
    plain, (inputs, labels) = lab.keras_model(row), lab.examples(row)
    assert row["test_error"] < 0.7
    assert error(plain, inputs, labels) == pytest.approx(row["test_error"], abs=1e-12)
    (moving,) = (a for n, a in lab.state(row).statistics.items() if n.endswith("variance"))
    assert np.abs(moving - 1).min() > 0.1
    plain.save(tmp_path / "small.keras")
    with zipfile.ZipFile(tmp_path / "small.keras") as file:
        assert "lth_tf" not in file.read("config.json").decode()
    assert error(keras.models.load_model(tmp_path / "small.keras"), inputs, labels) == error(
        plain, inputs, labels
    )


@pytest.mark.parametrize(
    "experiment",
    [
        Training(**small(model=Lenet()), noises=(0, 1), evaluate_at=(5,)),
        Imp(
            **small(hparams=Hparams(7, Momentum(), Cosine(0.1, end=30))), search=MaskSearch(3, 0.5)
        ),
        Instability(**small(), search=MaskSearch(2), levels=(2,), networks=("imp",), alphas=5),
    ],
    ids=lambda e: type(e).__name__,
)
def test_a_recipe_in_python_is_a_gin_file_too(experiment, tmp_path):
    file = tmp_path / "written.gin"
    file.write_text(config.as_gin(experiment))
    assert config.load(type(experiment), [str(file)], [])[0] == experiment


@lth.register
@dataclass(frozen=True, eq=False, repr=False)
class TwoSettings(Experiment):
    """Has two recipes of one class, and recipes in a tuple."""

    others: tuple[Hparams, ...]
    score: Magnitude = Magnitude()


def test_two_recipes_of_a_class_stay_apart(tmp_path):
    others = (Hparams(7, Momentum(), Constant(0.1)), Hparams(8, Adam(0.8), Constant(12e-4)))
    experiment = TwoSettings(**small(), others=others)
    file = tmp_path / "written.gin"
    file.write_text(config.as_gin(experiment))
    assert file.read_text().startswith("import test_lab\n")
    assert config.load(TwoSettings, [str(file)], [])[0] == experiment


@dataclass(frozen=True, eq=False, repr=False)
class Unregistered(Training):
    """An experiment that no gin file can name."""


def test_an_experiment_that_is_not_registered_runs_and_says_what_it_lacks(lab, digits_folder):
    found = lab.run(lab.study(Unregistered(**small(steps=5))))
    assert lab.request(found[0]).measurement.key == found[0]["key"]
    text = lab.workdir.joinpath("configurations").glob("unregistered-*.gin").__next__().read_text()
    assert "put @lth_tf.register above the class" in text
    again = lth.Lab(lab.workdir, data_dir=digits_folder)
    with pytest.raises(LabError, match=r"unregistered-.*gin.*give its experiment to study\(\)"):
        again.request(found[0])
    again.study(Unregistered(**small(steps=5)))
    assert again.request(found[0]).measurement.key == found[0]["key"]


def test_rows_as_a_table(rows, monkeypatch):
    assert [row["level"] for row in rows.where("network=imp", "rewind_step=0")] == [1, 2]
    flat = rows.flat()
    assert {row["MaskSearch.fraction"] for row in flat if row["level"]} == {0.2}
    assert {row["Constant.rate"] for row in flat} == {12e-4}
    assert not {"axes", "settings"} & {name for row in flat for name in row}
    assert rows[0]["key"][:10] in str(rows) and rows._repr_html_().startswith("<pre>experiment")
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UserError, match=r"pandas is not installed; flat\(\)"):
        rows.to_pandas()
    monkeypatch.setitem(sys.modules, "pandas", types.SimpleNamespace(DataFrame=json.dumps))
    assert len(json.loads(rows.to_pandas())) == len(rows)


def test_figures_are_files_that_a_notebook_shows(lab, rows):
    picture = lab.figure("accuracy_against_density")
    assert picture.path.parent == lab.workdir / "figures"
    assert picture._repr_png_().startswith(b"\x89PNG") and str(picture.path) in repr(picture)
    with pytest.raises(LabError, match="no rows for a figure 'nothing'; there are rows for: acc"):
        lab.figure("nothing")


def test_a_figure_of_a_paper(tmp_path):
    log = Path(__file__).parents[1] / "docs" / "reproduction" / "lenet_mnist"
    shutil.copytree(log / "results", tmp_path / "results")
    picture = lth.Lab(tmp_path).figure("figure_03", "kind=instability", paper="lmc")
    assert picture.path == tmp_path / "figures" / "lmc" / "figure_03-lenet.png"
    assert picture._repr_png_().startswith(b"\x89PNG")
    with pytest.raises(UserError, match="there is no such paper; allowed: lmc"):
        lth.Lab(tmp_path).figures(paper="lottery")


def test_a_mask_that_is_not_there_is_made_on_the_threads_of_its_run(tmp_path, digits_folder):
    def open_engine(threads):
        raise UserError(f"an engine for {threads} threads")

    lab = lth.Lab(tmp_path, data_dir=digits_folder, open_engine=open_engine)
    hparams = Hparams(60, Adam(), Constant(12e-4), threads=3)
    study = lab.study(Imp(**small(hparams=hparams), search=MaskSearch(1)))
    *_, request = lab._requests([study]).values()
    for asked in (request, request.mask):
        with pytest.raises(UserError, match="an engine for 3 threads"):
            lab.mask(asked)


def test_what_is_wrong_is_one_line_that_names_the_thing(lab, rows, tmp_path, digits_folder):
    (tmp_path / "file").touch()
    for arguments, name in (
        ((tmp_path / "file",), "workdir"),
        ((tmp_path, tmp_path / "file"), "store"),
    ):
        with pytest.raises(LabError, match=f"^{name}={tmp_path}/file: a file is in the way"):
            lth.Lab(*arguments)
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "store").touch()
    with pytest.raises(LabError, match=f"^store={tmp_path}/work/store: a file is in the way"):
        lth.Lab(tmp_path / "work")
    for arguments, name in (
        (("~nobody_here/x",), "workdir"),
        ((tmp_path, "~nobody_here/x"), "store"),
    ):
        with pytest.raises(LabError, match=f"^{name}=~nobody_here/x: there is no such user$"):
            lth.Lab(*arguments)
    with pytest.raises(UserError, match="^gin_file=~nobody_here/x.gin: there is no such file"):
        lab.load("~nobody_here/x.gin")
    with pytest.raises(UserError, match=f"^workdir={tmp_path}/gone: there is no such folder"):
        lth.Lab(tmp_path / "gone").rows()
    empty = lth.Lab(tmp_path, data_dir=digits_folder)
    with pytest.raises(LabError, match=r"imp-\w+.gin is not there; give its experiment"):
        empty.request(rows[0])
    with pytest.raises(LabError, match="does not ask for it any more"):
        lab.request({**rows[0], "key": "0" * 64})
    with pytest.raises(LabError, match="initialization 0 is no state of a run"):
        lab.record(Init(Lenet(), 0))
    with pytest.raises(UserError, match="^experiment is missing"):
        lab.load("demo/sweep.gin", bindings=BINDINGS)


def test_a_configuration_of_other_data_is_refused(folder, rows, tmp_path, digits_folder):
    there = tmp_path / "configurations"
    there.mkdir()
    (path,) = folder.glob("configurations/imp-*.gin")
    text = path.read_text().replace("STEPS = 30", "STEPS = 31")
    (there / path.name).write_text(text)
    with pytest.raises(LabError, match="is now of experiment"):
        lth.Lab(tmp_path, data_dir=digits_folder).request(rows[0])


def test_a_notebook_may_run_a_cell_again(monkeypatch):
    def cell():
        def of_the_notebook():
            return Lenet()

        of_the_notebook.__module__ = "__main__"
        return lth.register(of_the_notebook)

    monkeypatch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))
    cell()
    again = cell()
    assert config.registry.REGISTERED["of_the_notebook"] is again
    # A program that defines two of one name has made a mistake.
    program = types.ModuleType("__main__")
    program.__file__ = "program.py"
    monkeypatch.setitem(sys.modules, "__main__", program)
    with pytest.raises(UserError, match="registered already"):
        cell()
