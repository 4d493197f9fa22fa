"""Every network of the zoo: a level of IMP and an interpolation, on one device and on two."""

import functools

import numpy as np
import pytest
import zoo
from binaries import succeed_program


def each(names, often):
    """Of some networks, one test each: of those that are not tried often, by `make faults`."""
    marks = {name: pytest.mark.faults for name in names if name not in often}
    return pytest.mark.parametrize("name", [pytest.param(n, marks=marks.get(n, ())) for n in names])


# The others are made of the same layers; test_strategies.py trains a LeNet, a ResNet, a SqueezeNet
# and the parts of Inception-v3 every time, and the first two on two devices.
every = each(zoo.SMALL, ("vgg",))
on_two = each(zoo.REPEATABLE, ("vgg",))


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Makes of a network, on the devices of a strategy, what train_zoo.py makes."""
    folder = tmp_path_factory.mktemp("zoo")

    @functools.cache
    def run(name, strategy):
        path = folder / f"{name}-{strategy}.npz"
        succeed_program("training/train_zoo.py", path, name, strategy)
        return dict(np.load(path))

    return run


@pytest.fixture
def one_and_two(ran, name):
    """What became of a network on one device, without the line, and on two."""
    one = {w: array for w, array in ran(name, "one_device").items() if "line:" not in w}
    return one, ran(name, "mirrored")


@every
def test_it_trains_and_its_ticket_keeps_pruned_weights_at_zero(ran, name):
    found = ran(name, "one_device")
    masks = {n.removeprefix("mask:"): a for n, a in found.items() if n.startswith("mask:")}
    total = sum(mask.size for mask in masks.values())
    assert sum(int(mask.sum()) for mask in masks.values()) == total - round(total / 2)
    for kernel, mask in masks.items():
        assert np.all(found[f"weights:{kernel}"][mask == 0] == 0), kernel
        assert mask.sum() == 0 or np.any(found[f"weights:{kernel}"] != 0), kernel
    assert np.isfinite(found["losses"]).all() and found["losses"].shape == (2,)


@every
def test_the_line_between_two_copies_is_evaluated(ran, name):
    loss, error = (ran(name, "one_device")[f"line:{what}"] for what in ("loss", "error"))
    assert np.isfinite(loss).all() and len(set(loss)) == 3
    assert np.all((error >= 0) & (error <= 1))


@on_two
def test_two_devices_begin_as_one_does(one_and_two):
    one, two = one_and_two
    assert set(one) == set(two)
    np.testing.assert_allclose(two["losses"][0], one["losses"][0], rtol=1e-4)
    assert all(np.isfinite(array).all() for array in two.values())


@on_two
def test_two_devices_end_where_one_does(one_and_two):
    one, two = one_and_two
    for what, array in one.items():
        np.testing.assert_allclose(two[what], array, rtol=1e-3, atol=1e-4, err_msg=what)
