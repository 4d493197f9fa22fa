"""Whatever lies in the place of a store's file is damage, a stray or refused, and nothing else."""

import hashlib
import json
import os
from functools import partial

import pytest
from checks_example import MASK, STATE, header, make, other, run

from lth_tf.store import artifacts, checks, format_file, journal, registry, reports, upkeep
from lth_tf.store.artifacts import Damaged
from lth_tf.store.files import StoreError
from lth_tf.store.inspect import Inventory
from lth_tf.store.layout import Layout


@pytest.fixture
def root(tmp_path):
    return make(tmp_path / "store")


def sealed(text):
    return hashlib.sha256(text).hexdigest().encode() + b"\n" + text


HEAD = json.dumps(header("D", format=1)).encode()
DEEP = b"[" * 10_000 + b"]" * 10_000


@pytest.mark.parametrize(
    "head, index",
    [
        (DEEP, b"[]"),
        (b'{"format": 1, "key": ' + DEEP + b"}", b"[]"),
        (b"{}", b"[]"),
        (b"[]", b"[]"),
        (b'{"format": true}', b"[]"),
        (b'{"format": 1' + b"0" * 400 + b"}", b"[]"),
        (HEAD, DEEP),
        (HEAD, b"{}"),
        (HEAD, b"7"),
        (HEAD, b"[7]"),
        (HEAD, b'["abc"]'),
        (HEAD, b'[["w", "|u1", [-1]]]'),
        (HEAD, b'[["w", "|u1", [-1, -1]]]'),
        (HEAD, b'[["w", "|u1", [1e3]]]'),
        (HEAD, b'[["w", "|u1", [true]]]'),
        (HEAD, b'[["w", "|u1", ["1"]]]'),
        (HEAD, b'[["w", "|u1", 5]]'),
        (HEAD, b'[["w", "|u1", [1' + b"0" * 30 + b"]]]"),
        (HEAD, b'[["w", "|u1", [1' + b"0" * 30 + b", 0]]]"),
        (HEAD, b'[["w", "|u1", [1' + b"0" * 12 + b", 0]]]"),
        (HEAD, b'[["w", "|u1", [' + b"0," * 99 + b"0]]]"),
        (HEAD, b'[["w", "V4", [1]]]'),
        (HEAD, b'[["w", "M8[s]", [1]]]'),
        (HEAD, b'[["w", "O", [1]]]'),
        (HEAD, b'[["w", [["a", "<f4"]], [1]]]'),
        (HEAD, b'[["w", {}, [1]]]'),
        (HEAD, b'[[["w"], "|u1", [1]]]'),
        (HEAD, b'[["w", "|u1", [1]], ["w", "|u1", [1]]]'),
    ],
)  # fmt: skip
def test_a_sound_checksum_over_any_json_is_damage_and_nothing_else(root, head, index):
    path = other(root, "masks", "D", ".mask")
    text = head + b"\n" + index + b"\n"
    path.write_bytes(sealed(text + bytes(-(65 + len(text)) % 64) + bytes(64)))
    with pytest.raises(Damaged):
        checks.read(path, partial(checks.check_mask, shapes={"w": (2,)}))


MAKERS = {
    "folder": lambda path: path.mkdir(),
    "pipe": os.mkfifo,
    "loop": lambda path: path.symlink_to(path.name),
    "device": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_only_regular_files_are_opened(root, make, caplog):
    places = [
        run(root, "A") / "at-000000005.state",
        other(root, "masks", "D", ".mask"),
        run(root, "C") / "journal.jsonl",
    ]
    for path in places:
        path.unlink(missing_ok=True)
        make(path)
        if path.suffix != ".jsonl":
            for read in (checks.read, artifacts.read, artifacts.read_header):
                with pytest.raises(Damaged, match="regular file|leads back"):
                    read(path)
            assert checks.read_header(path) is None
    assert journal.read(places[2]) == [] and "not known" in caplog.text
    with pytest.raises(StoreError, match=f"^cannot write {places[2]}: it is a"):
        journal.append(places[2], {})
    assert reports.runs(Inventory(root))
    found = list(upkeep.damaged(Inventory(root)))
    assert sorted(error.path for error, _ in found) == sorted(places)
    assert not any(os.path.lexists(path) for path in places)


def test_a_link_to_a_regular_file_is_followed(root, tmp_path):
    path = other(root, "masks", "D", ".mask")
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert list(checks.read(path)[1]) == list(MASK)


def test_strays_are_said_and_left_alone(root):
    strays = [
        run(root, "A") / "at-000000005 (copy).state",
        run(root, "A") / "at-abc.state",
        run(root, "A") / "at-5.state",
        run(root, "A") / ("at-" + "9" * 5000)[:200],
        run(root, "A") / "notes.txt",
        other(root, "masks", "D", ".mask").with_name("copy.mask"),
    ]
    for path in strays:
        path.write_bytes(b"whatever")
    inventory = Inventory(root)
    assert inventory.strays == sorted(strays, key=lambda path: (_key(path), path))
    assert reports.runs(inventory) and list(upkeep.damaged(inventory)) == []
    assert [line.split(": ", 1)[1] for line in reports.notes(inventory)] == [
        str(path) for path in inventory.strays
    ]
    assert all(path.exists() for path in strays)


def _key(path):
    return path.stem if path.suffix == ".mask" else path.parent.name


@pytest.mark.parametrize(
    "content", [DEEP, b'{"store": "lth_tf", "format": ' + DEEP + b"}", b'{"a": 1' + b"0" * 5000]
)
def test_json_that_cannot_be_meant_is_said_wherever_it_is(root, content):
    (root / "experiments").mkdir()
    document = root / "experiments" / "x.json"
    document.write_bytes(content)
    with pytest.raises(StoreError, match=f"^{document} is damaged"):
        registry.registered(Layout(root))
    (root / "format.json").write_bytes(content)
    with pytest.raises(StoreError, match="format.json is damaged"):
        format_file.check_root(root)


def test_an_unregistered_recipe_of_any_json_is_only_not_known(root):
    for text in ("[]", '{"recipe": "A"}', '{"fields": 7}', "[" * 10_000, "no JSON"):
        key = hashlib.sha256(text.encode()).hexdigest()
        path = root / "runs" / key[:2] / key / "at-000000001.state"
        artifacts.write(path, {"key": key, "recipe": text, "step": 1, "updates": 1}, STATE)
        inventory = Inventory(root)
        assert "not known" in inventory.recipes[key].text
        assert reports.explanation(inventory, key) and reports.runs(inventory)
