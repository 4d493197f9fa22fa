"""Which of several bindings counts; and a file may be given to more than one command."""

import pytest

from lth_tf import config
from lth_tf.config import ConfigError
from lth_tf.config.instantiation import without_scopes
from lth_tf.experiments import Imp, Instability, Onset, SparseTraining, Training

DEMO = "demo/imp.gin"


@pytest.fixture
def file(tmp_path):
    """Writes a gin file; returns its path."""

    def write(text, name="mine.gin"):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def rate(files, *bindings):
    return config.load(Imp, files, list(bindings))[0].hparams.schedule.rate


def test_a_binding_over_a_resolved_configuration_wins(file):
    text = config.load(Imp, [DEMO], [])[1]
    assert "\nConstant.rate = 0.0012\n" in text
    resolved = file(text)
    assert rate([resolved]) == 12e-4
    assert rate([resolved], "Constant.rate=0.01") == 0.01
    assert rate([resolved, file("Constant.rate = 0.02", "later.gin")]) == 0.02


SCOPED = f"include '{DEMO}'\nHPARAMS/Constant.rate = 0.5\n"


def test_a_scoped_binding_is_replaced_by_its_name(file):
    scoped = file(SCOPED)
    assert rate([scoped]) == 0.5
    assert rate([scoped], "HPARAMS/Constant.rate=0.01") == 0.01
    hidden = "Constant.rate is bound, but HPARAMS/Constant.rate decides: bind that"
    with pytest.raises(ConfigError, match=f"gin_bindings.*{hidden}"):
        rate([scoped], "Constant.rate=0.01")
    with pytest.raises(ConfigError, match=hidden):
        config.load_sweep([scoped], [], ["Constant.rate = [0.01, 0.02]"])
    found = config.load_sweep([scoped], [], ["HPARAMS/Constant.rate = [0.01, 0.02]"])
    assert [e.hparams.schedule.rate for e, _ in found] == [0.01, 0.02]


SEARCH = f"""
include '{DEMO}'
include 'experiments/sparse_training.gin'
MaskSearch.hparams = @search/Hparams()
search/Hparams.schedule = @search/Constant()
search/Constant.rate = 0.5
SparseTraining.schedule = 'restarted'
"""


def test_a_binding_leaves_what_has_one_of_its_own(file):
    """As gin has it: a search's own rate does not follow that of its networks."""
    given = ["Sweep.experiments=('SparseTraining',)", "Hparams.batch_size=30"]
    ((found, _),) = config.load_sweep([file(SEARCH)], given, ["Constant.rate = [0.1]"])
    assert (found.hparams.schedule.rate, found.search.hparams.schedule.rate) == (0.1, 0.5)
    assert (found.hparams.batch_size, found.search.hparams.batch_size) == (30, 30)


def test_two_bindings_that_hide_one_are_both_named(file):
    both = file(SEARCH + "HPARAMS/Constant.rate = 0.7\n")
    names = "HPARAMS/Constant.rate and search/Constant.rate decide: bind these"
    with pytest.raises(ConfigError, match=names):
        config.load(SparseTraining, [both], ["Constant.rate=0.01"])


def test_a_binding_that_another_one_hides_is_named_with_it(file):
    hidden = file(SCOPED + "Constant.rate = 0.01\n")
    message = "line 3: Constant.rate is bound, but HPARAMS/Constant.rate decides: bind that"
    with pytest.raises(ConfigError, match=message):
        rate([hidden])


def test_scopes_that_say_nothing_are_left_out():
    macro, one = ("X", "gin.macro"), {"a": 1, "b": 2}
    assert without_scopes({macro: {"value": 3}, ("s", "m.F"): one}) == {
        macro: {"value": 3},
        ("", "m.F"): one,
    }
    two = {("s", "m.F"): one, ("t", "m.F"): {"a": 1, "b": 3}}
    assert without_scopes(two) == {
        ("", "m.F"): {"a": 1},
        ("s", "m.F"): {"b": 2},
        ("t", "m.F"): {"b": 3},
    }
    assert without_scopes({("s", "m.F"): {}}) == {("", "m.F"): {}}


def test_settings_under_two_scopes_come_back_from_the_resolved_text(file):
    text = f"include '{DEMO}'\nHparams.optimizer = @mine/Adam()\nmine/Adam.beta_1 = 0.8\n"
    experiment, resolved = config.load(Imp, [file(text)], [])
    assert config.load(Imp, [file(resolved, "resolved.gin")], []) == (experiment, resolved)


@pytest.mark.parametrize("kind", [Training, Imp, Instability])
def test_a_file_for_one_command_may_be_given_to_another(kind):
    config.load(kind, ["papers/lmc/small_cifar10.gin"], [])


@pytest.mark.parametrize(
    "binding", ["Instability.copies = (1, 2)", "Sweep.experiments = ('Imp',)", "STEPS = 7"]
)
def test_a_file_may_bind_what_other_commands_use(file, binding):
    text = f"include '{DEMO}'\nImp.steps = 600\n{binding}\n"
    config.load(Imp, [file(text)], [])


DIGITS = "demo/digits.gin"  # it describes no experiment, and binds REWIND_STEPS


@pytest.mark.parametrize("kind, name", [(Training, "train"), (Imp, "imp"), (Onset, "onset")])
@pytest.mark.parametrize("first", [True, False])
def test_a_network_s_file_goes_with_any_experiment_s(kind, name, first):
    files = [DIGITS, f"experiments/{name}.gin"]
    needed = ["MaskSearch.levels = 2"] if kind is Imp else []
    needed += ["Onset.unit = 20"] if kind is Onset else []
    experiment, _ = config.load(kind, files if first else files[::-1], needed)
    assert experiment.steps == 600
    assert config.load_sweep(files, needed, []) == [
        (experiment, config.load(kind, files, needed)[1])
    ]


SETTING = f"include '{DIGITS}'\n"


@pytest.mark.parametrize(
    "binding", ["MaskSearch.levels = 3", "MaskSearch.score = @Snip()", "EPOCH = 23"]
)
def test_a_setting_may_bind_what_any_experiment_of_the_package_uses(file, binding):
    config.load(Training, [file(SETTING + binding), "experiments/train.gin"], [])


@pytest.mark.parametrize("binding", ["STEPZ = 7", "REWIND_STEP = (0,)", "Cosine.rate = 0.1"])
def test_a_typo_in_a_setting_is_an_error(file, binding):
    files = [file(SETTING + binding), "experiments/train.gin"]
    for load in (
        lambda: config.load(Training, files, []),
        lambda: config.load_sweep(files, [], []),
    ):
        with pytest.raises(ConfigError, match=r"mine.gin, line 2: .* is bound, but"):
            load()


def test_a_file_that_describes_an_experiment_binds_what_it_uses(file):
    """REWIND_STEPS, say, is not forgotten where Imp.rewind_steps is to be bound."""
    text = "include 'models/lenet.gin'\ninclude 'tasks/digits.gin'\nTraining.model = %MODEL\n"
    text += "Training.task = %TASK\nTraining.hparams = @Hparams()\nTraining.steps = 7\n"
    text += "Hparams.batch_size = 60\nHparams.optimizer = @Adam()\nConstant.rate = 0.1\n"
    text += "Hparams.schedule = @Constant()\nLenet.image_shape = (8, 8, 1)\n"
    text += "Training.initializations = (0,)\n"
    config.load(Training, [file(text)], [])
    with pytest.raises(ConfigError, match="line 13: REWIND_STEPS is bound, but"):
        config.load(Training, [file(text + "REWIND_STEPS = (0,)\n")], [])


def test_on_the_command_line_a_macro_that_is_not_used_is_an_error():
    with pytest.raises(ConfigError, match="gin_bindings: REWIND_STEPS is bound, but"):
        config.load(Training, [DIGITS, "experiments/train.gin"], ["REWIND_STEPS = (0,)"])


@pytest.mark.parametrize(
    "binding", ["STEPZ = 7", "Cosine.rate = 0.1", "Instability.copys = (1, 2)"]
)
def test_a_typo_in_a_file_is_an_error(file, binding):
    with pytest.raises(ConfigError, match=r"mine.gin, line 2|line 2"):
        config.load(Imp, [file(f"include '{DEMO}'\n{binding}\n")], [])


def test_on_the_command_line_it_is_an_error_all_the_same():
    with pytest.raises(ConfigError, match="the experiment Imp never uses Instability"):
        config.load(Imp, [DEMO], ["Instability.copies = (1, 2)"])


def test_an_include_is_looked_for_beside_its_file(tmp_path):
    for folder, steps in (("", 11), ("sub", 22)):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "common.gin").write_text(f"include '{DEMO}'\nImp.steps = {steps}\n")
    (tmp_path / "sub" / "exp.gin").write_text("include 'common.gin'\nImp.rewind_steps = (0,)\n")
    (tmp_path / "sub" / "sweep.gin").write_text("Sweep.over = ('include = [\"exp.gin\"]',)\n")
    assert config.load(Imp, [f"{tmp_path}/sub/exp.gin"], [])[0].steps == 22
    ((experiment, _),) = config.load_sweep([f"{tmp_path}/sub/sweep.gin"], [], [])
    assert experiment.steps == 22


def test_the_kind_of_experiment_that_files_describe():
    lenet = ["papers/lmc/lenet.gin"]
    assert config.load(None, [DEMO], []) == config.load(Imp, [DEMO], [])
    assert config.load("Training", lenet, []) == config.load(Training, lenet, [])
    with pytest.raises(ConfigError, match="^experiment is missing: .*Training, Imp, Instability"):
        config.load(None, lenet, [])
    with pytest.raises(ConfigError, match="^experiment=Impp: the files describe Imp;"):
        config.load("Impp", [DEMO], [])
