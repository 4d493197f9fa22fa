"""In what configurations depart from a paper's file."""

import pytest

from lth_tf.report.settings_diff import (
    NOT_COMPARED,
    UNKNOWN,
    Expected,
    bindings,
    departures,
    mixed,
    settings_of,
)

TEXT = """
import my_networks

# Macros:
# ==============================================================================
HPARAMS = @Hparams()
FIRST = 20
STEPS = %FIRST

# Parameters for HPARAMS/a/Adam:
# ==============================================================================
HPARAMS/a/Adam.beta_1 = 9e-1
HPARAMS/Hparams.optimizer = @a/Adam()
HPARAMS/lth_tf.Hparams.weight_decay = 0.0
Imp.hparams = %HPARAMS
Imp.rewind_steps = (0, %FIRST)
Imp.steps = %STEPS
Instability.networks = \\
    ('dense', 'imp', 'random_pruning', 'random_reinitialization')
Task.mean = \\
    [0.4914,
     0.4822,
     0.4465]
Task.test_split = 'test[:90%]'
Task.subset = None
"""


def test_bindings_of_a_resolved_text():
    """Scopes, macros, lines that go on, how numbers and lists are written: no difference."""
    assert bindings(TEXT) == {
        "Adam.beta_1": "0.9",
        "Hparams.optimizer": "@Adam()",
        "Hparams.weight_decay": "0",
        "Imp.hparams": "@Hparams()",
        "Imp.rewind_steps": "(0, 20)",
        "Imp.steps": "20",
        "Instability.networks": "('dense', 'imp', 'random_pruning', 'random_reinitialization')",
        "Task.mean": "(0.4914, 0.4822, 0.4465)",
        "Task.test_split": "'test[:90%]'",
        "Task.subset": "None",
    }


def test_the_settings_are_those_of_the_resolved_configurations(tmp_path):
    folder = tmp_path / "configurations"
    folder.mkdir()
    text = f"# Resolved configuration {'a' * 64}\n# of lth-train\n\nSteps.rate = 0.1\n"
    (folder / "training-0123.gin").write_text(text + "Steps.drops = \\\n    (1, 2)\n")
    (folder / "broken.gin").write_text("nothing")
    assert settings_of(tmp_path) == {"a" * 64: {"Steps.rate": "0.1", "Steps.drops": "(1, 2)"}}
    assert settings_of(tmp_path / "none") == {}


PAPERS = {
    "Instability.steps": "100",
    "Instability.slots": "'reset'",
    "Instability.copies": "(1, 2, 3)",
    "Instability.levels": "(15,)",
    "Instability.schedule": "'absolute'",
    "MaskSearch.levels": "15",
    "MaskSearch.fraction": "0.2",
    "Hparams.optimizer": "@Adam()",
    "Hparams.schedule": "@Constant()",
    "Hparams.threads": "1",
    "Hparams.xla": "'auto'",
    "Hparams.weight_decay": "0",
    "Adam.beta_1": "0.9",
    "Constant.rate": "0.1",
}
EXPECTED = Expected(PAPERS, defaults=frozenset({"Hparams.weight_decay"}))


def of(without=(), **changes):
    """The departures of what is the paper's but for some bindings; '__' stands for the point."""
    bound = {name: value for name, value in PAPERS.items() if name not in without}
    bound |= {name.replace("__", "."): value for name, value in changes.items()}
    return departures(bound, EXPECTED, "instability")


@pytest.mark.parametrize(
    ("changes", "phrase"),
    [
        ({"Instability__steps": "20"}, "steps = 20, the paper's file has 100"),
        ({"Instability__slots": "'carried'"}, "slots = 'carried', the paper's file has 'reset'"),
        ({"MaskSearch__fraction": "0.5"}, "MaskSearch.fraction = 0.5, the paper's file has 0.2"),
        ({"Constant__rate": "1"}, "Constant.rate = 1, the paper's file has 0.1"),
        ({"Adam__new": "1"}, "Adam.new = 1, which the paper's file does not have"),
        (
            {"Hparams__optimizer": "@Momentum()", "Momentum__momentum": "0.9", "Momentum__b": "2"},
            "Hparams.optimizer = Momentum(momentum=0.9, b=2), the paper's file has Adam",
        ),
    ],
)
def test_a_setting_that_changes_a_number_is_a_departure(changes, phrase):
    without = ("Adam.beta_1",) if "Hparams__optimizer" in changes else ()
    assert of(without, **changes) == (phrase,)


@pytest.mark.parametrize(
    "name",
    ["Instability__copies", "Instability__levels", "Instability__schedule", "MaskSearch__levels"]
    + ["Hparams__threads", "Hparams__xla"],
)
def test_what_was_asked_for_and_what_rounds_is_none(name):
    assert of() == of(**{name: "another"}) == ()


def test_the_schedule_of_the_rate_is_not_that_of_the_copies():
    (phrase,) = of(Hparams__schedule="@Cosine()", Cosine__rate="0.3")
    assert phrase == "Hparams.schedule = Cosine(rate=0.3), the paper's file has Constant"


def test_what_a_configuration_lacks_is_a_departure_but_for_defaults():
    assert of(without=["Hparams.weight_decay"]) == ()
    assert of(without=["Constant.rate", "Adam.beta_1"]) == ()  # it has none of these classes
    (phrase,) = of(without=["MaskSearch.fraction"])
    assert phrase == "MaskSearch.fraction not bound, the paper's file has 0.2"


def test_what_is_not_known_is_a_departure():
    assert departures(None, EXPECTED, "imp") == (UNKNOWN,)
    assert departures(PAPERS, None, "mine") == (NOT_COMPARED,)


def test_in_what_configurations_differ():
    one = {"Imp.steps": "10", "Imp.levels": "(1,)", "Steps.rate": "0.1"}
    other = {"Training.steps": "20", "Steps.rate": "0.1", "Hparams.threads": "7"}
    assert mixed([("imp", one), ("training", other)]) == ["steps is 10 or 20"]


def test_the_fraction_of_one_shot_pruning_is_its_density_and_no_departure():
    def search(levels, fraction):
        return {"MaskSearch.levels": levels, "MaskSearch.fraction": fraction}

    paper = Expected(search("1", "0.7"))
    assert departures(search("1", "0.2"), paper, "instability") == ()
    (found,) = departures(search("2", "0.2"), paper, "instability")
    assert found.startswith("MaskSearch.fraction = 0.2")
    # Of IMP in levels it is one, and configurations that differ in it differ.
    assert departures(search("1", "0.3"), Expected(search("15", "0.2")), "instability")
    one_shot = [("imp", search("1", fraction)) for fraction in ("0.2", "0.7")]
    assert mixed(one_shot) == []
    in_levels = [("imp", search("15", fraction)) for fraction in ("0.2", "0.7")]
    assert mixed(in_levels) == ["MaskSearch.fraction is 0.2 or 0.7"]
