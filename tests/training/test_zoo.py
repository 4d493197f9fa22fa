"""Every network of the zoo: a level of IMP and an interpolation, on one device and on two."""

import numpy as np
import pytest
import zoo
from binaries import succeed_program

every = pytest.mark.parametrize("name", zoo.SMALL)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """What was made of each network, by its name and the strategy's."""
    path = tmp_path_factory.mktemp("zoo") / "found.npz"
    succeed_program("training/train_zoo.py", path)
    found: dict[tuple[str, str], dict[str, np.ndarray]] = {}
    for key, array in np.load(path).items():
        name, strategy, what = key.split(":", 2)
        found.setdefault((name, strategy), {})[what] = array
    return found


@every
def test_it_trains_and_its_ticket_keeps_pruned_weights_at_zero(ran, name):
    found = ran[name, "one_device"]
    masks = {n.removeprefix("mask:"): a for n, a in found.items() if n.startswith("mask:")}
    total = sum(mask.size for mask in masks.values())
    assert sum(int(mask.sum()) for mask in masks.values()) == total - round(total / 2)
    for kernel, mask in masks.items():
        assert np.all(found[f"weights:{kernel}"][mask == 0] == 0), kernel
        assert mask.sum() == 0 or np.any(found[f"weights:{kernel}"] != 0), kernel
    assert np.isfinite(found["losses"]).all() and found["losses"].shape == (2,)


@every
def test_the_line_between_two_copies_is_evaluated(ran, name):
    found = ran[name, "line"]
    assert np.isfinite(found["loss"]).all() and len(set(found["loss"])) == 3
    assert np.all((found["error"] >= 0) & (found["error"] <= 1))


@pytest.mark.parametrize("name", zoo.REPEATABLE)
def test_two_devices_begin_as_one_does(ran, name):
    one, two = ran[name, "one_device"], ran[name, "mirrored"]
    assert set(one) == set(two)
    np.testing.assert_allclose(two["losses"][0], one["losses"][0], rtol=1e-4)
    assert all(np.isfinite(array).all() for array in two.values())


@pytest.mark.parametrize("name", zoo.REPEATABLE)
def test_two_devices_end_where_one_does(ran, name):
    one, two = ran[name, "one_device"], ran[name, "mirrored"]
    for what, array in one.items():
        np.testing.assert_allclose(two[what], array, rtol=1e-3, atol=1e-4, err_msg=what)
