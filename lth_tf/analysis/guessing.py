"""Runs at chance, and those that diverged counted as guessing, as sgd_noise counts them."""

from collections.abc import Mapping

from lth_tf.analysis.criteria import is_at_chance
from lth_tf.log.schema import Row


def with_guesses(rows: list[Row], classes: Mapping[str, int]) -> list[Row]:
    """Returns rows, those that diverged with the test error of guessing (sgd_noise table 2).

    Of a search that diverged there is no mask: such tickets have the density of their level.

    Args:
      classes: how many classes a dataset has, by its name; rows of others stay as they are.
    """
    densities = {row["level"]: row["density"] for row in rows if row["density"] is not None}
    return [_guessing(row, classes, densities) if row["status"] == "diverged" else row
            for row in rows]  # fmt: skip


def _guessing(row: Row, classes: Mapping[str, int], densities: Mapping[int, float]) -> Row:
    count, density = classes.get(evaluated(row)), densities.get(row["level"])
    if count is None or density is None:
        return row
    return row | {"status": "done", "test_error": 1 - 1 / count, "density": density}


def stayed_at_chance(row: Row, classes: Mapping[str, int], tests: int) -> bool:
    """Returns whether a run has the test error of guessing, or diverged (sgd_noise table 2).

    Args:
      classes: how many classes a dataset has, by its name; of others no run is at chance.
      tests: how many images it was tested on.
    """
    count = classes.get(evaluated(row))
    if count is None:
        return False
    return row["status"] == "diverged" or is_at_chance(row["test_error"], count, tests)


def evaluated(row: Row) -> str:
    """Returns the name of the dataset that a row is about, without what was altered in it."""
    return str(row["axes"].get("target", row["dataset"])).partition(",")[0]
