"""A sweep with two workers, and all that can go wrong around it: no number and no row is lost.

A few faults are tried with every run of the tests, all of them by `make faults`. The table in
docs/faults.md has more tries of each; tests/faults/table.py makes it.
"""

import pytest
from places import NoMount
from trials import FAULTS, Trials


@pytest.fixture(scope="module")
def trials(bench, reference, tmp_path_factory):
    """Where the faults are tried."""
    return Trials(bench, reference, tmp_path_factory.mktemp("trials"))


EVERY = [pytest.param(f, id=f.name, marks=() if f.always else pytest.mark.faults) for f in FAULTS]


@pytest.mark.parametrize("fault", EVERY)
def test_fault(fault, trials):
    # Seed 1: for damaged files, that of a sweep which was killed in the middle.
    try:
        assert trials.run(fault, seed=1).defects == []
    except NoMount as error:
        pytest.skip(str(error))
