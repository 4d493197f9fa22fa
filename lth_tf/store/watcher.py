"""Who is told what the store is doing while it does it."""

from typing import Protocol

import numpy as np

from lth_tf.recipes import Recipe, Train


class Watcher(Protocol):
    """Told what the store is doing; it must not change anything."""

    def trained(self, run: Train, step: int, losses: np.ndarray, seconds: float) -> None:
        """Some steps were taken, up to `step`, with these losses, in this time."""

    def finished(self, run: Train, step: int) -> None:
        """The state that was asked for, at `step`, is in the store."""

    def waiting(self, recipe: Recipe, holder: str) -> None:
        """Another process is making this; it is described by `holder`."""


class Silent:
    """A watcher that takes no notice."""

    def trained(self, run: Train, step: int, losses: np.ndarray, seconds: float) -> None: ...

    def finished(self, run: Train, step: int) -> None: ...

    def waiting(self, recipe: Recipe, holder: str) -> None: ...
