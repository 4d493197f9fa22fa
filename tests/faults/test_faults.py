"""A sweep with two workers, killed, and all that can go wrong around it: nothing is lost.

One kill is tried with every run of the tests, all faults by `make faults`: what is damaged, a full
disk and stale leases have cheaper tests of their own. The table in docs/faults.md has more
tries of each; tests/faults/table.py makes it.
"""

import pytest
from kills import LONGEST_CHAIN
from places import NoMount
from trials import FAULTS, Trials, chains


@pytest.fixture(scope="module")
def trials(bench, reference, tmp_path_factory):
    """Where the faults are tried."""
    return Trials(bench, reference, tmp_path_factory.mktemp("trials"))


@pytest.mark.faults
@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_fault(fault, trials):
    # Seed 1: for damaged files, that of a sweep which was killed in the middle.
    try:
        assert trials.run(fault, seed=1).defects == []
    except NoMount as error:
        pytest.skip(str(error))


def test_left_in_peace_it_trains_every_step_once(reference):
    assert len(reference.rows) == 30 and reference.steps == 2 * (20 + 11 * 140)
    assert sum(name.startswith("runs") for name in reference.artifacts) == 2 * 12


@pytest.mark.parametrize("kills", [1, pytest.param(8, marks=pytest.mark.faults)])
def test_kill_9_at_random_moments(kills, bench, reference, tmp_path):
    longest = min(kills, LONGEST_CHAIN)
    found = chains(bench, reference, tmp_path / "killed", 0, kills, longest)
    assert [defect for chain in found for defect in chain.verdict.defects] == []
