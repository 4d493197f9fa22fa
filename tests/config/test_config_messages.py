"""What is wrong with files, bindings and a user's own code is one line that says what to write."""

import sys
import types

import pytest

from lth_tf import config
from lth_tf.config import ConfigError, users_code
from lth_tf.errors import LONGEST, UserError, shortened
from lth_tf.experiments import (
    Imp,
    Instability,
    Onset,
    Perturbed,
    SparsePretraining,
    Training,
)

DEMO = "demo/imp.gin"
SETTING = "demo/digits.gin"
SEARCH = ["MaskSearch.levels = 2", "EPOCH = 23"]


def complaint(kind, files, *bindings):
    """The one line that loading ends in."""
    with pytest.raises(UserError) as caught:
        config.load(kind, files, list(bindings))
    line = str(caught.value)
    assert "\n" not in line and len(line) <= LONGEST
    assert " 0x" not in line and "object at" not in line
    return line


BINDINGS = {
    "Task.dataset=mnsit": (
        "mnsit is no value: a string takes quotes",
        "--gin_bindings=\"Task.dataset='mnsit'\"",
    ),
    "Hparams.optimizer=Adam": ("Adam is no value", "@Adam()"),
    "Task.rotation=true": ("true is no value", "True"),
    "Hparams.optimizer=@SGD()": (
        "@SGD()",
        "did you mean Momentum, which with momentum = 0 is SGD?",
    ),
    "Hparams.optimizer=@Zebra()": ("Adam, Momentum, Rmsprop (Optimizer)", "Steps (Schedule)"),
    "STEP=100": ("STEP is bound, but", "did you mean STEPS?"),
    "Imp.slots=" + 100_000 * "a": ("Imp.slots=aaa", "more characters", "a string takes quotes"),
    f"Imp.slots={100_000 * 'a'!r}": ("Imp.slots is 'aaa", "allowed: 'reset', 'carried'"),
    f"Imp.slots = {100_000 * '('}": ("Imp.slots = (((",),
}


@pytest.mark.parametrize("binding", BINDINGS, ids=lambda binding: binding[:30])
def test_a_binding(binding):
    line = complaint(Imp, [DEMO], binding)
    for part in BINDINGS[binding]:
        assert part in line, line


def test_what_is_written_without_quotes_in_a_file(tmp_path):
    (tmp_path / "mine.gin").write_text(f"include '{DEMO}'\nTask.dataset = mnist\n")
    line = complaint(Imp, [f"{tmp_path}/mine.gin"])
    assert "mine.gin: line 2: mnist is no value: a string takes quotes, 'mnist'," in line


def test_without_a_file_or_with_one_for_another_command():
    assert complaint(Imp, [], "Imp.steps=3").startswith("gin_file is missing")
    for load in (lambda: config.load_sweep([], [], []), lambda: config.load(None, [], [])):
        with pytest.raises(ConfigError, match="^gin_file is missing"):
            load()
    line = complaint(Training, [DEMO])
    assert line.startswith("gin_file=demo/imp.gin: the files describe Imp, and no Training")
    assert line.endswith("lth-imp")
    assert complaint(Imp, ["demo/networks.gin"]).endswith("lth-sweep")
    line = complaint(Onset, ["demo/landscape.gin"])
    assert line.endswith("lth-imp, lth-run --experiment=AdaptiveImp, lth-sweep")
    assert "their commands: lth-train, " in complaint(Onset, ["papers/lmc/lenet.gin"])


def test_a_field_without_a_default_is_named():
    """Of fields by keyword only, too, which gin has no message for."""
    line = complaint(SparsePretraining, [SETTING, "experiments/sparse_pretraining.gin"], *SEARCH)
    assert line == "not bound, but needed: SparsePretraining.levels, SparsePretraining.length"
    line = complaint(Perturbed, [SETTING, "experiments/perturbed.gin"], SEARCH[0])
    assert line == "not bound, but needed: Perturbed.levels"


@pytest.mark.parametrize("binding", ["STEPS = %STEPS", "Imp.model = @Imp()"])
def test_a_value_that_refers_to_itself(binding):
    line = complaint(Imp, [DEMO], binding)
    assert line == "a value refers to itself, perhaps by way of another"


def test_an_axis_with_braces_that_has_no_effect():
    with pytest.raises(
        ConfigError, match=r"^axis 'NONE = \[\{1: 2\}, \{\}\]' of the sweep: NONE is"
    ):
        config.load_sweep([DEMO], [], ["NONE = [{1: 2}, {}]"])


# What is numbered is for no other test: gin keeps what is registered.
HEAD = "from lth_tf.config import register\n@register\ndef {name}():\n    "
OWN = {
    "attribute": (HEAD + "import math; return math.zebra", "AttributeError: ", 4),
    "name": (HEAD + "return zebra", "NameError: name 'zebra'", 4),
    "assertion": (HEAD + "assert 1 == 2", "AssertionError: assert 1 == 2", 4),
    "key": (HEAD + "return {{}}['x']", "KeyError: 'x'", 4),
    "value": (HEAD + "raise ValueError(f'no {{object()}}')", "ValueError: no <object object>", 4),
    "refused": (
        "from lth_tf.recipes import RecipeError\n"
        "def refuse(): raise RecipeError('its logits have 4 axes')\n" + HEAD + "refuse()",
        "its logits have 4 axes",
        2,
    ),
    "imported": ("import kerass\n", "ModuleNotFoundError: No module named 'kerass'", 1),
    "raised": ("x = 1\nassert x == 2, 'never'\n", "AssertionError: never", 2),
    "exited": ("import sys\nsys.exit(3)\n", "SystemExit: 3", 2),
    "unparsed": ("x = = 3\n", "SyntaxError: invalid syntax", 1),
}


@pytest.mark.parametrize("name", OWN)
def test_what_a_users_own_code_raises_names_its_line(name, tmp_path, monkeypatch):
    code, message, line = OWN[name]
    module = f"own_code_{name}"
    (tmp_path / f"{module}.py").write_text(code.format(name=f"net_{name}"))
    called = f"Imp.model = @net_{name}()\n" if "{name}" in code else ""
    (tmp_path / "own.gin").write_text(f"import {module}\ninclude '{DEMO}'\n{called}")
    # What a module of a user's imports starts TensorFlow for; none of these needs it.
    monkeypatch.setattr("lth_tf.config.parsing._configure", lambda configure: None)
    monkeypatch.setattr(sys, "path", [*sys.path])
    assert f"{module}.py, line {line}: {message}" in complaint(Imp, [f"{tmp_path}/own.gin"])


def test_a_function_that_is_not_registered_is_named_with_its_module(tmp_path, monkeypatch):
    (tmp_path / "own_unregistered.py").write_text("def bare_net():\n    pass\n")
    text = f"include '{DEMO}'\nimport own_unregistered\nImp.model = @bare_net()\n"
    (tmp_path / "own.gin").write_text(text)
    monkeypatch.setattr(sys, "path", [*sys.path])
    line = complaint(Imp, [f"{tmp_path}/own.gin"])
    assert "own_unregistered.py has bare_net: write @register above it" in line


def test_two_things_of_one_name_cannot_be_registered():
    with pytest.raises(UserError, match="Imp is registered already"):
        config.register(type("Imp", (), {}))


def test_the_program_and_the_module_of_its_name_are_one(tmp_path, monkeypatch):
    program = types.ModuleType("__main__")
    program.__file__, program.__spec__ = str(tmp_path / "own_program.py"), None
    monkeypatch.setitem(sys.modules, "__main__", program)
    users_code.know_main_by_its_name()
    assert sys.modules.pop("own_program") is program
    # A command is no module of a user's.
    program.__file__ = users_code.__file__
    before = set(sys.modules)
    users_code.know_main_by_its_name()
    assert set(sys.modules) == before


LENET = ["papers/lmc/lenet.gin"]
TOO_LARGE = {
    (Imp, "MaskSearch.levels = 1000"): ("MaskSearch.levels is 1000", "at most 123"),
    (Imp, "MaskSearch.levels = 1000000000"): ("MaskSearch.levels", "at most 123"),
    (Training, "STEPS = 3000000; Training.evaluate_every = 1"): ("27,000,000 measurements",),
    (Instability, f"Instability.copies = {tuple(range(600))}"): ("180,300 copies and pairs",),
    (Imp, f"REWIND_STEPS = {tuple(range(20000))}"): ("20,000 rewind steps x 16 levels",),
}


@pytest.mark.parametrize("kind, bound", TOO_LARGE, ids=lambda value: str(value)[:40])
def test_what_cannot_be_meant_is_refused_with_the_reason(kind, bound):
    line = complaint(kind, LENET, *bound.split("; "))
    for part in TOO_LARGE[kind, bound]:
        assert part in line, line


def test_a_long_message_keeps_its_ends():
    assert str(UserError("short")) == "short"
    line = str(ConfigError("begin" + 100_000 * "x" + "end"))
    assert line.startswith("begin") and line.endswith("end") and len(line) < LONGEST
    assert "more characters" in line
    assert shortened(line) == line
