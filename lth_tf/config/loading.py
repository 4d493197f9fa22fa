"""Loads the experiment, task or sweep that files and bindings describe."""

import itertools
from collections.abc import Callable, Sequence

import gin

from lth_tf import data, experiments
from lth_tf.config.errors import ConfigError
from lth_tf.config.instantiation import described, make
from lth_tf.config.parsing import Source, configure_numerics, parse
from lth_tf.config.syntax import alternatives, axis_label
from lth_tf.config.unused import check_used
from lth_tf.experiments.experiment import Experiment

# Commands of one kind of experiment; lth-run has all others.
_COMMANDS = {
    "Training": "lth-train",
    "Imp": "lth-imp",
    "Instability": "lth-instability",
    "Onset": "lth-onset",
}


def load(
    kind: type[Experiment] | str | None,
    files: Sequence[str],
    bindings: Sequence[str],
    configure: Callable[[int], object] | None = None,
) -> tuple[Experiment, str]:
    """Returns the experiment that the files and bindings describe, and its resolved gin text.

    The text binds every parameter that plays a part, defaults included, and can be given as a gin
    file again.

    Args:
      kind: the experiment's class, or the name of that; None for the only one that is described.
      files: gin files; looked for as given, then among those that come with the package. They
        may import modules that are installed, lie in the current folder, or beside them.
      bindings: such as 'Imp.steps = 100'; they have the last word.
      configure: sets TensorFlow up for Hparams.threads, before a user's own Keras model is built,
        which starts it; lth_tf.training.numerics.configure if None.

    Raises:
      ConfigError: a file is missing; something in it does not parse, does not exist, is not bound
        although needed, or is bound although no experiment of the files uses it; a binding is
        for another experiment than this one; or the files do not describe this one.
      RecipeError: a value of the wrong type or out of range.
    """
    _check_given(files)
    sources = parse(files, bindings, configure=configure or configure_numerics)
    if isinstance(kind, type):
        _check_described(kind, files)
    else:
        kind = _kind_named(kind)
    experiment, text, used = make(kind)
    check_used(f"the experiment {kind.__name__} never uses", sources, used)
    return experiment, text


def _kind_named(name: str | None) -> type[Experiment]:
    """Returns the kind of experiment of a name, or the only one, that the files describe."""
    kinds = {kind.__name__: kind for kind in _kinds_at((), ())}
    if name is None and len(kinds) == 1:
        return [*kinds.values()][0]
    if name not in kinds:
        given = "experiment is missing" if name is None else f"experiment={name}"
        raise ConfigError(f"{given}: the files describe {', '.join(kinds)}; lth-sweep runs all")
    return kinds[name]


def load_task(files: Sequence[str], bindings: Sequence[str]) -> data.Task:
    """Returns the task that files and bindings describe, alone or within an experiment.

    Arguments and errors as for `load`; but what has nothing to do with the task may be bound.
    """
    parse(files, bindings)
    return make(data.Task)[0]


def load_sweep(
    files: Sequence[str], bindings: Sequence[str], over: Sequence[str]
) -> list[tuple[Experiment, str]]:
    """Returns the experiments of a sweep: at each point, every kind that has a model there.

    Experiments that points have in common are there once.

    Args:
      files, bindings: as for `load`; they may bind Sweep.over.
      over: further axes, as `alternatives` takes them; what they say is over the bindings.

    Raises:
      ConfigError: as `load`; or an axis is not one; or a point has no experiment.
    """
    _check_given([*files, *bindings, *over])
    by_key: dict[str, tuple[Experiment, str]] = {}
    sources = parse(files, bindings)
    sweep, _, used = make(experiments.Sweep)
    axes = {axis: alternatives(axis) for axis in (*sweep.over, *over)}
    sources.given.extend(Source(axis_label(axis), axes[axis][0]) for axis in axes)
    # A model that is built at one point starts TensorFlow; only workers need other threads.
    configure: Callable[[int], object] | None = configure_numerics
    for point in itertools.product(*axes.values()):
        sources.included.update(parse(files, bindings, point, configure).included)
        configure = None
        for kind in _kinds_at(point, sweep.experiments):
            experiment, text, parameters = make(kind)
            by_key.setdefault(experiment.key, (experiment, text))
            used |= parameters
    check_used("no experiment of the sweep uses", sources, used)
    return list(by_key.values())


def _check_given(files: Sequence[str]) -> None:
    if not files:
        raise ConfigError(
            "gin_file is missing: the file that describes the experiment, such as demo/imp.gin"
        )


def _check_described(kind: type[Experiment], files: Sequence[str]) -> None:
    """Raises ConfigError if the files describe other experiments than this."""
    names = [other.__name__ for other in described()]
    is_sweep = any(name == "lth_tf.Sweep" for _, name in gin.config._CONFIG)
    if kind.__name__ in names or not (names or is_sweep):
        return
    commands = [_COMMANDS.get(name, f"lth-run --experiment={name}") for name in names]
    given = " ".join(f"gin_file={file}" for file in files)
    raise ConfigError(
        f"{given}: the files describe {', '.join(names) or 'a sweep'}, and no {kind.__name__}; "
        f"their commands: {', '.join([*commands, *(['lth-sweep'] if is_sweep else [])])}"
    )


def _kinds_at(point: Sequence[str], wanted: Sequence[str]) -> list[type[Experiment]]:
    """Returns the wanted ones of the kinds of experiment that a model is bound for, in order."""
    kinds = {kind.__name__: kind for kind in described()}
    if not kinds:
        where = f" at {'; '.join(point)}" if point else ""
        raise ConfigError(f"nothing gives an experiment a model, such as Imp.model{where}")
    if unknown := [name for name in wanted if name not in kinds]:
        raise ConfigError(
            f"Sweep.experiments has {unknown[0]!r}; the files describe {', '.join(kinds)}"
        )
    return [kind for name, kind in kinds.items() if not wanted or name in wanted]
