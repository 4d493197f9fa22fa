"""Training spread over devices and processes: the numbers of one device, or a clear refusal."""

import functools
import json
import socket
from pathlib import Path

import numpy as np
import pytest
from binaries import SECONDS, start

from lth_tf.errors import UserError
from lth_tf.training import cluster
from lth_tf.training.strategies import open_strategy

PROGRAM = str(Path(__file__).with_name("train_on_devices.py"))
# Largest differences in weights, statistics and slots. With 16-bit inputs of products, those of
# another order of sums are a step of 2^-8 apart now and then.
SETTINGS = {
    **{"lenet": 2e-6, "resnet": 5e-6, "groups": 2e-6, "two heads": 2e-6, "squeezenet": 2e-6},
    "bfloat16": 5e-3,
}
SHARED = ("mirrored2", "mirrored4", "worker0", "worker1")
# Strategy and processors of each but the workers.
DEVICES = {"one": ("default", 1), "mirrored2": ("mirrored", 2), "mirrored4": ("mirrored", 4)}
# What train_on_devices.py trains on each: (devices, setting).
TRAINED = [("mirrored2", setting) for setting in ("lenet", "resnet", "two heads")]
TRAINED += [("worker0", "lenet"), ("worker1", "lenet"), ("mirrored4", "lenet")]
# What two devices do every time, and what takes long.
LONG = [("worker0", "resnet"), ("worker1", "resnet")]
LONG += [(devices, "groups") for devices in ("mirrored2", "mirrored4")]
LONG += [("mirrored4", "resnet"), ("mirrored2", "squeezenet"), ("mirrored2", "bfloat16")]
TRAINED += [pytest.param(*row, marks=pytest.mark.faults) for row in LONG]
RARE = ("groups", "bfloat16")
ALL = [*TRAINED, *(("one", setting) for setting in SETTINGS if setting not in RARE)]
ALL += [pytest.param("one", setting, marks=pytest.mark.faults) for setting in RARE]


def tf_config(ports, index):
    workers = [f"localhost:{port}" for port in ports]
    return json.dumps({"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}})


def free_ports(number):
    """Ports that nobody listens on."""
    sockets = [socket.create_server(("localhost", 0)) for _ in range(number)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def end(*processes):
    for process in processes:
        assert process.wait(SECONDS) == 0, process.printed()[1][-3000:]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Returns what is trained on some devices with a setting, by their names."""
    folder = tmp_path_factory.mktemp("strategies")

    @functools.cache
    def both_workers(setting):
        ports, paths = free_ports(2), [folder / f"worker{i}-{setting}.npz" for i in (0, 1)]
        processes = [
            start(PROGRAM, "multi_worker", 1, path, setting, TF_CONFIG=tf_config(ports, i))
            for i, path in enumerate(paths)
        ]
        end(*processes)
        return [dict(np.load(path)) for path in paths]

    @functools.cache
    def run(devices, setting):
        if devices in ("worker0", "worker1"):
            return both_workers(setting)[int(devices[-1])]
        path = folder / f"{devices}-{setting}.npz"
        end(start(PROGRAM, *DEVICES[devices], path, setting))
        return dict(np.load(path))

    return run


def states(found, how="whole"):
    """The arrays of a state, by name."""
    start = f"{how}:"
    arrays = {n.removeprefix(start): a for n, a in found.items() if n.startswith(start)}
    return {n: a for n, a in arrays.items() if n not in ("losses", "correct", "dynamic")}


@pytest.mark.parametrize("devices, setting", TRAINED)
def test_many_devices_train_what_one_does(ran, devices, setting):
    one, many = (states(ran(d, setting)) for d in ("one", devices))
    assert set(one) == set(many) and any("weights." in name for name in one)
    for name, array in one.items():
        np.testing.assert_allclose(
            many[name], array, rtol=1e-4, atol=SETTINGS[setting], err_msg=name
        )
        if name.endswith("kernel"):
            assert np.array_equal(many[name] == 0, array == 0), name
    losses = [ran(d, setting)["whole:losses"] for d in ("one", devices)]
    np.testing.assert_allclose(*losses, rtol=1e-2 if setting == "bfloat16" else 1e-4)


@pytest.mark.parametrize(
    "devices, setting", [*((d, "lenet") for d in SHARED), ("mirrored2", "two heads")]
)
@pytest.mark.parametrize("order", ["first", "second"])
def test_many_devices_have_the_derivatives_of_one(ran, devices, setting, order):
    one, many = (states(ran(d, setting), order) for d in ("one", devices))
    assert one and set(one) == set(many)
    for name, array in one.items():
        assert np.any(array), name
        within = 1e-4 * np.abs(array).max()
        np.testing.assert_allclose(many[name], array, atol=within, err_msg=name)


@pytest.mark.parametrize("devices, setting", ALL)
def test_in_pieces_they_give_the_same_bytes(ran, devices, setting):
    whole, cut = (states(ran(devices, setting), how) for how in ("whole", "cut"))
    for name, array in whole.items():
        assert array.tobytes() == cut[name].tobytes(), name


@pytest.mark.parametrize("devices, setting", TRAINED)
def test_many_devices_get_the_same_examples_right(ran, devices, setting):
    one, many = (ran(d, setting)["whole:correct"] for d in ("one", devices))
    assert one.dtype == bool and 0 < one.mean() < 1 and one.shape == many.shape
    # With 16-bit inputs of products, an example whose classes are nearly equal may come out else.
    assert np.sum(one != many) <= (1 if setting == "bfloat16" else 0)
    cut = ran(devices, setting)["cut:correct"]
    assert np.array_equal(cut, many)


@pytest.mark.parametrize("setting", ["lenet", pytest.param("resnet", marks=pytest.mark.faults)])
def test_all_workers_have_the_same_weights(ran, setting):
    first, second = (states(ran(f"worker{i}", setting)) for i in (0, 1))
    for name, array in first.items():
        assert array.tobytes() == second[name].tobytes(), name


def test_the_replicas_are_as_many_as_the_devices(ran):
    assert [int(ran(d, "lenet")["replicas"]) for d in ("one", *SHARED)] == [1, 2, 4, 2, 2]


@pytest.mark.parametrize("devices, setting", ALL)
def test_no_shape_in_the_compiled_loop_is_dynamic(ran, devices, setting):
    assert ran(devices, setting)["whole:dynamic"].tolist() == []


def test_what_cannot_be_shared_is_refused(ran):
    assert ran("mirrored2", "refusals")["refusals"].tolist() == [
        "Hparams.batch_size is 23, which 2 replicas cannot share equally: choose a multiple",
        "Hparams.batch_norm_groups is 3, which 2 replicas cannot share equally: choose a multiple "
        "or a divisor",
        "Hparams.xla is 'on', but a step on 2 replicas is not compiled by XLA; allowed: 'auto', "
        "'off'",
    ]


def test_unknown_strategies_are_named():
    with pytest.raises(UserError, match="--strategy=two; allowed: default, one_device, mirrored"):
        open_strategy("two")


TWO = {"worker": ["a:1", "b:2"]}


@pytest.mark.parametrize(
    "config, expected",
    [
        (None, "TF_CONFIG is not set"),
        ("{", "TF_CONFIG cannot be read .JSONDecodeError"),
        ({"cluster": TWO}, "TF_CONFIG cannot be read .KeyError: 'task'"),
        ({"cluster": {"ps": ["a:1"]}, "task": {"type": "ps", "index": 0}}, "its jobs may be chief"),
        (
            {"cluster": {"worker": 2}, "task": {"type": "worker", "index": 0}},
            "a job has a list of addresses",
        ),
        ({"cluster": TWO, "task": {"type": "worker", "index": 2}}, "the task 'worker' 2, which is"),
        ({"cluster": TWO, "task": {"type": "chief", "index": 0}}, "the task 'chief' 0, which is"),
    ],
)
def test_a_wrong_tf_config_is_explained(monkeypatch, config, expected):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    if config:
        text = config if isinstance(config, str) else json.dumps(config)
        monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(UserError, match=f"--strategy=multi_worker: .*{expected}"):
        open_strategy("multi_worker")


@pytest.mark.parametrize(
    "chief, job, index, expected",
    [
        (False, "worker", 0, True),
        (False, "worker", 1, False),
        (True, "worker", 0, False),
        (True, "chief", 0, True),
    ],
)
def test_there_is_one_chief(monkeypatch, chief, job, index, expected):
    cluster_of = TWO | ({"chief": ["c:3"]} if chief else {})
    config = {"cluster": cluster_of, "task": {"type": job, "index": index}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(config))
    assert cluster.is_chief() is expected
