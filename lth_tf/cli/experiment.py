"""The shape of a command that runs one kind of experiment, such as lth-imp."""

from collections.abc import Callable

import lth_tf.cli.app


def command(module: str, kind: type) -> Callable[[], None]:
    """Returns the function of a console command that runs one kind of experiment.

    Args:
      module: the name of the module that the command is in, whose docstring --help prints.
      kind: the experiment's class.
    """

    def main(argv: list[str]) -> None:
        lth_tf.cli.app.run_experiment(kind)

    main.__module__ = module
    return lth_tf.cli.app.command(main, lth_tf.cli.app.define_experiment_flags)
