"""In what rows differ from a paper's file, by their settings."""

import pytest
from synthetic import distance, evaluation, instability, settings

from lth_tf.report.settings_diff import (
    NOT_COMPARED,
    UNKNOWN,
    Difference,
    collect,
    settings_diff,
    settings_of,
)


def paper(*rows):
    return collect((row["kind"], row["network"], settings_of(row)) for row in rows)


PAPER = paper(evaluation(), evaluation("dense", level=0), instability())


def test_rows_as_in_the_papers_file_do_not_differ():
    assert settings_diff([evaluation(level=2), instability()], PAPER) == ()


def test_a_difference_names_the_setting_and_both_values():
    fast = evaluation(settings=settings("imp", **{"Constant.rate": 0.5}), level=2)
    (found,) = settings_diff([evaluation(level=2), fast], PAPER)
    assert found == Difference("Constant.rate", "0.5", "0.0012")
    assert str(found) == "Constant.rate = 0.5, the paper's file has 0.0012"


def test_labels_that_are_settings_count_and_states_do_not():
    (found,) = settings_diff([instability(level=2, barrier="from_line_between_ends")], PAPER)
    assert found.name == "barrier"
    # No distance is in the file: it is held to what evaluations of the network have.
    assert settings_diff([distance("k_to_end", level=2)], PAPER) == ()
    other = distance(level=2, settings=settings("imp", **{"Hparams.batch_size": 1}))
    assert [d.name for d in settings_diff([other], PAPER)] == ["Hparams.batch_size"]


@pytest.mark.parametrize("name", ["Hparams.threads", "Hparams.xla", "Task.fingerprint"])
def test_what_only_rounds_and_the_bytes_of_a_dataset_are_no_difference(name):
    row = evaluation(level=2, settings=settings("imp", **{name: "x"}))
    assert settings_diff([row], paper(evaluation(settings=settings("imp", **{name: "y"})))) == ()


def test_the_fraction_of_one_shot_pruning_is_its_density():
    row = settings("imp", **{"MaskSearch.fraction": 0.7})
    assert settings_diff([evaluation(level=1, settings=row)], PAPER) == ()
    (found,) = settings_diff([evaluation(level=2, settings=row)], PAPER)
    assert found == Difference("MaskSearch.fraction", "0.7", "0.2")


def test_pruning_at_once_to_what_the_paper_prunes_to_step_by_step_is_a_difference():
    """The file of a network that is pruned once has the fraction that leaves its density."""
    once = [evaluation(level=1, settings=settings("imp", **{"MaskSearch.fraction": 0.965}))]
    (found,) = settings_diff(once, PAPER, 0.035)
    assert found == Difference("MaskSearch.fraction", "0.965", "0.2")
    at_once = paper(evaluation(settings=settings("imp", **{"MaskSearch.fraction": 0.7})))
    assert settings_diff(once, at_once, 0.3) == ()


def test_a_setting_that_one_side_lacks_is_a_difference():
    more = evaluation(level=2, settings=settings("imp", **{"MaskSearch.scope": "layerwise"}))
    assert settings_diff([more], PAPER) == (Difference("MaskSearch.scope", "layerwise", "-"),)


def test_a_setting_of_some_rows_of_the_file_may_be_lacking():
    later = evaluation(settings=settings("imp", **{"Train.slots": "reset"}))
    both = paper(evaluation(), later)
    assert settings_diff([evaluation(level=2)], both) == ()
    assert settings_diff([later | {"level": 2}], both) == ()


def test_what_is_not_known_is_a_difference():
    assert settings_diff([evaluation(settings={})], PAPER) == (UNKNOWN,)
    assert settings_diff([evaluation(settings={"configuration": "a"})], PAPER) == (UNKNOWN,)
    assert settings_diff([evaluation()], None) == (NOT_COMPARED,)
