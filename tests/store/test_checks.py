"""What is read back is what belongs there: by its path, its recipe, its kind and its shapes."""

import hashlib
import itertools
import json
import os
from functools import partial

import numpy as np
import pytest

from lth_tf.store import artifacts, checks, format_file, journal, registry, reports, upkeep
from lth_tf.store.artifacts import Damaged
from lth_tf.store.checks import Mismatch
from lth_tf.store.files import StoreError
from lth_tf.store.inspect import Inventory
from lth_tf.store.layout import Layout

RECIPES = {name: json.dumps({"recipe": name, "numerics": 3, "fields": {}}) for name in "ABCDEFGH"}
KEYS = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in RECIPES.items()}
STATE = {
    "weights/a/kernel": np.ones((2, 3), np.float32),
    "weights/a/bias": np.ones(3, np.float32),
    "statistics/n/mean": np.ones(3, np.float32),
    "slots/velocity/a/kernel": np.ones((2, 3), np.float32),
    "slots/velocity/a/bias": np.ones(3, np.float32),
}
WEIGHTS, STATISTICS = {"a/kernel": (2, 3), "a/bias": (3,)}, {"n/mean": (3,)}
MASK = {"a/kernel": np.array([[1, 0, 1], [0, 0, 1]], np.uint8)}
NUMBERS = {"test_errors": np.zeros(1), "alphas": np.zeros(4)}


def header(name, **more):
    return {"key": KEYS[name], "recipe": RECIPES[name], **more}


def run(root, name):
    return root / "runs" / KEYS[name][:2] / KEYS[name]


def other(root, folder, name, suffix):
    return root / folder / KEYS[name][:2] / (KEYS[name] + suffix)


@pytest.fixture
def root(tmp_path):
    """A store with two runs of two steps, a diverged one, two masks and two measurements."""
    root = tmp_path / "store"
    format_file.open_root(root)
    for name, step in itertools.product("AB", (5, 12)):
        at = run(root, name) / f"at-{step:09d}.state"
        artifacts.write(at, header(name, step=step, updates=step), STATE)
    artifacts.write(run(root, "A") / "recovery.state", header("A", step=9, updates=9), STATE)
    artifacts.write(run(root, "C") / "diverged.state", header("C", step=7), {})
    artifacts.write(run(root, "F") / "diverged.state", header("F", step=70), {})
    for name in "AB":
        for first, last in ((0, 5), (5, 12)):
            record = run(root, name) / f"record-{first:09d}-{last:09d}.record"
            steps = {"kind": "record", "first_step": first, "last_step": last}
            artifacts.write(record, {"key": KEYS[name], **steps}, {"losses": np.ones(12, np.uint8)})
    for name in "DE":
        artifacts.write(other(root, "masks", name, ".mask"), header(name), MASK)
    for name in "GH":
        artifacts.write(other(root, "measurements", name, ".numbers"), header(name), NUMBERS)
    return root


def everything(root):
    return sorted(path for _, path in Layout(root).files())


def test_what_lies_where_it_belongs_is_sound(root):
    assert list(upkeep.damaged(Inventory(root))) == []
    for path in everything(root):
        assert not checks.is_stray(path)
        assert checks.read(path)[0] == checks.read_header(path) == artifacts.read(path)[0]


def test_every_two_artifacts_that_change_places_are_found(root):
    content = {path: path.read_bytes() for path in everything(root)}
    for one, two in itertools.combinations(content, 2):
        one.write_bytes(content[two])
        two.write_bytes(content[one])
        for path in (one, two):
            if path.name == "recovery.state" and one.parent == two.parent:
                continue  # It may be of any step.
            with pytest.raises(Damaged, match="in the place of|names no recipe|of a record"):
                checks.read(path)
            assert checks.read_header(path) is None
        one.write_bytes(content[one])
        two.write_bytes(content[two])


def test_verify_finds_runs_that_changed_places_sets_them_aside_and_says_so(root):
    one, two = run(root, "A"), run(root, "B")
    between = root / "between"
    one.rename(between)
    two.rename(one)
    between.rename(two)
    found = list(upkeep.damaged(Inventory(root)))
    assert len(found) == 9
    for error, moved in found:
        assert "in the place of" in str(error) and moved.parent == root / "damaged"
    assert list(upkeep.damaged(Inventory(root))) == []


@pytest.mark.parametrize(
    "change, says",
    [
        ({"step": -5}, "its step is -5"),
        ({"step": "12"}, "its step is '12'"),
        ({"step": 12.0}, "its step is 12.0"),
        ({"step": True}, "its step is True"),
        ({"step": None}, "its step is None"),
        ({"step": 5}, "that of step 5, in the place of step 12's"),
        ({"updates": None}, "its updates is None"),
        ({"updates": [[]]}, "its updates is"),
        ({"key": KEYS["B"], "recipe": RECIPES["B"]}, "in the place of"),
        ({"recipe": RECIPES["B"]}, "not that of its key"),
        ({"recipe": {}}, "names no recipe"),
        ({"key": None}, "names no recipe"),
    ],
)
def test_a_header_of_other_fields_is_damage(root, change, says):
    path = run(root, "A") / "at-000000012.state"
    changed = header("A", step=12, updates=12) | change
    for content in (changed, {k: v for k, v in changed.items() if v is not None}):
        artifacts.write(path, content, STATE)
        with pytest.raises(Damaged, match=says):
            checks.read(path)
        assert checks.read_header(path) is None


def without(name):
    return {n: a for n, a in STATE.items() if n != name}


def put(name, array):
    return STATE | {name: array}


BIAS = "weights/a/bias"


@pytest.mark.parametrize(
    "arrays, says",
    [
        (without(BIAS), "velocity have 'a/bias'|weights lack 'a/bias'"),
        (without("slots/velocity/a/bias"), "velocity lack 'a/bias'"),
        (without("statistics/n/mean"), "statistics lack 'n/mean'"),
        ({"x" + name: array for name, array in STATE.items()}, "which no state has"),
        ({}, "no weights"),
        (put("loose", np.ones(1, np.float32)), "'loose', which no state has"),
        (put(BIAS, np.ones(3, np.int32)), "is of int32, not float32"),
        (put(BIAS, np.ones(3, np.float64)), "is of float64, not float32"),
        (put(BIAS, np.ones(3, np.complex64)), "is of complex64, not float32"),
        (put("weights/a/kernel", np.ones((3, 2), np.float32)), r"shape \[3, 2\]|\[2, 3\], not"),
        (put("statistics/n/mean", np.ones((3, 0), np.float32)), r"shape \[3, 0\]"),
        (put("statistics/n/more", np.ones(3, np.float32)), "statistics have 'n/more'"),
        (put("slots/second/a/bias", np.ones(3, np.float32)), "second lack 'a/kernel'"),
        (without(BIAS) | {"weights/a/b": STATE[BIAS]}, "lack 'a/b"),
    ],
)
def test_arrays_that_are_not_the_networks_are_no_state(arrays, says):
    with pytest.raises(Mismatch, match=says):
        checks.check_state(arrays, WEIGHTS, STATISTICS, ["velocity"])


def test_a_state_is_one_of_its_network_and_of_its_optimizer():
    checks.check_state(STATE)
    checks.check_state(STATE, WEIGHTS, STATISTICS, ["velocity"])
    with pytest.raises(Mismatch, match="slots lack 'second'"):
        checks.check_state(STATE, WEIGHTS, STATISTICS, ["velocity", "second"])
    with pytest.raises(Mismatch, match="slots have 'velocity', which"):
        checks.check_state(STATE, WEIGHTS, STATISTICS, [])


@pytest.mark.parametrize(
    "arrays, says",
    [
        ({}, "no arrays"),
        ({"a/kernel": MASK["a/kernel"] * 2}, "not of zeros and ones"),
        ({"a/kernel": MASK["a/kernel"].astype(bool)}, "not of zeros and ones"),
        ({"a/kernel": MASK["a/kernel"].T}, r"shape \[3, 2\], not \[2, 3\]"),
        ({"b/kernel": MASK["a/kernel"]}, "lack 'a/kernel'"),
        (MASK | {"b": MASK["a/kernel"]}, "have 'b', which should not"),
    ],
)
def test_what_is_no_mask_of_the_network(arrays, says):
    checks.check_mask(MASK, {"a/kernel": (2, 3)})
    with pytest.raises(Mismatch, match=says):
        checks.check_mask(arrays, {"a/kernel": (2, 3)})


def test_a_masks_kernels_are_in_the_networks_order():
    two = {"a": np.ones(1, np.uint8), "b": np.ones(1, np.uint8)}
    with pytest.raises(Mismatch, match="in another order"):
        checks.check_mask(two, {"b": (1,), "a": (1,)})


FIELDS = {"alphas": ("f8", (4,)), "classes": ("u2", ("n",)), "losses": ("f4", ("n",))}
MEASURED = {"alphas": np.zeros(4), "classes": np.zeros(9, "u2"), "losses": np.zeros(9, "f4")}


@pytest.mark.parametrize(
    "change, says",
    [
        ({"alphas": np.zeros(5)}, r"'alphas' is of shape \[5\], not \[4\]"),
        ({"alphas": np.zeros(())}, r"shape \[\], not"),
        ({"alphas": np.zeros(4, "f4")}, "'alphas' is of float32, not f8"),
        ({"losses": np.zeros(8, "f4")}, r"'losses' is of shape \[8\]"),
        ({"loss": np.zeros(4)}, "have 'loss'"),
    ],
)
def test_what_are_not_the_numbers_of_a_measurement(change, says):
    checks.check_numbers(MEASURED, FIELDS)
    with pytest.raises(Mismatch, match=says):
        checks.check_numbers(MEASURED | change, FIELDS)


def test_a_mark_of_divergence_has_no_arrays(root):
    path = run(root, "C") / "diverged.state"
    artifacts.write(path, header("C", step=7), STATE)
    with pytest.raises(Damaged, match="it has arrays"):
        checks.read(path)


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
