"""lth-store: what it prints, removes and refuses."""

import in_this_process
import pytest
from inspect_example import END, LONG, ORPHAN, SHORT, TICKET, Study, make, record, write

from lth_tf.recipes import At
from lth_tf.store import format_file
from lth_tf.store.files import StoreError
from lth_tf.store.inspect import Inventory


@pytest.fixture
def layout(tmp_path):
    return make(tmp_path / "store", (0, SHORT), (1, LONG))


def command(*arguments):
    return in_this_process.run("store", *arguments)


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
