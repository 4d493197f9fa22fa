"""The lines of lmc's figures, and how many samples they are of.

Pairs are of every two of three noise samples, runs of all three: captions say nine samples in
total, section 2 three runs of each initialisation. One row of each initialisation is enough of what
copies start from and of the way to one end (figs 11 to 13), and where a caption counts
initialisations alone, which levels of a search are enough for (figs 10, 16, 18 and 24).
"""

from typing import Any, Literal

from lth_tf.figures.style import NAMES
from lth_tf.report.paper import Line

_SPARSE = ("imp", "random_pruning", "random_reinitialization")
_BOTH = ("imp", "random_pruning")


def _lines(
    each: Literal["run", "pair", "one"], *networks: str, several_k: bool = True, **fields: Any
) -> tuple[Line, ...]:
    """A line for each kind of network."""
    return tuple(
        Line(NAMES[network], {"network": network, **fields}, each, several_k)
        for network in networks
    )


def _clocks() -> tuple[Line, ...]:
    clocks = {"absolute": "the remaining T - k steps", "restarted": "T steps"}
    return tuple(Line(name, {"schedule": clock}, "pair") for clock, name in clocks.items())


def _distances(network: str) -> tuple[Line, ...]:
    return (
        Line("from initialisation to k", _between(network, "initialization_to_k"), "one"),
        Line("from k to the end", _between(network, "k_to_end"), "one"),
        Line("between ends", _between(network, "end_to_end"), "pair"),
    )


def _between(network: str, between: str) -> dict[str, object]:
    return {"network": network, "between": between}


def _onsets() -> tuple[Line, ...]:
    """Steps from which subnetworks are stable, and matching (fig. 9)."""
    found: list[Line] = []
    for network in _BOTH:
        name, of = NAMES[network], {"network": network}
        found.append(Line(f"{name}, stable", {**of, "kind": "instability"}, "pair"))
        found.append(Line(f"{name}, matching", {**of, "kind": "evaluation"}, "run"))
    return (*found, *_band("run", kind="evaluation"))


def _band(each: Literal["run", "one"], **fields: Any) -> tuple[Line, ...]:
    """The dense network from k = 0, which others are held against."""
    return _lines(each, "dense", several_k=False, rewind_step=0, **fields)


LINES: dict[str, tuple[Line, ...]] = {
    "Figure 2": _lines("pair", "dense", several_k=False),
    "Figure 3": _lines("pair", "dense"),
    "Figure 4": _clocks(),
    "Figure 5": _lines("pair", *_SPARSE, several_k=False),
    "Figure 6": _lines("pair", *_SPARSE),
    "Figure 7": _lines("run", *_SPARSE) + _band("run"),
    "Figure 8": _lines("run", *_SPARSE) + _band("run"),
    "Figure 9": _onsets(),
    "Figure 10": (
        *_lines("one", "imp"),
        *_lines("one", "dense", *_SPARSE[1:], several_k=False, rewind_step=0),
    ),
    "Figure 11": _lines("one", "dense", several_k=False),  # the line is along training
    "Figure 12": _distances("dense"),
    "Figure 13": _distances("imp"),
    "Figure 14": _lines("pair", "dense", "imp"),
    "Figure 15": _lines("pair", *_BOTH),
    "Figure 16": _lines("one", *_BOTH) + _band("one"),
    "Figure 17": _lines("pair", *_BOTH),
    "Figure 18": _lines("one", *_BOTH) + _band("one"),
    "Figure 19": _lines("pair", "dense"),
    "Figure 20": _lines("pair", "imp"),
    "Figure 21": _lines("pair", "random_pruning"),
    "Figure 22": _lines("pair", "random_reinitialization"),
    "Figure 23": _lines("pair", "imp"),
    "Figure 24": _lines("one", "imp"),
    "Figure 25": _lines("pair", "dense"),
    "Figure 26": _lines("pair", *_SPARSE),
    "Figure 27": _lines("pair", "dense"),
    "Figure 28": _lines("pair", *_SPARSE),
    **{
        f"Figure {number}": tuple(
            line for network in NAMES for line in _lines("pair", network, against=network)
        )
        for number in range(29, 33)
    },
}
