"""The files of early_phase ask for what its figures show."""

from early_phase_rows import NAMES, PERTURBED

from lth_tf import config
from lth_tf.data import Pretext
from lth_tf.experiments import Perturbed, Pretraining, SparsePretraining, Telemetry, perturbed
from lth_tf.papers.early_phase import kinds


def test_names_are_those_of_the_experiments():
    assert kinds.FOURTEEN == perturbed.FOURTEEN
    assert tuple(kinds.PRETEXTS) == tuple(Pretext.NAMES)
    names = {kinds.pretrained(p, n) for p in kinds.PRETEXTS for n in kinds.LENGTHS}
    assert {*kinds.FOURTEEN, *names} <= set(NAMES)


def test_files_ask_for_what_figures_show():
    network = "papers/early_phase/vgg13.gin"

    def asked(kind, name):
        file = f"papers/early_phase/figures/{name}.gin"
        return config.load(kind, [network, file], [])[0]

    perturbed = asked(Perturbed, "perturbations")
    assert {*PERTURBED} <= {kind.name for kind in perturbed.kinds}
    assert perturbed.rewind_steps == (500, 2000) and perturbed.levels == tuple(range(1, 15))
    pretraining = asked(Pretraining, "pretraining")
    assert (pretraining.epoch, pretraining.lengths) == (781, kinds.LENGTHS)
    assert pretraining.search.noise == 1 and pretraining.schedule == "restarted"
    assert [p.name for p in pretraining.pretexts] == list(kinds.PRETEXTS)
    sparse = asked(SparsePretraining, "sparse_pretraining")
    assert (sparse.length, sparse.rewind_steps, sparse.search.noise) == (40, (500,), 0)
    telemetry = asked(Telemetry, "telemetry")
    assert len(telemetry.at) == 80 and telemetry.levels == (0,) and not telemetry.hessian_at
    assert telemetry.model.norm_scale == "uniform"
    experiments = (perturbed, pretraining, sparse, telemetry)
    assert {each.replicates for each in experiments} == {"own_noise"}
