"""Score files that are not what they seem."""

import numpy as np
import pytest

from lth_tf.data import ScoredSubset, example_scores
from lth_tf.recipes import RecipeError

SUBSET = ScoredSubset("x.npy", "lowest", 0.5)


def test_one_number_for_each_example(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(4.0))
    assert example_scores.read(SUBSET, str(tmp_path), 4).tolist() == [0, 1, 2, 3]
    with pytest.raises(RecipeError, match=r"5 numbers, .* their shape is \(4,\)"):
        example_scores.read(SUBSET, str(tmp_path), 5)


def test_an_archive_of_arrays_under_the_name_of_one(tmp_path):
    with (tmp_path / "x.npy").open("wb") as file:
        np.savez(file, scores=np.arange(4.0))
    with pytest.raises(RecipeError, match="one number for each training example"):
        example_scores.read(SUBSET, str(tmp_path), 4)


@pytest.mark.parametrize("shape", [(10**12,), (10**30,), (10**6, 10**6, 10**6), (-4,)])
def test_a_header_that_claims_more_than_there_is(shape, tmp_path):
    with (tmp_path / "x.npy").open("wb") as file:
        header = {"descr": "<f8", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        file.write(bytes(32))
    with pytest.raises(RecipeError, match="one number for each training example"):
        example_scores.read(SUBSET, str(tmp_path), 4)


@pytest.mark.parametrize("header", ["{'descr': (", "{'descr': '<f8'\n  'x'", "if 1:\n    2\n  3"])
def test_a_header_that_is_no_python(header, tmp_path):
    length = (len(header) + 1).to_bytes(2, "little")
    content = b"\x93NUMPY\x01\x00" + length + header.encode() + b"\n" + bytes(32)
    (tmp_path / "x.npy").write_bytes(content)
    with pytest.raises(RecipeError, match="one number for each training example"):
        example_scores.read(SUBSET, str(tmp_path), 4)
