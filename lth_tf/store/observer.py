"""Who is told what the store is doing while it does it."""

from typing import Protocol

import numpy as np

from lth_tf.recipes import Train


class Observer(Protocol):
    """Told what the store is doing; it must not change anything."""

    def trained(self, run: Train, step: int, losses: np.ndarray, seconds: float) -> None:
        """Some steps were taken, up to `step`, with these losses, in this time."""

    def finished(self, run: Train, step: int) -> None:
        """The state that was asked for, at `step`, is in the store."""

    def doing(self, description: str) -> None:
        """What begins now takes time and no steps: measuring, or waiting for another process."""


class SilentObserver:
    """A observer that takes no notice."""

    def trained(self, run: Train, step: int, losses: np.ndarray, seconds: float) -> None: ...

    def finished(self, run: Train, step: int) -> None: ...

    def doing(self, description: str) -> None: ...
