"""An adaptive pruning ratio through the binaries: in one process, by two workers, in shards."""

import binaries
import pytest

from lth_tf.log import log

BINDINGS = (
    "STEPS=92",
    "INITIALIZATIONS=(0, 1)",
    "Lenet.widths=(16,)",
    "Constant.rate=0.02",
    "Hparams.xla='off'",
    "Hparams.threads=1",
    "AdaptiveImp.to_density=0.5",
    "AdaptiveImp.alphas=3",
    "AdaptiveImp.examples=200",
    "Sweep.experiments=('AdaptiveImp',)",
)


@pytest.fixture(scope="module")
def flags(digits_folder):
    return [
        "--gin_file=demo/landscape.gin", *binaries.bind(*BINDINGS), f"--data_dir={digits_folder}"
    ]  # fmt: skip


def numbers(work):
    """The bytes of every measurement in a store."""
    found = binaries.files(work / "store")
    return {name: content for name, content in found.items() if name.startswith("measurements/")}


def levels(work):
    """Density and error of every level, by initialization."""
    rows, report = log.read(work)
    assert report.skipped == []
    ends = [row for row in rows if row["kind"] == "evaluation"]
    return {(r["initialization"], r["level"]): (r["density"], r["test_error"]) for r in ends}


@pytest.fixture(scope="module")
def whole(flags, tmp_path_factory):
    work = tmp_path_factory.mktemp("adaptive") / "work"
    binaries.succeed("sweep", *flags, f"--workdir={work}", "--workers=1")
    return work


def test_it_ends_at_the_density_and_nothing_is_left_to_do(whole, flags):
    found = levels(whole)
    for seed in (0, 1):
        densities = [density for (i, _), (density, _) in found.items() if i == seed]
        assert min(densities) <= 0.501 < sorted(densities)[1] and max(densities) == 1
    after = binaries.succeed("sweep", *flags, f"--workdir={whole}", "--dry_run")
    assert "training      none" in after and "at most" not in after


# The driver is that of lth-onset, which is tried in these ways in every run of the tests.
@pytest.mark.faults
@pytest.mark.parametrize("way", ["two workers", "shards"])
def test_it_decides_alike_however_it_is_run(whole, flags, tmp_path, way):
    work = tmp_path / "work"
    for index in (1, 0) if way == "shards" else (0,):
        shard = [f"--shard_index={index}", "--num_shards=2"] if way == "shards" else []
        more = ["--workers=2"] if way == "two workers" else []
        binaries.succeed("sweep", *flags, f"--workdir={work}", *more, *shard)
    assert levels(work) == levels(whole) and numbers(work) == numbers(whole)
