"""kill -9 at random moments of a sweep with two workers; docs/faults.md has 100 of them."""

import pytest
from trials import chains


def test_left_in_peace_it_trains_every_step_once(reference):
    assert len(reference.rows) == 30 and reference.steps == 2 * (20 + 11 * 140)
    assert sum(name.startswith("runs") for name in reference.artifacts) == 2 * 12


@pytest.mark.parametrize("kills", [2, pytest.param(8, marks=pytest.mark.faults)])
def test_kill_9_at_random_moments(kills, bench, reference, tmp_path):
    found = chains(bench, reference, tmp_path / "killed", seed=0, wanted=kills)
    assert [defect for chain in found for defect in chain.verdict.defects] == []
