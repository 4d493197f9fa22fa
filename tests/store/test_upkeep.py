"""Upkeep of a store: what can be removed, and what is set aside."""

import subprocess
import sys

import pytest
from inspect_example import (
    END,
    LONG,
    MASK,
    ORPHAN,
    REWOUND,
    SHORT,
    TASK,
    TICKET,
    TRUNK,
    Study,
    age,
    make,
    names,
    write,
)

from lth_tf.measurements import Evaluate
from lth_tf.recipes import At
from lth_tf.store import files, journal, leases, upkeep
from lth_tf.store.inspect import Inventory


@pytest.fixture
def layout(tmp_path):
    return make(tmp_path / "store", (0, SHORT), (1, LONG))


def test_everything_of_a_registered_experiment_is_kept(layout):
    assert upkeep.collectable(Inventory(layout.root)) == []


def test_what_no_experiment_uses_can_go_and_nothing_else(layout):
    kept = {path for _, path in layout.files()}
    lone = Evaluate(REWOUND, TASK)
    extra = {write(layout, recipe) for recipe in (At(ORPHAN, 7), At(TRUNK, 77), lone)}
    entry = {"first_step": 0, "last_step": 7, "seconds": 1.0, "program": "p"}
    for run in (ORPHAN, TRUNK):
        journal.append(layout.journal(run), entry)
    extra.add(layout.journal(ORPHAN))
    targets = upkeep.collectable(Inventory(layout.root))
    assert {target.path for target in targets} == extra
    assert {target.size for target in targets} == {path.stat().st_size for path in extra}
    assert upkeep.remove(layout, targets) == []
    assert {path for _, path in layout.files()} == kept | {layout.journal(TRUNK)}
    assert not layout.run(ORPHAN).exists() and layout.run(TRUNK).exists()
    assert list(layout.leases.iterdir()) == []


def test_forgetting_an_experiment_frees_what_it_does_not_share(layout):
    long = {layout.artifact(recipe) for recipe in (At(TICKET, 600), REWOUND, MASK, LONG)}
    targets = upkeep.collectable(Inventory(layout.root, without=Study(1).key))
    assert {target.path for target in targets} == long
    upkeep.forget(layout, Study(1).key)
    assert {target.path for target in upkeep.collectable(Inventory(layout.root))} == long


@pytest.mark.parametrize("run", [TICKET, ORPHAN])
def test_what_a_live_lease_protects_is_not_listed_and_not_removed(layout, run):
    write(layout, At(ORPHAN, 7))
    recovery = write(layout, At(run, 70), layout.recovery(run))
    age(recovery, 2 * upkeep.RESUME_SECONDS)
    before = [t for t in upkeep.collectable(Inventory(layout.root)) if t.run == run.key]
    assert recovery in [target.path for target in before]
    with leases.acquire(layout.leases, run.key):
        inventory = Inventory(layout.root)
        assert [t for t in upkeep.collectable(inventory) if t.run == run.key] == []
        assert inventory.trainer(run.key) == leases.holder(layout.leases, run.key)
        assert upkeep.remove(layout, before) == before
        assert recovery.exists()
    assert upkeep.remove(layout, before) == [] and not recovery.exists()


def test_the_lease_of_a_dead_process_protects_nothing(layout):
    code = (
        "import os, pathlib, sys; from lth_tf.store import leases;"
        "leases.acquire(pathlib.Path(sys.argv[1]), sys.argv[2]); os._exit(0)"
    )
    write(layout, At(ORPHAN, 7))
    subprocess.run([sys.executable, "-c", code, layout.leases, ORPHAN.key], check=True)
    age(layout.leases / f"{ORPHAN.key}.lease", 2 * 3600)
    targets = upkeep.collectable(Inventory(layout.root))
    assert names(targets) == ["at-000000007.state"]
    assert upkeep.remove(layout, targets) == []
    assert not layout.run(ORPHAN).exists()


def test_recovery_states_and_temporary_files_rest_for_a_day(layout):
    recovery = write(layout, At(TICKET, 70), layout.recovery(TICKET))
    temporary = files.temporary_name(layout.artifact(MASK))
    temporary.write_bytes(b"half")
    assert upkeep.collectable(Inventory(layout.root)) == []
    for path in (recovery, temporary):
        age(path, upkeep.RESUME_SECONDS + 60)
    assert names(upkeep.collectable(Inventory(layout.root))) == names(
        [upkeep.Target(path, "", None, 0) for path in (recovery, temporary)]
    )


def test_damaged_files_can_go_and_an_unreadable_state_is_left_to_its_reader(layout):
    moved = files.set_aside(layout.artifact(SHORT), layout.root)
    layout.artifact(END).write_bytes(b"nonsense")
    targets = upkeep.collectable(Inventory(layout.root))
    assert [target.path for target in targets] == [moved]
    upkeep.remove(layout, targets)
    assert not moved.exists() and layout.artifact(END).exists()


def test_verify_sets_aside_what_is_damaged_and_says_so(layout, caplog):
    assert list(upkeep.damaged(Inventory(layout.root))) == []
    journal.append(layout.journal(TRUNK), {"first_step": "none"})
    hit = [layout.artifact(recipe) for recipe in (END, MASK, SHORT)]
    for path in hit:
        path.write_bytes(path.read_bytes()[:-1])
    temporary = files.temporary_name(hit[0])
    temporary.write_bytes(b"half")
    found = list(upkeep.damaged(Inventory(layout.root)))
    assert sorted(error.path for error, _ in found) == sorted(hit)
    assert all(moved.parent.name == "damaged" and moved.exists() for _, moved in found)
    assert not any(path.exists() for path in hit) and temporary.exists()
    assert "1 damaged entry" in caplog.text


def test_verify_lets_a_run_that_is_being_trained_alone(layout):
    layout.artifact(END).write_bytes(b"not whole yet")
    with leases.acquire(layout.leases, TRUNK.key):
        assert list(upkeep.damaged(Inventory(layout.root))) == []
    assert len(list(upkeep.damaged(Inventory(layout.root)))) == 1
