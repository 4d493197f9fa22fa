"""What makes a folder a store, and which folders are refused."""

import errno
import json
import os
import subprocess
import sys

import pytest

from lth_tf.store import artifacts, format_file
from lth_tf.store.files import StoreError


def test_open_root_makes_a_store_once_and_leaves_nothing_else(tmp_path):
    root = tmp_path / "a" / "b"
    format_file.open_root(root)
    content = (root / "format.json").read_bytes()
    assert json.loads(content) == {"store": "lth_tf", "format": 1}
    artifacts.write(root / "objects" / "x", {}, {})
    format_file.open_root(root)
    assert (root / "format.json").read_bytes() == content
    assert sorted(os.listdir(root)) == ["format.json", "objects"]


def test_open_root_takes_a_fresh_disk_but_no_folder_with_files(tmp_path):
    (tmp_path / "lost+found").mkdir()
    (tmp_path / ".nfs0001").touch()
    format_file.open_root(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.tex").touch()
    with pytest.raises(StoreError, match="not a store of lth_tf"):
        format_file.open_root(other)
    assert os.listdir(other) == ["thesis.tex"]


NO_MARKER = "is damaged, or this is not a store .* write {.store.: .lth_tf., .format.: 1} into"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            '{"store": "lth_tf", "format": 2}',
            r"newer version .*format 2; this one reads 1.*upgrade",
        ),
        (
            '{"store": "other", "format": 1}',
            NO_MARKER,
        ),
        (
            '{"store": "lth_tf"}',
            NO_MARKER,
        ),
        ("[]", NO_MARKER),
        ("", NO_MARKER),
    ],
)
def test_open_root_refuses_other_markers(tmp_path, content, says):
    (tmp_path / "format.json").write_text(content)
    with pytest.raises(StoreError, match=says):
        format_file.open_root(tmp_path)
    assert (tmp_path / "format.json").read_text() == content


@pytest.mark.parametrize("below", ["", "store"])
def test_open_root_where_a_file_is_in_the_way(tmp_path, below):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="a file is in the way"):
        format_file.open_root(tmp_path / "file" / below)


def test_open_root_without_permission(tmp_path, monkeypatch):
    def refuse(self, data):
        raise PermissionError(errno.EACCES, "no")

    format_file.open_root(tmp_path)
    monkeypatch.setattr("pathlib.Path.write_bytes", refuse)
    with pytest.raises(StoreError, match=f"cannot write {tmp_path}: permission denied"):
        format_file.open_root(tmp_path)


OPENER = """
import sys
from pathlib import Path
from lth_tf.store import format_file
format_file.open_root(Path(sys.argv[1]))
"""


def test_many_processes_open_one_new_store(tmp_path):
    openers = [subprocess.Popen([sys.executable, "-c", OPENER, str(tmp_path)]) for _ in range(4)]
    assert [opener.wait() for opener in openers] == [0] * 4
    assert os.listdir(tmp_path) == ["format.json"]
