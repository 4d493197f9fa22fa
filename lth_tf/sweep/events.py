"""Events: messages of workers about a job's progress and its end."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ready:
    """The worker is up; it may have waited for a free node."""


@dataclass(frozen=True)
class Trained:
    """Some steps of a run were taken in some seconds; `program` is its Train.program."""

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
    """The worker measures, or waits for a process outside the sweep: time without steps."""

    description: str


@dataclass(frozen=True)
class Warned:
    """The worker's code logged a warning for the user."""

    text: str


@dataclass(frozen=True)
class Done:
    """Every target is in the store, or its run diverged."""


@dataclass(frozen=True)
class Busy:
    """Another process trains a run that the job needs, and the job was not to wait for it."""


@dataclass(frozen=True)
class Failed:
    """The job raised an error, which it would raise again.

    Attributes:
      reason: one line.
      ends_sweep: whether every other job would fail for the same reason, such as a full disk.
    """

    reason: str
    ends_sweep: bool = False


@dataclass(frozen=True)
class Lost:
    """The worker died; another one will continue its job."""

    reason: str


Event = Ready | Trained | Made | Doing | Warned | Done | Busy | Failed | Lost
