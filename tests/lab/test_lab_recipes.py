"""A workdir in Python: experiments, networks and kinds that were made in Python."""

import shutil
import subprocess
import sys
import types
import zipfile
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pytest
from small import error, small

import lth_tf as lth
from lth_tf import config
from lth_tf.errors import UserError
from lth_tf.experiments import Experiment, Imp, Instability, MaskSearch, Onset, Training
from lth_tf.lab import LabError
from lth_tf.models import Lenet, from_keras
from lth_tf.recipes import Magnitude
from lth_tf.training import Adam, Constant, Cosine, Hparams, Momentum

L = keras.layers


@pytest.fixture
def lab(tmp_path, digits_folder):
    """A workdir of its own, opened."""
    return lth.Lab(tmp_path / "work", data_dir=digits_folder)


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


def test_choices_that_were_decided_lead_back_too(lab, digits_folder):
    onset = Onset(**small(steps=20), unit=5, copies=(1, 2), alphas=3)
    found = lab.run(lab.study(onset))
    again = lth.Lab(lab.workdir, data_dir=digits_folder)
    assert [again.request(row).measurement.key for row in found] == [r["key"] for r in found]


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
    assert file.read_text().startswith("import test_lab_recipes\n")
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


def test_a_figure_of_a_paper(tmp_path):
    log = Path(__file__).parents[2] / "docs" / "reproduction" / "lenet_mnist"
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
