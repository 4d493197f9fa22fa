"""Bad input to commands: one line that says what to mend, exit code 2, nothing written.

Commands run in this process; some of them in the real binaries too, with the same outcome.
"""

import binaries
import pytest
from complaints import DEMO, assert_says, complaint
from in_this_process import run

# What is wrong in a gin file -> what the line must say: where it is, and what is allowed.
GIN_FILES = {
    "include 'demo/imp.gin'\nImpp.steps = 3\n": ("line 2", "'Impp'", "did you mean Imp?"),
    "Zebra.steps = 3\n": ("line 1", "'Zebra'", "there are Adam, AdaptiveImp, Constant"),
    "Imp.stepz = 3\n": ("line 1", "'Imp'", "'stepz'", "it has model, task, hparams, steps"),
    "include 'demo/imp.gin'\nImp.steps 3\n": ("line 2", "parse"),
    "include 'demo/imp.gin'\nImp.levels = (3,\n": ("line 3", "EOF in multi-line statement"),
    "include 'demo/gone.gin'\n": ("line 1", "demo/gone.gin", "Unable to open"),
    "include 'demo/imp.gin'\nImp.model = @Zebra()\n": ("line 2", "@Zebra()", "there are"),
    "include 'demo/imp.gin'\nCosine.rate = 0.1\n": ("line 2: Cosine.rate", "Imp never uses"),
    "include 'demo/imp.gin'\nSTEPZ = 100\n": ("line 2: STEPZ", "Imp never uses"),
    "import no_such_module\n": ("line 1", "no_such_module"),
    "include 'mine.gin'\n": ("includes itself",),
}


@pytest.mark.parametrize("text", GIN_FILES, ids=lambda text: text.splitlines()[-1])
def test_gin_file(text, tmp_path):
    file = tmp_path / "mine.gin"
    file.write_text(text)
    work = tmp_path / "work"
    done = run("imp", f"--gin_file={file}", f"--workdir={work}", folder=tmp_path)
    assert_says(complaint(done), f"--gin_file={file}", *GIN_FILES[text])
    assert not work.exists()


# Flags after those of the demo -> what the line must say.
FLAGS = {
    ("--gin_file=no/such.gin",): ("--gin_file=no/such.gin", "no such file"),
    ("--gin_bindings=Imp.steps='many'",): ("Imp.steps", "'many'", "an integer"),
    ("--gin_bindings=Imp.steps=2.5",): ("Imp.steps", "2.5", "an integer"),
    ("--gin_bindings=Lenet.widths=300",): ("Lenet.widths", "300", "a tuple"),
    ("--gin_bindings=Imp.model=@Adam()",): ("Imp.model", "a Model"),
    ("--gin_bindings=Imp.task=@Adam()",): ("Imp.task", "a Task"),
    ("--gin_bindings=Imp.slots='kept'",): ("Imp.slots", "'kept'", "'reset', 'carried'"),
    ("--gin_bindings=Imp.slotz='reset'",): ("--gin_bindings", "'slotz'", "it has model"),
    ("--gin_bindings=Imp.slots",): ("--gin_bindings", "parse"),
    ("--gin_bindings=Imp.model=%NET",): ("%NET", "not bound"),
    ("--gin_bindings=Momentum.momentum=0.5",): ("Momentum.momentum", "Imp never uses Momentum"),
    ("--gin_bindings=REWIND_STEPS=(600,)",): ("Imp.rewind_steps", "(600,)", "0 to 599"),
    ("--gin_bindings=REWIND_STEPS=(9000,)",): ("Imp.rewind_steps", "(9000,)", "0 to 599"),
    ("--gin_bindings=MaskSearch.fraction=0",): ("MaskSearch.fraction", "0", "less than 1"),
    ("--gin_bindings=MaskSearch.fraction=1",): ("MaskSearch.fraction", "1", "less than 1"),
    ("--gin_bindings=MaskSearch.fraction=1.5",): ("MaskSearch.fraction", "1.5", "less than 1"),
    ("--gin_bindings=MaskSearch.fraction=-0.1",): ("MaskSearch.fraction", "-0.1", "greater than 0"),
    ("--gin_bindings=MaskSearch.exclude=('logits',)",): ("MaskSearch.exclude", "logits/kernel"),
    ("--gin_bindings=MaskSearch.levels=0",): ("MaskSearch.levels", "0", "1 or more"),
    ("--gin_bindings=Task.dataset='minst'",): ("'minst'", "ready to use", "digits"),
    ("--gin_bindings=Task.dataset='mnist'",): ("'mnist'", "not prepared", "download_and_prepare()"),
    ("--gin_bindings=Task.train_split='all'",): ("'all'", "'test'", "share examples"),
    ("--gin_bindings=Hparams.batch_size=1438",): ("Hparams.batch_size", "1438", "at most 1,437"),
    ("--gin_bindings=Lenet.image_shape=(28,28,1)",): ("Lenet.image_shape", "28", "(8, 8, 1)"),
    ("--gin_bindings=Lenet.classes=9",): ("Lenet.classes", "9", "10 classes"),
    ("--gin_bindings=Task.rotation=True",): ("Lenet.classes", "10", "must be 4", "Task.rotation"),
    ("--gin_bindings=Task.blur=5",): ("Task.blur", "5", "8 x 8"),
    ("--gin_bindings=Task.mean=(0.1,0.2)",): ("Task.mean", "2 numbers", "1 channel"),
    (
        "--gin_bindings=Task.subset=@RandomSubset()",
        "--gin_bindings=RandomSubset.fraction=0.01",
        "--gin_bindings=Hparams.batch_size=20",
    ): ("Hparams.batch_size", "20", "at most 10", "1% at random"),
    ("--gin_bindings=Task.subset=@RandomSubset()",): ("RandomSubset.fraction",),
    ("--gin_bindings=Task.label_noise=@Adam()",): ("Task.label_noise", "a LabelNoise"),
    ("--gin_bindings=Hparams.auxiliary_weight=0.4",): ("Hparams.auxiliary_weight", "0.4", "0, as"),
    ("--gin_bindings=Task.dataset=mnsit",): ("mnsit is no value", "takes quotes"),
    ("--gin_bindings=MaskSearch.levels=1000",): ("MaskSearch.levels is 1000", "at most 123"),
    ("--strategy=tpus",): ("--strategy", "tpus", "mirrored"),
    ("--data_dir=/dev/null",): ("/dev/null", "not a folder"),
    ("--checkpoint_seconds=0",): ("--checkpoint_seconds", "0"),
    ("--workdir=",): ("--workdir=: it must be a path",),
    ("--store=",): ("--store=: it must be a path",),
    ("--gin_flie=demo/imp.gin",): ("'gin_flie'", "gin_file"),
    ("stray",): ("'stray'", "flags only"),
}


@pytest.mark.parametrize("flags", FLAGS, ids=" ".join)
def test_flags(flags, tmp_path, digits_folder):
    work = tmp_path / "work"
    places = (f"--workdir={work}", f"--data_dir={digits_folder}")
    done = run("imp", DEMO, *places, *flags, folder=tmp_path)
    assert_says(complaint(done), *FLAGS[flags])
    assert not work.exists()


@pytest.mark.parametrize(
    "name, flags",
    [
        ("imp", ("--gin_file=no/such.gin",)),
        ("imp", ("--gin_bindings=Imp.steps='many'", "--gin_bindings=Task.blur=5")),
        ("imp", ("--gin_flie=demo/imp.gin",)),
        ("sweep", ("stray",)),
        ("sweep", ("--over=X=3",)),
    ],
    ids=str,
)
def test_the_real_binaries_say_and_do_the_same(name, flags, tmp_path, digits_folder):
    work = tmp_path / "work"
    line = (name, DEMO, f"--workdir={work}", f"--data_dir={digits_folder}", *flags)
    here, there = (each(*line, folder=tmp_path) for each in (run, binaries.run))
    assert complaint(here) == complaint(there)
    assert not work.exists()


def test_a_tpu_that_is_not_there(tmp_path, digits_folder):
    places = (f"--workdir={tmp_path / 'work'}", f"--data_dir={digits_folder}")
    # What TensorFlow does when it looks for one stays with the whole process.
    done = binaries.run("imp", DEMO, *places, "--strategy=tpu", folder=tmp_path)
    assert_says(complaint(done), "--strategy=tpu", "cannot be reached")
    # The configuration is there already, as it is written before anything starts; no results are.
    assert not list((tmp_path / "work" / "store").glob("runs/*"))


def test_needed_parameters_are_named(tmp_path):
    (tmp_path / "mine.gin").write_text("Imp.steps = 3\n")
    done = run("imp", f"--gin_file={tmp_path}/mine.gin", f"--workdir={tmp_path / 'work'}")
    assert_says(complaint(done), "Imp.model", "Imp.task", "Imp.hparams", "Imp.search")


def test_a_path_that_is_no_text(tmp_path):
    done = run("imp", DEMO, f"--workdir={tmp_path / 'work'}", "--data_dir=/tmp/\udcff")
    assert_says(complaint(done), "--data_dir=/tmp/\\xff", "UTF-8")


def test_no_file_and_one_for_another_command(tmp_path):
    where = f"--workdir={tmp_path / 'work'}"
    assert_says(complaint(run("imp", where)), "--gin_file is missing")
    assert_says(complaint(run("train", DEMO, where)), DEMO, "describe Imp", "lth-imp")
    several = run("run", "--gin_file=demo/sweep.gin", where)
    assert_says(complaint(several), "--experiment is missing", "Imp, Instability")


def test_more_shards_than_can_be_meant(tmp_path):
    flags = ("--gin_file=demo/sweep.gin", f"--workdir={tmp_path}", "--num_shards=1000000000")
    assert_says(complaint(run("sweep", *flags)), "--num_shards=1000000000", "100000")


def test_no_workdir():
    assert_says(complaint(run("imp", DEMO)), "--workdir")


DESCRIBED = {
    ("--gin_file=no/such.gin",): ("--gin_file=no/such.gin", "no such file"),
    ("--gin_file=demo/digits.gin",): ("nothing gives an experiment a model",),
    (DEMO, "--gin_bindings=Impp.steps=3"): ("'Impp'", "did you mean Imp?"),
    (DEMO, "--gin_bindings=Task.dataset='minst'"): ("'minst'", "ready to use", "digits"),
    (DEMO, "--gin_bindings=Lenet.classes=9"): ("Lenet.classes", "9", "10 classes"),
    (DEMO, "--gin_bindings=Sweep.experiments=('Inp',)"): ("Sweep.experiments", "'Inp'", "Imp"),
    (DEMO, "--over=X=3"): ("axis 'X=3' of the sweep", "NAME = [VALUE"),
    (DEMO, "--workdir=work"): ("'workdir'",),
}


@pytest.mark.parametrize("flags", DESCRIBED, ids=" ".join)
def test_describe(flags, tmp_path, digits_folder):
    done = run("describe", f"--data_dir={digits_folder}", *flags, folder=tmp_path)
    assert_says(complaint(done), *DESCRIBED[flags])
    assert not list(tmp_path.iterdir())


def test_levels_beyond_the_search(tmp_path, digits_folder):
    arguments = ("--gin_file=demo/instability.gin", "--gin_bindings=Instability.levels=(4,11)")
    places = (f"--workdir={tmp_path}", f"--data_dir={digits_folder}")
    done = run("instability", *arguments, *places)
    assert_says(complaint(done), "Instability.levels", "11", "from 1 to 10 (MaskSearch.levels)")
