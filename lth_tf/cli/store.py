"""Lists, explains and verifies a store of trained networks.

lth-store --store=DIR list                what is there: runs, states, masks, sizes, users
lth-store --store=DIR explain KEY         why it is there: what it is made from, who uses it;
                                          KEY is the beginning of any key, of a
                                          recipe or of an experiment's configuration
lth-store --store=DIR losses KEY          the loss of every training step of a run, as CSV: of any
                                          run, whatever was measured of it; --png=FILE draws it
lth-store --store=DIR verify              reads everything, sets aside what is damaged: it is made
                                          again when an experiment needs it
lth-store --store=DIR gc                  what no experiment uses, what crashes left behind and
                                          what is damaged; nothing is removed without --yes

An experiment is registered in its store when its binary runs it. What only a script of your own
made is used by no experiment.
"""

import sys
import textwrap
from pathlib import Path

from absl import flags

from lth_tf.analysis import table
from lth_tf.cli import app
from lth_tf.errors import UserError
from lth_tf.store import inspect, records, reports, upkeep

FLAGS = flags.FLAGS


def _define_flags() -> None:
    flags.DEFINE_string("store", None, "Folder of the store, such as WORKDIR/store.", required=True)
    flags.DEFINE_string("png", None, "With losses: draw the curve into this file instead.")
    flags.DEFINE_bool("yes", False, "With gc: remove what is listed.")
    flags.DEFINE_string(
        "forget",
        None,
        "With gc: unregister this experiment first, given by the beginning of its "
        "configuration's key, so that what only it used can go.",
    )


def main(argv: list[str]) -> None:
    """Runs the command that the arguments name."""
    root = Path(FLAGS.store)
    match argv[1:]:
        case ["list"]:
            _print_list(inspect.Inventory(root))
        case ["explain", key]:
            print(reports.explanation(inspect.Inventory(root), key))
        case ["losses", key]:
            _print_losses(inspect.Inventory(root), key, FLAGS.png)
        case ["verify"]:
            _print_damage(inspect.Inventory(root))
        case ["gc"]:
            _print_garbage(root, FLAGS.forget, FLAGS.yes)
        case other:
            raise UserError(
                "the commands are list, explain KEY, losses KEY, verify and gc; given: "
                f"{' '.join(other) or 'nothing'}"
            )


main.takes_arguments = True  # type: ignore[attr-defined]


def _print_list(inventory: inspect.Inventory) -> None:
    """Prints the runs of a store and how much there is of everything."""
    print(table.align(reports.runs(inventory)))
    print()
    print("\n".join([table.align(reports.totals(inventory)), *reports.notes(inventory)]))


def _print_losses(inventory: inspect.Inventory, prefix: str, png: str | None) -> None:
    """Prints or draws the loss curve of the run whose key begins as the argument says."""
    from lth_tf.figures import loss_curve

    key = inspect.unique_key(inventory.runs, prefix, f"run in {inventory.layout.root}")
    record = records.read_all(inventory.layout.run_folder(key), inventory.layout.root)
    if not record.complete:
        known = f"{len(record.steps):,} of {record.last_step - record.first_step:,} steps are known"
        print(f"the record of run {key[:10]} has gaps: {known}", file=sys.stderr)
    curves = record.steps, record.losses, 1 - record.correct.mean(1)
    if png is None:
        print("\n".join(loss_curve.csv_lines(*curves)))
    else:
        text = inventory.recipes[key].text
        print(loss_curve.draw(*curves, textwrap.shorten(text, 100), Path(png)))


def _print_damage(inventory: inspect.Inventory) -> None:
    """Sets the damaged artifacts of a store aside, and prints them."""
    damaged = list(upkeep.damaged(inventory))
    for error, moved in damaged:
        print(f"{error}; set aside as {moved}")
    total = sum(map(len, inventory.paths.values()))
    print(f"{total} files were read, {len(damaged)} of them are damaged and were set aside")
    for line in reports.notes(inventory):
        print(line)


def _print_garbage(root: Path, forget: str | None, yes: bool) -> None:
    """Prints the artifacts that can be removed from a store; removes them if told to."""
    inventory = inspect.Inventory(root)
    if forget is not None:
        known = [document["configuration"] for document in inventory.documents]
        forget = inspect.unique_key(known, forget, f"experiment in {root}")
        inventory = inspect.Inventory(root, without=forget)
    targets = upkeep.collectable(inventory)
    for target in targets:
        print(f"{reports.size(target.size):>9}  {target.path}  {target.reason}")
    total = sum(target.size for target in targets)
    if not yes:
        size = reports.size(total)
        print(f"{len(targets)} files, {size}, can be removed: add --yes to remove them")
        return
    if forget is not None:
        upkeep.forget(inventory.layout, forget)
    kept = upkeep.remove(inventory.layout, targets)
    size = reports.size(total - sum(target.size for target in kept))
    print(f"{len(targets) - len(kept)} of {len(targets)} files, {size} in all, removed")
    for target in kept:
        print(f"kept, as its run is being trained: {target.path}")


run = app.command(main, _define_flags)
