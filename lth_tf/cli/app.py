"""Flags, errors as one line, and the run of one experiment: shared by all commands."""

import functools
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import absl.app
from absl import flags

import lth_tf
from lth_tf import messages
from lth_tf.cli import devices
from lth_tf.errors import UserError, shortened

if TYPE_CHECKING:
    from lth_tf.experiments.study import Study
    from lth_tf.lab import Lab

FLAGS = flags.FLAGS
# Flags of places to write to, the first of which an error without a path is about.
_WRITTEN = ("workdir", "store", "out")
Main = Callable[[list[str]], Any]


def run(main: Main) -> None:
    """Runs a binary's main; a user's error is one line on stderr and exit code 2."""
    messages.quiet()
    absl.app.run(lambda a: _guarded(main, a), flags_parser=lambda a: _parse(main, a))


def command(main: Main, define_flags: Callable[[], None]) -> Callable[[], None]:
    """Returns the function of a console command, which defines its flags and runs its main."""

    def start() -> None:
        define_flags()
        run(main)

    return start


def experiment_command(module: str, kind: type) -> Callable[[], None]:
    """Returns the function of a console command, of a module, that runs a kind of experiment."""

    def main(argv: list[str]) -> None:
        run_experiment(kind)

    main.__module__ = module  # --help prints its docstring.
    return command(main, define_experiment_flags)


def _guarded(main: Main, argv: list[str]) -> None:
    try:
        if len(argv) > 1 and not getattr(main, "takes_arguments", False):
            raise UserError(f"unexpected argument {argv[1]!r}; this command takes flags only")
        main(argv)
    except BrokenPipeError:
        # The reader of our output has gone, as in `... | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except UserError as error:
        _fail(str(error))
    except OSError as error:
        from lth_tf.store import files

        written = (f"--{name}={FLAGS[name].value}" for name in _WRITTEN if name in FLAGS)
        place = error.filename or next(written, "a file")
        _fail(str(files.store_error("read or write", place, error)))
    except KeyboardInterrupt:
        print("\nstopped; the same command goes on from here", file=sys.stderr)
        sys.exit(130)


def _parse(main: Main, argv: list[str]) -> list[str]:
    if {"--help", "-help", "-h"} & set(argv):
        _guarded(lambda _: print(_help(main)), argv[:1])
        sys.exit(0)
    if "--version" in argv:
        print(f"lth_tf {lth_tf.__version__}")
        sys.exit(0)
    try:
        rest = FLAGS(argv)
        _read_paths()
    except (flags.Error, UserError) as error:
        _fail(str(error))
    return rest


def _read_paths() -> None:
    """Expands ~ in flags that name folders and files; no shell does it after --workdir=."""
    for name in ("workdir", "store", "data_dir", "out", "png"):
        value = FLAGS[name].value if name in FLAGS else None
        if value is None:
            continue
        if not value:
            raise UserError(f"--{name}=: it must be a path; the current folder is .")
        try:
            value.encode()
        except UnicodeEncodeError:
            path = os.fsencode(value).decode(errors="backslashreplace")
            raise UserError(f"--{name}={path}: it must be a path in UTF-8") from None
        FLAGS[name].value = os.path.expanduser(value)


def _fail(message: str) -> NoReturn:
    """Ends the process with a message, which may have any characters, in one line."""
    line = shortened(" ".join(message.split())).encode(errors="backslashreplace").decode()
    name = re.match(r"(\w+)(=|: | is missing)", line)
    if name and name[1] in FLAGS:  # A library names the thing, without the dashes of a flag.
        line = f"--{line}"
    print(f"error: {line}", file=sys.stderr)
    sys.exit(2)


def _help(main: Main) -> str:
    """Returns the binary's own docstring and flags, without the flags of libraries."""
    text = [sys.modules[main.__module__].__doc__ or "", "  --version\n      Print the version."]
    for module, defined in FLAGS.flags_by_module_dict().items():
        if module.startswith("lth_tf"):
            text += [_flag_help(flag) for flag in sorted(defined, key=lambda f: f.name)]
    return "\n".join(text)


def _flag_help(flag: Any) -> str:
    default = "" if flag.default in (None, [], False) else f" (default: {flag.default})"
    name = f"--{flag.name}" + ("" if flag.boolean else "=...")
    text = flag.help.partition(";\n")[0]  # absl adds that a flag may be repeated; so do we
    return f"  {name}\n      {text}{default}"


def define_gin_flags() -> None:
    """Defines the flags that say which experiments, and on which data."""
    flags.DEFINE_multi_string(
        "gin_file",
        [],
        "gin file that describes the experiment; looked for as given, then among those shipped "
        "with the package (such as papers/lmc/lenet.gin). May be repeated.",
    )
    flags.DEFINE_multi_string(
        "gin_bindings", [], "Binding such as 'Imp.steps=100', over the files. May be repeated."
    )
    flags.DEFINE_string("data_dir", None, "Folder of the TFDS datasets; TFDS's own if unset.")


def define_over() -> None:
    """Defines the flag of commands that take many experiments at once."""
    flags.DEFINE_multi_string(
        "over",
        [],
        "Axis of the product: a binding whose value lists the values to take, such as "
        "'REWIND_STEPS=[(0,), (100,)]' or 'include=[\"models/a.gin\", \"models/b.gin\"]'. "
        "May be repeated; Sweep.over in a gin file holds more.",
    )


def define_experiment_flags() -> None:
    """Defines the flags that every experiment's binary has."""
    define_gin_flags()
    flags.DEFINE_string(
        "workdir", None, "Folder of the results: log, figures, TensorBoard events.", required=True
    )
    flags.DEFINE_string(
        "store", None, "Folder of trained networks, shared by experiments; WORKDIR/store if unset."
    )
    flags.DEFINE_enum(
        "strategy",
        "default",
        ["default", "one_device", "mirrored", "multi_worker", "tpu"],
        "How each batch is spread over devices: mirrored over all GPUs of this machine, "
        "multi_worker over the processes that TF_CONFIG lists, each started with this command.",
    )
    flags.DEFINE_string(
        "tpu", None, "With --strategy=tpu: the TPU's name, 'local' on a TPU VM, or grpc://..."
    )
    flags.DEFINE_string("tpu_zone", None, "With --strategy=tpu: the TPU's Google Cloud zone.")
    flags.DEFINE_string("gcp_project", None, "With --strategy=tpu: the TPU's Google Cloud project.")
    flags.DEFINE_integer(
        "iterations_per_loop",
        None,
        "Training steps that a compiled call takes, at most; as many as take about a second if "
        "unset. It changes no number.",
        lower_bound=1,
        upper_bound=1000,
    )
    flags.DEFINE_integer(
        "checkpoint_seconds",
        60,
        "Training that a killed process loses at most, in seconds.",
        lower_bound=1,
    )
    flags.DEFINE_bool("dry_run", False, "Only say what would be trained, and how long that takes.")


def open_lab() -> "Lab":
    """Returns the workdir that the flags name, on the devices that they name."""
    from lth_tf.lab import Lab

    devices.check()
    return Lab(
        FLAGS.workdir,
        FLAGS.store,
        FLAGS.data_dir,
        configure=devices.configure,
        open_engine=devices.open_engine,
        checkpoint_seconds=FLAGS.checkpoint_seconds,
    )


def run_experiment(kind: type | str | None) -> None:
    """Runs one experiment as the flags say: configuration, plan, rows, figures.

    Args:
      kind: the experiment's class, or its name; None for the one that the flags' files describe.
    """
    lab = open_lab()
    study = lab.load(*FLAGS.gin_file, bindings=FLAGS.gin_bindings, experiment=kind)
    threads = study.experiment.hparams.threads
    if FLAGS.dry_run:
        print(lab.plan(study))
    elif devices.follows():
        devices.open_engine(threads).follow()
    else:
        finish(lab, [study], lab.make(study))
        devices.dismiss(threads)


def finish(lab: "Lab", studies: Sequence["Study"], failure: str | None) -> None:
    """Draws the figures, prints the summary and where everything lies; exits with 1 on failure."""
    from lth_tf.analysis.summary import summary
    from lth_tf.figures import standard

    keys = {study.experiment.key for study in studies}
    rows = [row for row in lab.rows() if row["configuration"] in keys]
    standard.notes(rows, functools.partial(print, file=sys.stderr))
    lab.overview(*studies)
    print(summary(rows))
    workdir = lab.workdir
    print(
        f"\nresults      {workdir / 'results'}  (lth-results --workdir={workdir})\n"
        f"figures      {workdir / 'figures'}  (all in the log: lth-figures --workdir={workdir})\n"
        f"TensorBoard  tensorboard --logdir {workdir / 'tensorboard' / 'overview'}\n"
        f"             (beside it: runs, a curve of every run; hparams, a table of networks)\n"
        f"store        {lab.layout.root}"
    )
    if failure:
        print(failure, file=sys.stderr)
        sys.exit(1)
