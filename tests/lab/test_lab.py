"""A workdir in Python: the same studies, rows and numbers as by commands, and what was trained."""

import json
import sys
import types

import in_this_process
import keras
import numpy as np
import pytest
from small import error, small

import lth_tf as lth
from lth_tf.data import order
from lth_tf.errors import UserError
from lth_tf.experiments import Imp, MaskSearch
from lth_tf.lab import LabError
from lth_tf.models import Lenet
from lth_tf.recipes import Init

BINDINGS = ("STEPS=30", "MaskSearch.levels=2", "INITIALIZATIONS=(0,)", "Lenet.widths=(8,)")


REWOUND = ("REWIND_STEPS=(0, 20)",)


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


def test_a_keras_model_predicts_as_the_evaluation_did(fresh, rows, tmp_path):
    for row in rows:
        model, (inputs, labels) = fresh.keras_model(row), fresh.examples(row)
        assert error(model, inputs, labels) == pytest.approx(row["test_error"], abs=1e-12)
        model.save(tmp_path / "ticket.keras")
        loaded = keras.models.load_model(tmp_path / "ticket.keras")
        assert error(loaded, inputs, labels) == pytest.approx(row["test_error"], abs=1e-12)


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
