"""In what the runs of a log depart from a paper's gin file, by their resolved configurations."""

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lth_tf.report.paper import Network

# Bindings by name, 'Task.test_split', without scopes and macros; values as Python writes them.
Bindings = Mapping[str, str]
# Those of resolved configurations, by their keys.
Settings = Mapping[str, Bindings]

UNKNOWN = "settings not known, as the workdir has no resolved configuration of theirs"
NOT_COMPARED = "settings not compared, as no gin file of the paper's describes this experiment"

_HEAD = re.compile(r"# Resolved configuration ([0-9a-f]{64})")
_STATEMENT = re.compile(r"^([\w./]+) = (.*(?:\n[ \t].*)*)", re.MULTILINE)

# Which samples, and what is measured of which networks when: rows say it, and a report says what
# of it is in hand and missing.
_ASKED_FOR = frozenset(
    (
        *("initializations", "noises", "copies", "trunk_noise"),
        *("rewind_steps", "levels", "networks", "functions", "schedule"),
        *("compare_every", "evaluate_at", "evaluate_every"),
    )
)
_ASKED_FOR_OF_SEARCH = frozenset(("MaskSearch.levels", "MaskSearch.noise"))
_ROUNDING = frozenset(("Hparams.threads", "Hparams.xla"))
_NO_DEPARTURES = _ASKED_FOR_OF_SEARCH | _ROUNDING


@dataclass(frozen=True)
class Expected:
    """What the paper's gin file of a network resolves to, for one kind of experiment.

    Attributes:
      bindings: all of them.
      defaults: names of those whose value is the default of their class.
    """

    bindings: Bindings
    defaults: frozenset[str] = frozenset()


# Of a network of the paper, by the name of an experiment in rows; None where no file has it.
Expectations = Callable[[Network, str], Expected | None]


def settings_of(workdir: Path) -> Settings:
    """The resolved configurations that a workdir holds, by key; a damaged file is passed over."""
    found = {}
    for path in sorted((workdir / "configurations").glob("*.gin")):
        text = path.read_text(errors="replace")
        if head := _HEAD.search(text):
            found[head[1]] = bindings(text)
    return found


def bindings(text: str) -> dict[str, str]:
    """The bindings of a resolved gin text, its macros replaced by their values."""
    found = dict(_STATEMENT.findall(text))
    macros = {f"%{name}": value for name, value in found.items() if "." not in name}
    return {
        ".".join(name.rpartition("/")[2].split(".")[-2:]): _value(value, macros)
        for name, value in found.items()
        if "." in name
    }


def _value(text: str, macros: Mapping[str, str]) -> str:
    """A value as Python writes it: the same text for the same value, however it was written."""
    for _ in macros:  # one may stand for another
        text = re.sub(r"%[\w./]+", lambda name: macros.get(name[0], name[0]), text)
    text = text.replace("\\\n", "").strip()
    try:
        return repr(_plain(ast.literal_eval(text)))
    except (ValueError, TypeError, SyntaxError):  # a reference
        return re.sub(r"@(?:\w+/)*", "@", " ".join(text.split()))


def _plain(value: object) -> object:
    """A value as recipes have it, lists as tuples; whole numbers are integers."""
    if isinstance(value, list | tuple):
        return tuple(map(_plain, value))
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value


def departures(
    bound: Bindings | None, expected: Expected | None, experiment: str
) -> tuple[str, ...]:
    """Every setting that changes a number and is not as in the paper's file, as a phrase each.

    What is no departure: which initialisations, noise seeds, steps k, levels (of one-shot pruning
    densities, which its fraction says), networks and functions were asked for, on which clock
    (restarted rows are told apart), and what only changes how sums are rounded, Hparams.threads
    and Hparams.xla; but Hparams.precision is one. A field that a configuration of an earlier
    version lacks is one, too, unless the paper's file has its default.

    Args:
      bound: the configuration's bindings; None where it is not known, which is a departure, too.
      expected: of the paper's file; None likewise.
      experiment: the name in rows; fields of the experiment are named without it, as they are
        the same in all kinds.
    """
    if bound is None or expected is None:
        return (UNKNOWN if bound is None else NOT_COMPARED,)
    classes = _classes(bound) & _classes(expected.bindings)
    one_shot = is_one_shot((bound, expected.bindings))
    names = sorted({*bound, *expected.bindings})
    phrases = (
        _departure(name, _short(name, experiment), bound, expected)
        for name in names
        # What has another class is named with all its fields, where it is referred to.
        if name.partition(".")[0] in classes and _counts(name, experiment, one_shot)
    )
    return tuple(filter(None, phrases))


def _classes(bound: Bindings) -> set[str]:
    return {name.partition(".")[0] for name in bound}


def _short(name: str, experiment: str) -> str:
    owner, _, field = name.partition(".")
    return field if owner.lower() == experiment else name


def _counts(name: str, experiment: str, one_shot: bool) -> bool:
    """Whether another value of a binding is a departure."""
    if one_shot and name == "MaskSearch.fraction":
        return False
    return _short(name, experiment) not in _ASKED_FOR and name not in _NO_DEPARTURES


def is_one_shot(all_bound: Iterable[Bindings]) -> bool:
    """Whether all that search for masks prune once: densities are to them what levels are to IMP.

    What is no search, such as the training of a dense network, has no say.
    """
    return {b["MaskSearch.levels"] for b in all_bound if "MaskSearch.levels" in b} == {"1"}


def _departure(name: str, shown: str, bound: Bindings, expected: Expected) -> str:
    """One binding's, in words; '' where there is none."""
    ours, papers = bound.get(name), expected.bindings.get(name)
    if ours == papers or (ours is None and name in expected.defaults):
        return ""
    if ours is None:
        return f"{shown} not bound, the paper's file has {_shown(papers, expected.bindings)}"
    if papers is None:
        return f"{shown} = {_shown(ours, bound)}, which the paper's file does not have"
    return f"{shown} = {_shown(ours, bound)}, the paper's file has {_name(papers)}"


def _name(value: str) -> str:
    """What a reference refers to; any other value as it is."""
    return value[1:].removesuffix("()") if value.startswith("@") else value


def _shown(value: str | None, bound: Bindings) -> str:
    """A value for people; that of a reference with the fields of what it refers to."""
    if value is None or not value.startswith("@"):
        return str(value)
    owner = _name(value)
    fields = [
        f"{name.partition('.')[2]}={_shown(each, bound)}"
        for name, each in bound.items()
        if name.startswith(f"{owner}.")
    ]
    return f"{owner}({', '.join(fields)})"


def mixed(all_bound: Iterable[tuple[str, Bindings]]) -> list[str]:
    """The settings in which configurations differ from each other, with their values.

    Args:
      all_bound: pairs of the name of an experiment in rows and the bindings of a configuration.
    """
    all_bound = list(all_bound)
    one_shot = is_one_shot(bound for _, bound in all_bound)
    values: dict[str, dict[str, None]] = {}
    for experiment, bound in all_bound:
        for name, value in bound.items():
            if _counts(name, experiment, one_shot):
                values.setdefault(_short(name, experiment), {})[value] = None
    return [
        f"{name} is {' or '.join(sorted(v))}" for name, v in sorted(values.items()) if len(v) > 1
    ]
