"""What workers say while they are at a job, and how it ended."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ready:
    """The worker is up; it may have been waiting for a place to be."""


@dataclass(frozen=True)
class Trained:
    """Some steps were taken.

    Attributes:
      program: of the run (lth_tf.recipes.Train.program).
      steps: how many.
      seconds: in what time.
      description: the run, its step and its loss, for people.
    """

    program: str
    steps: int
    seconds: float
    description: str


@dataclass(frozen=True)
class Made:
    """A target is in the store."""

    key: str


@dataclass(frozen=True)
class Doing:
    """What takes time and no steps: measuring, or waiting for a process outside the sweep."""

    description: str


@dataclass(frozen=True)
class Warned:
    """Something that the user should know."""

    text: str


@dataclass(frozen=True)
class Done:
    """Every target is in the store, or its run diverged."""


@dataclass(frozen=True)
class Failed:
    """The job raised an error, which it would raise again.

    Attributes:
      reason: one line.
      ends_sweep: whether every other job would fail of it too, as of a full disk.
    """

    reason: str
    ends_sweep: bool = False


@dataclass(frozen=True)
class Lost:
    """The worker died, whatever it was doing; another one will go on from there."""

    reason: str


Event = Ready | Trained | Made | Doing | Warned | Done | Failed | Lost
