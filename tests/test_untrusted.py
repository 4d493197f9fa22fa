"""Reading without trust: JSON that cannot be meant is an error, and only regular files are read."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lth_tf import untrusted

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**50), 10**50) | st.floats(allow_nan=False,
    allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)  # fmt: skip


@given(JSON, st.booleans())
def test_what_we_write_is_read_back(value, plain):
    text = json.dumps(value, ensure_ascii=plain)
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert untrusted.json_value(text.encode()) == value == untrusted.json_value(text)


@given(st.binary(max_size=60) | st.text(alphabet='[]{}",:0e-\\ud8NaI').map(str.encode))
def test_any_bytes_are_a_value_or_a_value_error(data):
    with contextlib.suppress(ValueError):
        json.dumps(untrusted.json_value(data), ensure_ascii=False, allow_nan=False).encode()


@pytest.mark.parametrize("depth, fine", [(untrusted.DEEPEST, True), (untrusted.DEEPEST + 1, False)])
@pytest.mark.parametrize("pair", ["[]", '{"a":}'])
def test_nesting_has_a_limit(depth, fine, pair):
    text = pair[:-1] * depth + ("1" if "a" in pair else "") + pair[-1] * depth
    if fine:
        untrusted.json_value(text)
    else:
        with pytest.raises(ValueError, match="nested more than"):
            untrusted.json_value(text)


@pytest.mark.parametrize(
    "text",
    ["1" + "0" * 400, "1" * 5000, "1e999", "-1e999", "NaN", "Infinity", '"\\ud800"', "[" * 10**5],
)
def test_what_nothing_can_compute_with_is_refused(text):
    with pytest.raises(ValueError):
        untrusted.json_value(text)


def test_large_seeds_are_integers_still():
    assert untrusted.json_value(str(2**128)) == 2**128


def test_no_more_is_read_than_asked_for(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    assert untrusted.read_bytes(path, 4) == b"0123"
    assert untrusted.read_bytes(path) == b"0123456789"


def test_a_file_larger_than_memory_is_an_error_of_the_system(tmp_path):
    path = tmp_path / "file"
    with open(path, "wb") as file:
        file.truncate(2**42)
    with pytest.raises(OSError, match="do not fit into memory"):
        untrusted.read_bytes(path)
