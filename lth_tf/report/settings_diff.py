"""The settings of a log's rows that differ from those of a paper's gin file."""

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from lth_tf.analysis.densities import FRACTION
from lth_tf.analysis.points import hashable
from lth_tf.analysis.variants import SCORE, in_words
from lth_tf.log.schema import Row, kinds
from lth_tf.report.paper import PaperNetwork

# The values that each setting and label has in the paper's file, None where a row has no such
# setting; by (kind of row, kind of network).
SettingsByKind = Mapping[tuple[str, str], Mapping[str, set[Any]]]
# Those of a network of the paper; None where no file is shipped for it.
Expectations = Callable[[PaperNetwork], SettingsByKind | None]

# Settings that only change how sums are rounded, and the bytes of a dataset: a copy passes for it.
_IGNORED = (".threads", ".xla", ".fingerprint")


class Difference(NamedTuple):
    """A setting in which rows differ from the paper.

    Attributes:
      name: of the setting; '' where nothing is known.
      ours, papers: the values, in words.
    """

    name: str
    ours: str = ""
    papers: str = ""

    def __str__(self) -> str:
        if not self.name:
            return self.ours
        return f"{self.name} = {self.ours}, the paper's file has {self.papers}"


UNKNOWN = Difference("", "settings not known: rows of schema 1 and 2 do not have them")
NOT_COMPARED = Difference("", "settings not compared, as no gin file is shipped for the network")


def settings_of(row: Row) -> dict[str, Any]:
    """Returns the settings of a row, with those labels of its kind that are settings."""
    own = {f.name: row[f.name] for f in kinds()[row["kind"]].labels if not f.selects}
    return {**row["settings"], **own}


def collect(rows: Iterable[tuple[str, str, Mapping[str, Any]]]) -> SettingsByKind:
    """Returns the values that settings have in rows: (kind, network, settings) each."""
    by_kind: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for kind, network, settings in rows:
        variants = by_kind.setdefault((kind, network), [])
        if settings not in variants:
            variants.append(settings)
    return {
        place: {
            name: {hashable(settings.get(name)) for settings in variants}
            for name in dict.fromkeys(itertools.chain.from_iterable(variants))
        }
        for place, variants in by_kind.items()
    }


def settings_diff(
    rows: Iterable[Row], expected: SettingsByKind | None, density: float | None = None
) -> tuple[Difference, ...]:
    """Returns the settings that are not as in the paper's file.

    Which samples, steps and levels were asked for is no setting; nor is what only changes how sums
    are rounded. Kinds of row that the file does not ask for are held to what they have in common
    with those that it does.

    Args:
      rows: of one network of the paper.
      expected: of the network.
      density: the share of weights left at which the paper shows it. Networks that are pruned once
        may be so by any fraction, unless the file's fraction leaves another share, as it prunes
        again and again.
    """
    rows = list(rows)
    if any(not row["settings"] or "configuration" in row["settings"] for row in rows):
        return (UNKNOWN,)
    if expected is None:
        return (NOT_COMPARED,)
    once = max(row["level"] for row in rows) < 2 and _prunes_once(expected, density)
    differences: dict[str, Difference] = {}
    ours = collect((r["kind"], r["network"], settings_of(r)) for r in _distinct(rows))
    for (kind, network), values in ours.items():
        papers = expected.get((kind, network))
        common = papers or _nearest(expected, network)
        for name in {**values, **common} if papers else set(values) & set(common):
            ignored = name.endswith(_IGNORED) or (once and name == FRACTION)
            # Of a kind of network that the file does not have, its name says how it was ranked.
            ignored |= name == SCORE and not any(known == network for _, known in expected)
            other = values.get(name, {None}) - common.get(name, {None})
            # A state that nothing was trained from has no rate.
            other -= {None} if name in values else set()
            if other and not ignored:
                difference = Difference(name, _words(other), _words(common.get(name, {None})))
                differences.setdefault(name, difference)
    return tuple(differences[name] for name in sorted(differences))


def _prunes_once(expected: SettingsByKind, density: float | None) -> bool:
    fractions = {f for values in expected.values() for f in values.get(FRACTION, ()) if f}
    return density is None or any(math.isclose(1 - f, density, rel_tol=0.01) for f in fractions)


def _distinct(rows: list[Row]) -> Iterable[Row]:
    """Returns a row of each kind, network and settings; many share settings (see points.once)."""
    seen: dict[tuple, Row] = {}
    for row in rows:
        labels = tuple(str(row.get(f.name)) for f in kinds()[row["kind"]].labels)
        seen.setdefault((row["kind"], row["network"], id(row["settings"]), labels), row)
    return seen.values()


def _nearest(expected: SettingsByKind, network: str) -> Mapping[str, set[Any]]:
    """Returns the settings that the paper's file has for a kind of network in any kind of row."""
    own = [values for (_, each), values in expected.items() if each == network]
    return (own or [*expected.values(), {}])[0]


def _words(values: set[Any]) -> str:
    return " or ".join(sorted(map(in_words, values)))
