"""The journal of a run: what is torn or damaged costs itself, and is never taken for another."""

import errno
import os
import random

import pytest

from lth_tf.store import journal
from lth_tf.store.files import StoreError


def entry(number):
    return {
        "first_step": number,
        "last_step": number + 1,
        "seconds": 0.5,
        "program": "p",
        "utc": "2026-01-01T00:00:00Z",
        "software": {"numpy": "2.3.1"},
    }


ENTRIES = [entry(number) for number in range(4)]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "run" / "journal.jsonl"
    for one in ENTRIES:
        journal.append(path, one)
    return path


def test_entries_come_back_in_order(path, tmp_path):
    assert journal.read(path) == ENTRIES
    assert journal.read(tmp_path / "none") == []


def test_entries_of_earlier_versions_have_no_checksum(path):
    lines = [line.partition("\t")[0] for line in path.read_text().splitlines()]
    path.write_text("\n".join(lines) + "\n")
    journal.append(path, entry(4))
    assert journal.read(path) == [*ENTRIES, entry(4)]


def test_any_flipped_bit_costs_at_most_two_entries_and_is_reported(path, caplog):
    sound, draw = path.read_bytes(), random.Random(0)
    for place in draw.sample(range(len(sound) - 1), 200):
        damaged = bytearray(sound)
        damaged[place] ^= 1 << draw.randrange(8)
        path.write_bytes(damaged)
        caplog.clear()
        found = journal.read(path)
        assert all(one in ENTRIES for one in found)
        # A line's end that is none takes the next line with it.
        assert 4 - len(found) in ((2,) if sound[place : place + 1] == b"\n" else (1,))
        (warning,) = caplog.messages
        assert str(path) in warning and "damaged" in warning


def test_a_torn_last_entry_is_passed_over_and_takes_no_other_with_it(path, caplog):
    whole = path.read_bytes()
    last = whole.rstrip().rfind(b"\n") + 1
    for cut in range(last + 1, len(whole) - 20):
        path.write_bytes(whole[:cut])
        assert journal.read(path) == ENTRIES[:3] and caplog.messages == []
    journal.append(path, entry(4))
    assert journal.read(path) == [*ENTRIES[:3], entry(4)]
    assert "1 damaged entry" in caplog.text


def test_a_short_write_is_gone_on_with(path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:7]))
    journal.append(path, entry(4))
    assert journal.read(path) == [*ENTRIES, entry(4)]


def test_a_full_disk_is_said_in_one_line(path, monkeypatch):
    def fail(descriptor, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", fail)
    with pytest.raises(StoreError, match=f"^cannot write {path}: no space left"):
        journal.append(path, entry(4))
