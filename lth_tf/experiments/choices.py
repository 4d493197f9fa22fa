"""Choices: values that an experiment decides on the way, by numbers that it measured.

A chain is a generator that yields requests and, where it must, a `Choice`; it is resumed with the
option that was chosen, a plain number in the recipes that follow (docs/extending.md). A decision is
a function of numbers in the store, so that every process makes the same one.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lth_tf.measurements import Measurement
from lth_tf.recipes import Numbers, RecipeError

if TYPE_CHECKING:
    from lth_tf.experiments.experiment import Experiment, Request

Option = float | int | str
Chain = Generator["Request | Choice", Any, None] | Iterator["Request"]


@dataclass(frozen=True)
class Choice:
    """A value that measurements decide.

    Attributes:
      about: a name of the value, for messages.
      measurements: the measurements it rests on; a request of the same chain asks for each.
      options: the values to choose from, plain literals.
      decide: a pure function from the numbers of the measurements, in order, to an option.
      costliest: the option after which most is left to train.

    Raises:
      RecipeError: `costliest` is none of the options.
    """

    about: str
    measurements: tuple[Measurement, ...]
    options: tuple[Option, ...]
    decide: Callable[[Sequence[Numbers]], Option]
    costliest: Option

    def __post_init__(self) -> None:
        self._check(self.costliest)

    def option(self, numbers: Sequence[Numbers]) -> Option:
        """Returns the option that the numbers decide for.

        Raises:
          RecipeError: `decide` returns none of the options.
        """
        chosen = self.decide(numbers)
        self._check(chosen)
        return chosen

    def _check(self, chosen: Option) -> None:
        if chosen not in self.options:
            raise RecipeError(f"{self.about} is {chosen!r}; options: {self.options}")


class Ended(Exception):
    """A chain ends here: a network that a choice rests on diverged."""


# Returns the option of a choice; None if its measurements are not there yet; or raises Ended.
Decide = Callable[[Choice], Option | None]


class OpenChain:
    """A chain that goes on as its choices are decided.

    Attributes:
      choice: the choice that it waits for; None if it waits for none.
    """

    def __init__(self, chain: Chain) -> None:
        self.choice: Choice | None = None
        self._chain: Any = chain
        self._requested: set[Measurement] = set()

    def advance(self, decide: Decide) -> list["Request"]:
        """Returns the next requests, up to the first choice that is not decided yet.

        Raises:
          RecipeError: no request measures the numbers that a choice rests on.
        """
        requests: list[Request] = []
        try:
            while True:
                if self.choice is None:
                    item = next(self._chain)
                elif (option := decide(self.choice)) is not None:
                    item = self._chain.send(option)
                else:
                    return requests
                self.choice = item if isinstance(item, Choice) else None
                if self.choice is None:
                    self._requested.add(item.measurement)
                    requests.append(item)
                elif missing := {*self.choice.measurements} - self._requested:
                    raise RecipeError(
                        f"{self.choice.about} rests on {missing.pop()}, which its chain does not "
                        "request before"
                    )
        except StopIteration:
            self.choice = None
        except Ended:
            self.choice = None
            self._chain.close()
        return requests


@dataclass
class ExpectedRequests:
    """The requests of a chain: those that are certain, and at most those after an open choice.

    Attributes:
      certain: the requests before the first choice that is not decided.
      uncertain: the requests after it, if every choice takes its costliest option.
      choices: how many choices are open on that way.
    """

    certain: list["Request"] = field(default_factory=list)
    uncertain: list["Request"] = field(default_factory=list)
    choices: int = 0

    @property
    def requests(self) -> list["Request"]:
        """The requests, the uncertain ones last."""
        return self.certain + self.uncertain


def undecided(choice: Choice) -> None:
    """Decides nothing, so that a chain counts as the costliest it can be."""


def expected_requests(chain: Chain, decide: Decide) -> ExpectedRequests:
    """Returns the requests of a new chain; from its first open choice on, in the costliest way.

    After that no numbers are looked up: those of the same name would be another network's.
    """
    opened, expected = OpenChain(chain), ExpectedRequests()

    def costliest(choice: Choice) -> Option:
        expected.choices += 1
        return choice.costliest

    expected.certain = opened.advance(decide)
    if opened.choice is not None:
        expected.uncertain = opened.advance(costliest)
    return expected


def requests_at_most(experiment: "Experiment") -> Iterable["Request"]:
    """Yields all that an experiment asks for, in the costliest way where choices are open."""
    for chain in experiment.chains():
        yield from expected_requests(chain, undecided).requests
