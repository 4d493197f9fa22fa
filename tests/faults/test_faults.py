"""A sweep with two workers, and all that can go wrong around it: no number and no row is lost.

The table in docs/faults.md has more tries of each; tests/faults/table.py makes it.
"""

import pytest
from places import NoMount
from trials import FAULTS, Trials, chains

KILLS = 8


@pytest.fixture(scope="module")
def trials(bench, reference, tmp_path_factory):
    """Where the faults are tried."""
    return Trials(bench, reference, tmp_path_factory.mktemp("trials"))


def test_left_in_peace_it_trains_every_step_once(reference):
    assert len(reference.rows) == 30 and reference.steps == 2 * (20 + 11 * 140)
    assert sum(name.startswith("runs") for name in reference.artefacts) == 2 * 12


def test_kill_9_at_random_moments(bench, reference, tmp_path):
    found = chains(bench, reference, tmp_path / "killed", seed=0, wanted=KILLS)
    assert [defect for chain in found for defect in chain.verdict.defects] == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault(fault, trials):
    # Seed 1: for damaged files, that of a sweep which was killed in the middle.
    try:
        assert trials.run(fault, seed=1).defects == []
    except NoMount as error:
        pytest.skip(str(error))
