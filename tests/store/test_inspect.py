"""The store command: what is there, why, and what can go; on small stores made by hand."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import in_this_process
import numpy as np
import pytest

from lth_tf.measurements import Evaluate
from lth_tf.recipes import At, Init, Magnitude, Model, Ones, Prune, Recipe, Train, dag, train
from lth_tf.store import (
    artifacts,
    files,
    format_file,
    journal,
    leases,
    records,
    registry,
    reports,
    upkeep,
)
from lth_tf.store.files import StoreError
from lth_tf.store.inspect import Inventory, state_key, unique_key
from lth_tf.store.layout import Layout
from lth_tf.training.batches import Outcomes


@dataclass(frozen=True, eq=False, repr=False)
class Net(Model):
    width: int = 3


@dataclass(frozen=True, eq=False, repr=False)
class Setting(Recipe):
    name: str


@dataclass(frozen=True, eq=False, repr=False)
class Study(Recipe):
    levels: int


MODEL, TASK, HPARAMS = Net(), Setting("task"), Setting("hparams")
TRUNK = train(Init(MODEL, 0), Ones(MODEL), TASK, HPARAMS, noise=0)
REWOUND, END = At(TRUNK, 50), At(TRUNK, 600)
MASK = Prune(END, Ones(MODEL), 0.2, Magnitude(), "global", ())
TICKET = train(REWOUND, MASK, TASK, HPARAMS, noise=1)
SHORT, LONG = (Evaluate(end, TASK) for end in (END, At(TICKET, 600)))
ORPHAN = train(Init(MODEL, 9), Ones(MODEL), TASK, HPARAMS, noise=0)


CONTENT = {
    ".state": {"weights/w": np.ones(5, np.float32)},
    ".mask": {"w": np.ones(5, np.uint8)},
    ".numbers": {"w": np.ones(5)},
}


def write(layout, recipe, path=None):
    """The artifact of a recipe as lth_tf.store.store writes it, with one small array."""
    head = recipe.run if isinstance(recipe, At) else recipe
    header = {"key": head.key, "recipe": head.canonical}
    if isinstance(recipe, At):
        header |= {"step": recipe.step, "updates": 0}
    path = path or layout.artifact(recipe)
    artifacts.write(path, header, CONTENT[path.suffix] if path.stem != "diverged" else {})
    return path


def make(root, *experiments):
    """A store with all artifacts of some experiments, given as (levels, measurement)."""
    format_file.open_root(root)
    layout = Layout(root)
    for levels, measurement in experiments:
        registry.register(layout, Study(levels), root / f"work{levels}", [measurement])
        for recipe in dag(measurement).values():
            if isinstance(recipe, (At, Prune, Evaluate)):
                write(layout, recipe)
    return layout


def record(layout, run, first, last):
    """A segment of a run's record: the loss of a step is its number, half of the bits are set."""
    losses = np.arange(first, last, dtype=np.float32)
    correct = np.tile([True, False], (last - first, 2))
    records.write(layout.run(run), first, [Outcomes(losses, correct)])


def age(path, seconds):
    os.utime(path, times=(time.time() - seconds,) * 2)


def names(targets):
    return sorted(target.path.name for target in targets)


@pytest.fixture
def layout(tmp_path):
    return make(tmp_path / "store", (0, SHORT), (1, LONG))


def command(*arguments):
    return in_this_process.run("store", *arguments)


def test_the_key_of_a_state_is_found_from_the_header_of_its_file(layout):
    for state in (REWOUND, END, At(TICKET, 600)):
        assert state_key(artifacts.read_header(layout.artifact(state))) == state.key


def test_the_states_of_runs_of_another_version_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(Train, "VERSION", 4)
    end = At(train(Init(MODEL, 0), Ones(MODEL), TASK, HPARAMS, noise=0), 600)
    layout = make(tmp_path / "store", (0, Evaluate(end, TASK)))
    assert state_key(artifacts.read_header(layout.artifact(end))) == end.key
    assert upkeep.collectable(Inventory(layout.root)) == []


def test_the_table_of_runs(layout):
    for end, seconds in ((50, 1.5), (600, 10.6)):
        entry = {"first_step": 0, "last_step": end, "seconds": seconds, "program": "p", "utc": ""}
        journal.append(layout.journal(TRUNK), entry)
    heading, *lines = reports.runs(Inventory(layout.root))
    assert heading == ["run", "what it is", "states", "size", "trained", "experiments"]
    assert [[line[i] for i in (0, 1, 2, 4, 5)] for line in lines] == [
        [TRUNK.short_key, "from initialization 0, dense, noise 0", "50 and 600", "12 s", "2"],
        [
            TICKET.short_key,
            f"from step 50 of run {TRUNK.short_key}, prune mask of level 1, noise 1",
            "600",
            "0 s",
            "1",
        ],
    ]
    bytes_of_trunk = sum(p.stat().st_size for p in layout.run(TRUNK).iterdir())
    assert lines[0][3] == reports.size(bytes_of_trunk)


def test_many_states_are_counted_and_a_diverged_run_says_so(layout):
    for step in (100, 200, 1000):
        write(layout, At(TRUNK, step))
    write(layout, At(TICKET, 53), layout.diverged(TICKET))
    table = reports.runs(Inventory(layout.root))
    assert table[1][2] == "50 to 1,000 (5)"
    assert table[2][1].endswith("noise 1, diverged") and table[2][2] == "600"


def test_a_run_that_nobody_registered_is_described_by_its_header(layout):
    write(layout, At(ORPHAN, 7))
    orphan = reports.runs(Inventory(layout.root))[-1]
    assert orphan[0] == ORPHAN.short_key and orphan[-1] == "0"
    assert orphan[1].startswith("Train(first_step=0, hparams=")
    assert f"noise=0, slots='reset', start={ORPHAN.start.short_key}, " in orphan[1]


def test_totals(layout):
    write(layout, At(TICKET, 70), layout.recovery(TICKET))
    record(layout, TICKET, 50, 70)
    files.set_aside(layout.artifact(SHORT), layout.root)
    totals = {name: count for name, count, _ in reports.totals(Inventory(layout.root))}
    assert totals == {
        "kind": "files",
        "states": "3",
        "recovery states": "1",
        "records": "1",
        "masks": "1",
        "measurements": "1",
        "damaged, set aside": "1",
        "all": "8",
        "experiments": "2",
    }


@pytest.mark.parametrize(
    "count, text",
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (4_140_000, "4.1 MB"), (2e9, "2.0 GB"),
     (999_949, "999.9 kB"), (999_950, "1.0 MB"), (999_999_999, "1.0 GB"), (999.95e9, "1.0 TB"),
     (3e12, "3.0 TB"), (5e15, "5000.0 TB")],
)  # fmt: skip
def test_sizes_for_people(count, text):
    assert reports.size(count) == text


def test_explain_a_run(layout):
    entry = {"first_step": 50, "last_step": 600, "seconds": 12.34, "program": "p"}
    entry |= {"device": "abacus", "software": {"numpy": "2.0"}, "utc": "2026-01-02T03:04:05Z"}
    journal.append(layout.journal(TICKET), entry)
    text = reports.explanation(Inventory(layout.root), TICKET.key)
    blocks = dict(block.split("\n", 1) for block in text.split("\n\n"))
    title = f"run {TICKET.short_key} from step 50 of run {TRUNK.short_key}, prune mask of level 1"
    assert blocks[f"{title}, noise 1"] == f"key {TICKET.key}"
    made_from = [line.split()[0] for line in blocks["made from"].splitlines()]
    assert made_from == [child.short_key for child in TICKET.children]
    assert blocks["used directly by"] == (
        f"  {At(TICKET, 600).short_key}  step 600 of run {TICKET.short_key}"
    )
    where = (layout.root / "work1").resolve()
    assert blocks["part of the experiments"] == f"  Study  {Study(1).short_key}  {where}"
    assert [Path(line).name for line in blocks["files"].splitlines()] == [
        "at-000000600.state",
        "journal.jsonl",
    ]
    assert blocks["trained"] == (
        "  2026-01-02T03:04:05Z  steps 50 to 600 in 12.3 s on abacus, numpy 2.0"
    )


def test_explain_a_state_shows_its_own_file_and_all_who_use_it(layout):
    text = reports.explanation(Inventory(layout.root), END.key[:20])
    assert f"step 600 of run {TRUNK.short_key}\nkey {END.key}" in text
    assert str(layout.artifact(END)) in text and str(layout.artifact(REWOUND)) not in text
    users = text.split("used directly by\n")[1].split("\n\n")[0]
    assert {line.split()[0] for line in users.splitlines()} == {SHORT.short_key, MASK.short_key}
    experiments = text.split("part of the experiments\n")[1].split("\n\n")[0]
    assert len(experiments.splitlines()) == 2


@pytest.mark.parametrize("recipe", [MASK, LONG, At(TICKET, 600), TASK], ids=lambda r: type(r))
def test_explain_any_other_recipe(layout, recipe):
    text = reports.explanation(Inventory(layout.root), recipe.key)
    there = "files\n  none" if recipe is TASK else f"  {layout.artifact(recipe)}"
    assert f"key {recipe.key}" in text and there in text


def test_explain_what_nobody_registered(layout):
    lone = Prune(END, Ones(MODEL), 0.5, Magnitude(), "layerwise", ("a", "b"))
    write(layout, lone)
    write(layout, At(ORPHAN, 7))
    inventory = Inventory(layout.root)
    text = reports.explanation(inventory, lone.key)
    assert text.startswith("Prune(exclude=['a', 'b'], fraction=0.5, mask=")
    assert f"{END.short_key}  step 600 of run {TRUNK.short_key}" in text
    assert "part of the experiments\n  none" in text
    assert f"key {At(ORPHAN, 7).key}" in reports.explanation(inventory, At(ORPHAN, 7).key)


def test_long_lists_are_cut(layout):
    masks = [Prune(END, Ones(MODEL), f / 100, Magnitude(), "global", ()) for f in range(1, 31)]
    for mask in masks:
        write(layout, mask)
    assert "\n  and 11 more\n" in reports.explanation(Inventory(layout.root), TRUNK.mask.key)


def test_a_prefix_must_fit_one_key():
    keys = [f"ab{i:02}" + "0" * 60 for i in range(9)]
    assert unique_key(keys, "ab03", "recipe") == keys[3]
    with pytest.raises(StoreError, match="^there is no recipe whose key begins with 'ff'$"):
        unique_key(keys, "ff", "recipe")
    expected = "^'ab' is the beginning of 9 keys: ab00000000, .*, ab04000000 and 4 more$"
    with pytest.raises(StoreError, match=expected):
        unique_key(keys, "ab", "recipe")


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


def test_a_damaged_registry_stops_everything(layout):
    document = layout.experiments / f"{Study(0).key}.json"
    sound = document.read_text()
    changed = (sound.replace("work0", "work1"), sound.replace('"text"', '"texu"'), sound[:-9])
    for content in ("{", "[]", "7", '{"configuration": "x"}', *changed):
        document.write_text(content)
        with pytest.raises(StoreError, match=f"^{document} is damaged, "):
            Inventory(layout.root)


def test_a_folder_that_is_no_store_is_not_made_one(tmp_path):
    for root in (tmp_path, tmp_path / "missing"):
        with pytest.raises(StoreError, match=f"^--store={root}: there is no store of lth_tf here"):
            Inventory(root)
    assert list(tmp_path.iterdir()) == []


def test_what_may_have_been_meant_is_said(layout, tmp_path):
    with pytest.raises(
        StoreError, match=f"no store of lth_tf here; there is one at {layout.root}$"
    ):
        Inventory(tmp_path)
    with pytest.raises(StoreError, match="here, as that is no folder$"):
        Inventory(tmp_path / "nothing")
    (layout.root / "format.json").unlink()
    line = 'looks like one that lost it: write {"store": "lth_tf", "format": 1} into that file'
    for look in (Inventory, format_file.check_root, format_file.open_root):
        with pytest.raises(StoreError, match=line):
            look(layout.root)


def test_explain_an_experiment_by_the_key_of_its_configuration(layout):
    text = reports.explanation(Inventory(layout.root), Study(1).short_key)
    title, workdir, measurements = text.split("\n\n")
    assert title == f"experiment Study\nkey {Study(1).key}"
    assert workdir == f"workdir\n  {(layout.root / 'work1').resolve()}"
    assert measurements.startswith(f"measurements\n  {LONG.short_key}  evaluating step 600 of run ")


def test_a_store_of_a_newer_version_is_refused(layout):
    (layout.root / "format.json").write_text('{"store": "lth_tf", "format": 99}')
    with pytest.raises(StoreError, match="newer version of lth_tf"):
        Inventory(layout.root)


def test_the_command_lists_explains_and_prunes(layout):
    write(layout, At(ORPHAN, 7))
    listed = command(f"--store={layout.root}", "list")
    assert listed.returncode == 0 and TICKET.short_key in listed.stdout, listed
    explained = command("explain", TICKET.short_key, "--store", layout.root)
    assert f"key {TICKET.key}" in explained.stdout, explained
    shown = command(f"--store={layout.root}", "gc")
    assert "no experiment uses it\n1 files, " in shown.stdout and layout.run(ORPHAN).exists(), shown
    removed = command(f"--store={layout.root}", "gc", "--yes", f"--forget={Study(1).short_key}")
    assert removed.stdout.splitlines()[-1].startswith("5 of 5 files, "), removed
    left = {path for _, path in layout.files()}
    assert left == {layout.artifact(END), layout.artifact(SHORT)}
    assert command(f"--store={layout.root}", "gc").stdout.startswith("0 files, 0 B, ")


def test_the_command_prints_and_draws_the_loss_of_every_step(layout, tmp_path):
    record(layout, TICKET, 50, 60)
    record(layout, TICKET, 70, 80)
    printed = command(f"--store={layout.root}", "losses", TICKET.short_key)
    steps = [*range(50, 60), *range(70, 80)]
    lines = ["step,loss,error", *(f"{step},{step},0.5" for step in steps)]
    assert printed.stdout.splitlines() == lines, printed
    gaps = f"the record of run {TICKET.short_key} has gaps: 20 of 30 steps are known\n"
    assert printed.stderr == gaps and printed.returncode == 0
    picture = tmp_path / "losses.png"
    drawn = command(f"--store={layout.root}", "losses", TICKET.key, f"--png={picture}")
    assert drawn.stdout == f"{picture}\n" and picture.read_bytes().startswith(b"\x89PNG"), drawn


def test_the_record_of_a_run_that_nobody_registered(layout):
    record(layout, ORPHAN, 0, 3)
    assert ORPHAN.short_key in command(f"--store={layout.root}", "list").stdout
    printed = command(f"--store={layout.root}", "losses", ORPHAN.short_key)
    assert printed.stdout == "step,loss,error\n0,0,0.5\n1,1,0.5\n2,2,0.5\n", printed


COMMANDS = "error: the commands are list, explain KEY, losses KEY, verify and gc; given: {}"
NO_RECORD = f"error: run {TICKET.short_key} has no record of its steps: it was trained before"


@pytest.mark.parametrize(
    "arguments, line",
    [
        (["lsit"], COMMANDS.format("lsit")),
        ([], COMMANDS.format("nothing")),
        (
            ["explain", "zz"],
            "error: there is no recipe or experiment in {root} whose key begins with 'zz'",
        ),
        (["losses", TICKET.short_key], NO_RECORD),
        (["losses", "zz"], "error: there is no run in {root} whose key begins with 'zz'"),
        (["gc", "--forget=zz"], "error: there is no experiment in {root} whose key begins with"),
    ],
)
def test_what_the_command_cannot_do_is_one_line(layout, arguments, line):
    done = command(f"--store={layout.root}", *arguments)
    assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1
    assert done.stderr.startswith(line.format(root=layout.root))
