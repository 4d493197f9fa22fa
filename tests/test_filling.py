"""What fills a report: commands that work, at the costs that gin files state."""

import pytest

from lth_tf import config, filling
from lth_tf.results import papers
from lth_tf.results.papers.paper import Network, Study
from lth_tf.results.report import Fill

LMC = papers.load("lmc")


def fill(tmp_path, network, study):
    filler = filling.Filler("runs/here", tmp_path / "store", str(tmp_path))
    return filler(LMC.networks[network], LMC.studies[study])


def test_a_file_of_its_own_at_the_cost_that_it_states(tmp_path):
    found = fill(tmp_path, "lenet", "epochs")
    file = "papers/lmc/lenet_epochs_instability.gin"
    assert found.command == f"lth-instability --gin_file={file} --workdir=runs/here"
    shipped = config.shipped_files()
    assert shipped and "Cost: 252 runs, 5,884,200 steps." in (shipped / file).read_text()
    # Nothing is prepared in that folder: the count is the same.
    assert found.cost == "252 runs, 5,884,200 steps; its dataset is not prepared"
    assert found.left == ""


def test_the_row_of_the_table_with_bindings_where_there_is_no_file(tmp_path):
    found = fill(tmp_path, "resnet20_low", "restart")
    assert found.command == (
        "lth-instability --gin_file=papers/lmc/resnet20_low.gin --workdir=runs/here"
        " --gin_bindings=\"Instability.networks = ('dense',)\""
        " --gin_bindings=\"Instability.schedule = 'restarted'\""
    )
    # 3 initialisations: to step 2,000, and 3 copies from each of 5 steps k, of 63,000 steps all.
    assert found.cost.startswith("48 runs, 2,841,000 steps")


def test_without_a_file_there_is_no_command(tmp_path):
    network = Network("unheard_of", "Unheard of", "", "", 1, 0.5)
    filler = filling.Filler("runs/here", tmp_path, None)
    assert filler(network, LMC.studies["state"]) == Fill("")
    assert filler(network, Study("imp", "papers/none/{network}.gin")) == Fill("")


@pytest.mark.parametrize("network", LMC.networks)
def test_every_command_describes_an_experiment(network):
    for study in LMC.studies.values():
        found = filling._files(LMC.networks[network], study)
        assert found, f"no gin file of {network}"
        binary, file, bindings = found
        if binary == "sweep":
            assert config.load_sweep([file], bindings, [])
        else:
            config.load(filling._KINDS[binary], [file], bindings)
