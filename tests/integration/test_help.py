"""What commands say of themselves."""

import subprocess
import sys

import in_this_process
import pytest
from binaries import REPOSITORY, environment, succeed

COMMANDS = ("describe", "train", "imp", "instability", "sweep", "results", "figures", "report")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_the_docstring_and_the_flags(name):
    printed = in_this_process.succeed(name, "--help")
    source = (REPOSITORY / "lth_tf" / "cli" / f"{name}.py").read_text()
    assert printed.startswith(source.split('"""')[1].strip())
    flags = [line.strip().split("=")[0] for line in printed.splitlines() if line[:4] == "  --"]
    assert ("--workdir" in flags) == (name != "describe")
    if name in ("train", "imp", "instability", "sweep"):
        wanted = ["--gin_file", "--gin_bindings", "--data_dir", "--strategy", "--dry_run"]
        assert set(wanted) <= set(flags)
        assert "(default: default)" in printed
    # Nothing of absl's own or other libraries'.
    assert not {"--verbosity", "--logtostderr", "--pdb", "--help"} & set(flags)


# All of them are the same three lines.
@pytest.mark.parametrize(
    "name", ["imp", *(pytest.param(n, marks=pytest.mark.faults) for n in COMMANDS if n != "imp")]
)
def test_a_script_is_its_command(name):
    script = [sys.executable, str(REPOSITORY / "scripts" / f"{name}.py"), "--help"]
    done = subprocess.run(script, capture_output=True, text=True, env=environment(), check=True)
    assert done.stdout == in_this_process.succeed(name, "--help")


def test_the_version():
    import lth_tf

    assert succeed("imp", "--version") == f"lth_tf {lth_tf.__version__}\n"
