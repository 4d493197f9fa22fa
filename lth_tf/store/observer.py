"""The interface of observers, which the store tells of its progress."""

import numpy as np

from lth_tf.recipes import Train


class Observer:
    """Base of observers of the store's progress, which must not change anything."""

    def trained(self, run: Train, step: int, losses: np.ndarray, seconds: float) -> None:
        """Takes note of training steps up to `step`, with their losses and their time."""

    def finished(self, run: Train, step: int) -> None:
        """Takes note of a requested state that is in the store now."""

    def doing(self, description: str) -> None:
        """Takes note of work without steps that begins: measuring, or waiting for a process."""


class SilentObserver(Observer):
    """An observer that ignores everything."""
