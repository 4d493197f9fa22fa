"""From gin files and axes to the experiments of a sweep."""

import itertools

import pytest

from lth_tf import config
from lth_tf.config import ConfigError, alternatives, load_sweep
from lth_tf.experiments import Imp, Instability, Training

DEMO = ["demo/imp.gin"]
SEEDS, STEPS = "INITIALIZATIONS = [(0,), (1,)]", "REWIND_STEPS = [(0,), (10,), (20,)]"


@pytest.mark.parametrize(
    "axis, statements",
    [
        ("Constant.rate = [12e-4, 6e-4]", ["Constant.rate = 0.0012", "Constant.rate = 0.0006"]),
        ("X=[(0,1),'a',None]", ["X = (0, 1)", "X = 'a'", "X = None"]),
        ("MODEL=[@Lenet(), @a/Resnet()]", ["MODEL = @Lenet()", "MODEL = @a/Resnet()"]),
        ("Imp.model=(%ONE, @two)", ["Imp.model = %ONE", "Imp.model = @two"]),
        ("X=[(@Adam(), %Y)]", ["X = (@Adam(), %Y)"]),
        ('include = ["a.gin", "b.gin"]', ["include 'a.gin'", "include 'b.gin'"]),
    ],
)
def test_alternatives(axis, statements):
    assert alternatives(axis) == statements


@pytest.mark.parametrize("axis", ["X", "X=", "X=3", "X=[]", "=[1]", "X=[1", "X=[1] Y=[2]", "X={}"])
def test_no_axis(axis):
    with pytest.raises(ConfigError, match="axis '.*' of the sweep: "):
        alternatives(axis)


def test_the_product_is_that_of_single_experiments():
    found = load_sweep(DEMO, ["STEPS=50"], [SEEDS, STEPS])
    expected = [
        config.load(Imp, DEMO, ["STEPS=50", f"INITIALIZATIONS=({i},)", f"REWIND_STEPS=({k},)"])
        for i, k in itertools.product((0, 1), (0, 10, 20))
    ]
    assert found == expected


def test_every_kind_that_has_a_model_is_there():
    found = load_sweep(["demo/imp.gin", "demo/instability.gin"], [], [SEEDS])
    assert [type(experiment) for experiment, _ in found] == [Imp, Instability] * 2
    alone, text = config.load(Instability, ["demo/instability.gin"], ["INITIALIZATIONS=(1,)"])
    assert found[3] == (alone, text)


def test_axes_in_a_gin_file_and_on_the_command_line(tmp_path):
    file = tmp_path / "mine.gin"
    file.write_text(f"include 'demo/imp.gin'\nSweep.over = ('{SEEDS}',)\n")
    assert load_sweep([str(file)], [], [STEPS]) == load_sweep(DEMO, [], [SEEDS, STEPS])


def test_networks_with_settings_of_their_own_are_an_axis_of_files():
    files = ("papers/lmc/lenet.gin", "papers/lmc/resnet20.gin")
    over = [f"include = {list(files)!r}", "Imp.rewind_steps = [(0,), (7,)]"]
    found = load_sweep([], ["Sweep.experiments = ('Imp',)"], over)
    expected = [config.load(Imp, [f], [f"Imp.rewind_steps=({k},)"]) for f in files for k in (0, 7)]
    assert [experiment for experiment, _ in found] == [experiment for experiment, _ in expected]


def test_points_that_are_the_same_experiment_are_one():
    assert len(load_sweep(DEMO, [], ["Imp.steps = [600, 700, 600]"])) == 2
    # Training has no rewinding steps.
    file, kinds = "papers/lmc/lenet.gin", "Sweep.experiments = ('Training', 'Imp')"
    found = load_sweep([file], [kinds], [STEPS])
    names = [type(experiment).__name__ for experiment, _ in found]
    assert names == ["Training", "Imp", "Imp", "Imp"]


def test_a_binding_need_only_be_used_somewhere():
    over = ['include = ["papers/lmc/lenet.gin", "papers/lmc/resnet20.gin"]']
    assert len(load_sweep([], ["Resnet.depth = 14"], over)) == 2 * 3


def test_what_a_file_binds_for_an_experiment_that_is_not_wanted_is_no_mistake():
    only = "Sweep.experiments = ('Training',)"
    ((training, _),) = load_sweep(["papers/lmc/lenet.gin"], [only], [])
    assert training == config.load(Training, ["papers/lmc/lenet.gin"], [])[0]
    with pytest.raises(ConfigError, match="no experiment of the sweep uses Imp"):
        load_sweep(["papers/lmc/lenet.gin"], [only, "Imp.slots = 'carried'"], [])


@pytest.mark.parametrize(
    "bindings, over, words",
    [
        ([], ["Imp.stepz = [1]"], "Imp.stepz = 1: .*'stepz'.*it has model"),
        ([], ["Zebra.x = [1]"], "Zebra.x = 1: .*'Zebra'.*there are"),
        ([], ['include = ["gone.gin"]'], "include 'gone.gin': .*gone.gin"),
        ([], ["UNUSED = [1, 2]"], "axis 'UNUSED = .*no experiment of the sweep uses UNUSED"),
        (["Momentum.momentum=0.5"], [], "^gin_bindings: .*no experiment of the sweep uses Mom"),
        ([], ["Imp.steps = [600, 'x']"], "Imp.steps is 'x'; it takes an integer"),
        (["Sweep.over = 3"], [], "Sweep.over is 3"),
        (["Sweep.experiments = ('Inp',)"], [], "Sweep.experiments has 'Inp'; .* describe Imp"),
        (["Sweep.over = ('X',)"], [], "axis 'X' of the sweep: it must be NAME ="),
    ],
)
def test_what_is_wrong_is_named(bindings, over, words):
    with pytest.raises(Exception, match=words):
        load_sweep(DEMO, bindings, over)


def test_no_experiment():
    with pytest.raises(ConfigError, match="such as Imp.model"):
        load_sweep(["demo/digits.gin"], [], [])


def test_a_file_of_several_experiments_may_be_shortened_for_one_of_them():
    # The steps to rewind to lie beyond 20, which is no matter of Training's.
    training, _ = config.load(Training, ["papers/lmc/lenet.gin"], ["STEPS = 20"])
    assert training.steps == 20
    with pytest.raises(ConfigError, match="Imp.slots is bound, but the experiment Training never"):
        config.load(Training, ["papers/lmc/lenet.gin"], ["Imp.slots = 'carried'"])
