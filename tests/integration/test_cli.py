"""What commands say when something goes wrong outside of the package."""

import errno
import json

import pytest
from in_this_process import run

from lth_tf.description import images
from lth_tf.store import upkeep
from lth_tf.store.artifacts import FORMAT


def test_an_error_of_the_disk_without_a_path_names_what_is_written(tmp_path, monkeypatch):
    """lth-show has neither --workdir nor --store."""

    def show(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(images, "show", show)
    done = run("show", "--gin_file=tasks/digits.gin", f"--out={tmp_path}/digits.png")
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert f"--out={tmp_path}/digits.png" in done.stderr and "space" in done.stderr


@pytest.mark.parametrize("out", ["folder", "."])
def test_a_picture_in_the_place_of_a_folder(out, tmp_path, digits_folder):
    (tmp_path / "folder").mkdir()
    flags = ("--gin_file=tasks/digits.gin", f"--data_dir={digits_folder}", f"--out={out}")
    done = run("show", *flags, folder=tmp_path)
    line = f"error: cannot read or write {out}: it is a folder, not a file\n"
    assert (done.returncode, done.stderr) == (2, line)
    assert [path.name for path in tmp_path.rglob("*")] == ["folder"]


def test_gc_counts_the_bytes_that_it_removed(tmp_path, monkeypatch):
    folder = tmp_path / "damaged"
    folder.mkdir()
    (tmp_path / "format.json").write_text(json.dumps({"store": "lth_tf", "format": FORMAT}))
    for name, size in (("one", 100), ("other", 23)):
        (folder / name).write_bytes(bytes(size))

    def remove(layout, targets):
        return [target for target in targets if target.path.name == "one"]

    monkeypatch.setattr(upkeep, "remove", remove)
    lines = run("store", f"--store={tmp_path}", "gc", "--yes").stdout.splitlines()
    assert "1 of 2 files, 23 B in all, removed" in lines
    assert lines[-1].startswith("kept, as its run is being trained: ")
