"""Networks of a user's own, in commands of one experiment and in sweeps."""

import in_this_process
import pytest
from binaries import SMALL, bind, succeed

from lth_tf.log import log

NETWORKS = """
import keras

from lth_tf.config import register
from lth_tf.models import from_keras


@register
def small_convnet(filters):
    layers = [
        keras.Input((8, 8, 1)),
        keras.layers.Conv2D(filters, 3, strides=2, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(10),
    ]
    return from_keras(keras.Sequential(layers), name="small convnet")


@register
def two_heads():
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Dense(6, "relu")(keras.layers.Flatten()(inputs))
    outputs = [keras.layers.Dense(10, name=name)(x) for name in ("logits", "auxiliary")]
    return from_keras(keras.Model(inputs, outputs), name="two heads")


@register
def small_dense():
    layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(10)]
    return from_keras(keras.Sequential(layers), name="small dense")
"""


def test_a_model_of_a_users_own_in_place_of_the_included_one(tmp_path, digits_folder):
    (tmp_path / "my_networks.py").write_text(NETWORKS)
    text = "import my_networks\ninclude 'demo/imp.gin'\nImp.model = @small_convnet()\n"
    (tmp_path / "mine.gin").write_text(text + "small_convnet.filters = 3\n")
    few = [binding for binding in SMALL if "Lenet" not in binding]
    flags = [f"--gin_file={tmp_path / 'mine.gin'}", *bind(*few), f"--data_dir={digits_folder}"]
    printed = succeed("imp", *flags, f"--workdir={tmp_path / 'work'}", PYTHONPATH=str(tmp_path))
    assert "small convnet on digits, after 20 steps" in printed
    found, _ = log.read(tmp_path / "work")
    # 3 x 3 x 3 weights of the convolution and 3 x 3 x 3 x 10 of the logits.
    kept = sorted((round(row["density"] * 297) for row in found), reverse=True)
    assert kept == [297, 297, 238, 238, 190, 190]


def test_a_network_with_an_auxiliary_head_is_pruned_and_interpolated(tmp_path, digits_folder):
    (tmp_path / "my_networks.py").write_text(NETWORKS)
    text = "import my_networks\ninclude 'demo/instability.gin'\nInstability.model = @two_heads()\n"
    losses = "Hparams.auxiliary_weight = 0.4\nHparams.label_smoothing = 0.1\n"
    (tmp_path / "mine.gin").write_text(text + losses + "Hparams.optimizer = @Rmsprop()\n")
    few = [binding for binding in SMALL if "Lenet" not in binding]
    few += ["Instability.levels=(2,)", "Instability.copies=(1, 2)", "REWIND_STEPS=(5,)"]
    few.append("MaskSearch.exclude=('auxiliary/kernel',)")
    flags = [f"--gin_file={tmp_path / 'mine.gin'}", *bind(*few), f"--data_dir={digits_folder}"]
    printed = succeed(
        "instability", *flags, f"--workdir={tmp_path / 'work'}", PYTHONPATH=str(tmp_path)
    )
    assert "two heads on digits, after 20 steps" in printed
    found, _ = log.read(tmp_path / "work")
    # 64 x 6 and 6 x 10 weights are pruned twice by a fifth, the other head's 60 are left.
    remaining = {round(row["density"] * 504) for row in found}
    assert remaining == {504, 60 + 284}


# The how-tos' sweeps in test_docs.py train users' networks every time.
@pytest.mark.faults
def test_a_network_of_a_users_own_is_a_point_like_any_other(tmp_path, digits_folder):
    (tmp_path / "my_networks.py").write_text(NETWORKS)
    (tmp_path / "mine.gin").write_text("import my_networks\ninclude 'demo/imp.gin'\n")
    few = ("STEPS=20", "MaskSearch.levels=1", "INITIALIZATIONS=(0,)", "REWIND_STEPS=(0,)")
    own = [f"--gin_file={tmp_path / 'mine.gin'}", f"--workdir={tmp_path / 'work'}"]
    own += ["--over=MODEL=[@Lenet(), @small_dense()]", f"--data_dir={digits_folder}"]
    bindings = bind(*few, "Hparams.xla='off'", "Hparams.threads=1", "Lenet.widths=(8,)")
    printed = succeed("sweep", *own, *bindings, "--workers=1", PYTHONPATH=str(tmp_path))
    assert "LeNet 8 on digits" in printed and "small dense on digits" in printed


def test_a_network_of_a_users_own_at_several_numbers_of_threads(tmp_path, digits_folder):
    (tmp_path / "nets_of_several_threads.py").write_text(NETWORKS)
    (tmp_path / "mine.gin").write_text("import nets_of_several_threads\n")
    over = ("include=['demo/imp.gin']", "Hparams.threads=[2, 1]", "Imp.model=[@small_dense()]")
    own = [f"--gin_file={tmp_path / 'mine.gin'}", f"--workdir={tmp_path / 'work'}"]
    own += [f"--data_dir={digits_folder}", *(f"--over={axis}" for axis in over)]
    assert "experiments   2" in in_this_process.succeed("sweep", *own, "--dry_run")
