"""Loads the experiment, task or sweep that files and bindings describe."""

import itertools
from collections.abc import Callable, Sequence

from gin import config_parser

from lth_tf import data, experiments
from lth_tf.config.errors import ConfigError, explained
from lth_tf.config.instantiation import (
    check_described,
    check_given,
    join,
    kinds_at,
    make,
    used_by_others,
)
from lth_tf.config.parsing import parse
from lth_tf.config.syntax import Names
from lth_tf.config.unused import check_used
from lth_tf.experiments.requests import Experiment


def load(
    kind: type[Experiment],
    files: Sequence[str],
    bindings: Sequence[str],
    configure: Callable[[int], object] | None = None,
) -> tuple[Experiment, str]:
    """Returns the experiment that the files and bindings describe, and its resolved gin text.

    The text binds every parameter that plays a part, defaults included, and can be given as a gin
    file again.

    Args:
      kind: the experiment's class.
      files: gin files; looked for as given, then among those that come with the package. They
        may import modules that are installed, lie in the current folder, or beside them.
      bindings: such as 'Imp.steps = 100'; they have the last word.
      configure: sets TensorFlow up for Hparams.threads, before a user's own Keras model is built,
        which starts it; lth_tf.training.numerics.configure if None.

    Raises:
      ConfigError: a file is missing; something in it does not parse, does not exist, is not bound
        although needed, or is bound although no experiment of the files uses it; or a binding is
        for another experiment than this one.
      RecipeError: a value of the wrong type or out of range.
    """
    sources = parse(files, bindings, configure=configure)
    check_described(kind, files)
    experiment, text, used = make(kind)
    check_used(f"the experiment {kind.__name__} never uses", sources, used, used_by_others(kind))
    return experiment, text


def kind_of(
    files: Sequence[str],
    bindings: Sequence[str],
    name: str | None,
    configure: Callable[[int], object] | None = None,
) -> type[Experiment]:
    """Returns the kind of experiment that files and bindings describe, a user's own included.

    Args:
      files, bindings, configure: as for `load`.
      name: which one, where they describe several.

    Raises:
      ConfigError: as `load`; or they describe none, several and none is named, or not this one.
    """
    check_given(files)
    parse(files, bindings, configure=configure)
    kinds = {kind.__name__: kind for kind in kinds_at((), ())}
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
    check_given([*files, *bindings, *over])
    found: dict[str, tuple[Experiment, str]] = {}
    sources = parse(files, bindings)
    sweep, _, used = make(experiments.Sweep)
    axes = {axis: alternatives(axis) for axis in (*sweep.over, *over)}
    sources.texts |= {_axis_label(axis): statements[0] for axis, statements in axes.items()}
    for point in itertools.product(*axes.values()):
        at_point = parse(files, bindings, point)
        sources.included |= at_point.included
        for kind in kinds_at(point, sweep.experiments):
            experiment, text, parameters = make(kind)
            found.setdefault(experiment.key, (experiment, text))
            join(used, parameters)
    check_used("no experiment of the sweep uses", sources, used, used_by_others(None))
    return list(found.values())


def alternatives(axis: str) -> list[str]:
    """Returns the statements that an axis of a sweep stands for, one for each of its values.

    Args:
      axis: such as 'Constant.rate = [12e-4, 6e-4]', 'MODEL = [@Lenet(), @Resnet()]', or
        'include = ["models/lenet.gin", "models/resnet20.gin"]' for whole files.

    Raises:
      ConfigError: it is not of this form.
    """
    name, _, values = (part.strip() for part in axis.partition("="))
    with explained(_axis_label(axis)):
        bound = [*config_parser.ConfigParser(f"VALUES = {values or None}", Names())][0].value
    if not name or not isinstance(bound, (list, tuple)) or not bound:
        raise ConfigError(
            f"{_axis_label(axis)}it must be NAME = [VALUE, VALUE, ...], one value or more"
        )
    return [f"{name} {value!r}" if name == "include" else f"{name} = {value!r}" for value in bound]


def _axis_label(axis: str) -> str:
    """Returns the beginning of messages about an axis."""
    return f"axis {axis!r} of the sweep: "
