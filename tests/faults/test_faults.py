"""A sweep with two workers, and all that can go wrong around it: no number and no row is lost.

The table in docs/faults.md has more tries of each; tests/faults/table.py makes it.
"""

import pytest
from places import NoMount
from trials import FAULTS, Trials


@pytest.fixture(scope="module")
def trials(bench, reference, tmp_path_factory):
    """Where the faults are tried."""
    return Trials(bench, reference, tmp_path_factory.mktemp("trials"))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault(fault, trials):
    # Seed 1: for damaged files, that of a sweep which was killed in the middle.
    try:
        assert trials.run(fault, seed=1).defects == []
    except NoMount as error:
        pytest.skip(str(error))
