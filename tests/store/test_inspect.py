"""The store command: what is there, why, and what can go; on small stores made by hand."""

from pathlib import Path

import pytest
from inspect_example import (
    END,
    HPARAMS,
    LONG,
    MASK,
    MODEL,
    ORPHAN,
    REWOUND,
    SHORT,
    TASK,
    TICKET,
    TRUNK,
    Study,
    make,
    record,
    write,
)

from lth_tf.measurements import Evaluate
from lth_tf.recipes import At, Init, Magnitude, Ones, Prune, Train, train
from lth_tf.store import artifacts, files, journal, reports, upkeep
from lth_tf.store.files import StoreError
from lth_tf.store.inspect import Inventory, state_key, unique_key


@pytest.fixture
def layout(tmp_path):
    return make(tmp_path / "store", (0, SHORT), (1, LONG))


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
    with pytest.raises(StoreError, match="^an empty key names no recipe"):
        unique_key(keys[:1], "", "recipe")  # As of a variable that a shell does not know.
    expected = "^'ab' is the beginning of 9 keys: ab00000000, .*, ab04000000 and 4 more$"
    with pytest.raises(StoreError, match=expected):
        unique_key(keys, "ab", "recipe")


def test_explain_an_experiment_by_the_key_of_its_configuration(layout):
    text = reports.explanation(Inventory(layout.root), Study(1).short_key)
    title, workdir, measurements = text.split("\n\n")
    assert title == f"experiment Study\nkey {Study(1).key}"
    assert workdir == f"workdir\n  {(layout.root / 'work1').resolve()}"
    assert measurements.startswith(f"measurements\n  {LONG.short_key}  evaluating step 600 of run ")
