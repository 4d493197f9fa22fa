"""What `pip install` brings: the package, the binaries as console commands, the gin files."""

import configparser
import email
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import source_tree

import lth_tf

SOURCES = ("lth_tf", "gin", "setup.py", "pyproject.toml", "README.md")
# TensorFlow Datasets imports the one on Python 3.11 without declaring it, and declares the other on
# Linux only.
NOT_IMPORTED_BY_US = {"importlib-resources", "array-record"}
# Imported only where it is asked for.
EXTRAS = {"ray", "pandas"}


def copy_sources(target):
    """The project as somebody has it who builds it: nothing is left behind in the real one."""
    for name in SOURCES:
        source = source_tree.ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target / name)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel of the package, opened."""
    folder = tmp_path_factory.mktemp("packaging")
    (folder / "sources").mkdir()
    copy_sources(folder / "sources")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", folder]
    call = [sys.executable, "-m", "pip", "wheel", *options, folder / "sources"]
    done = subprocess.run(call, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def information(wheel):
    """The text of a file of the wheel's dist-info, by name."""
    names = {Path(n).name: n for n in wheel.namelist() if Path(n).parts[0].endswith(".dist-info")}
    return lambda name: wheel.read(names[name]).decode()


def installed(wheel, folder, *call):
    """Runs Python where the wheel is installed in a folder and the sources are out of reach."""
    wheel.extractall(folder / "site")
    environment = os.environ | {"PYTHONPATH": str(folder / "site")}
    call = [sys.executable, *map(str, call)]
    return subprocess.run(call, capture_output=True, text=True, env=environment, cwd=folder)


def test_a_wheel_holds_one_name_with_the_gin_files_in_it_and_nothing_else(wheel):
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    gin_files = (source_tree.ROOT / "gin").rglob("*.gin")
    expected = {
        *source_tree.python_files("lth_tf"),
        "lth_tf/py.typed",
        "lth_tf/data/digits.npz",
        *(f"lth_tf/{path.relative_to(source_tree.ROOT)}" for path in gin_files),
    }
    assert held == expected


def test_every_command_is_a_console_command(information):
    parser = configparser.ConfigParser()
    parser.read_string(information("entry_points.txt"))
    stems = {Path(path).stem for path in source_tree.python_files("lth_tf/cli")}
    stems -= {"__init__", "app", "devices", "experiment"}  # what they share
    expected = {f"lth-{stem}": f"lth_tf.cli.{stem}:run" for stem in stems}
    assert dict(parser["console_scripts"]) == expected


def test_the_version_has_one_source(information):
    versions = email.message_from_string(information("METADATA"))["Version"]
    assert versions == lth_tf.__version__ == importlib.metadata.version("lth_tf")


def test_what_is_installed_with_it_is_what_it_imports(information):
    needs = email.message_from_string(information("METADATA")).get_all("Requires-Dist") or []
    declared = {name_of(need) for need in needs if "extra ==" not in need}
    imported = set().union(*map(source_tree.packages, source_tree.python_files("lth_tf")))
    assert declared - NOT_IMPORTED_BY_US == imported - EXTRAS
    extra = [need for need in needs if re.search("extra == .(ray|pandas).", need)]
    assert {name_of(need) for need in extra} == EXTRAS
    tests = [path for top in ("tests", "benchmarks") for path in source_tree.python_files(top)]
    imported = set().union(*map(source_tree.packages, tests))
    assert imported <= {name_of(need) for need in needs}


def name_of(requirement):
    """The package that a Requires-Dist line is about."""
    return re.split(r"[<>=!;~ \[]", requirement)[0].replace("_", "-").lower()


def test_the_gin_files_are_found_where_the_package_was_installed(wheel, tmp_path):
    code = "from lth_tf.config import shipped_files; print(shipped_files())"
    done = installed(wheel, tmp_path, "-c", code)
    assert done.stdout.strip() == str(tmp_path / "site" / "lth_tf" / "gin"), done.stderr


def test_an_installed_binary_finds_a_shipped_file_by_its_short_name(wheel, tmp_path, digits_folder):
    call = ["from lth_tf.cli.imp import run; run()", "--gin_file=demo/imp.gin", "--dry_run"]
    places = [f"--workdir={tmp_path / 'work'}", f"--data_dir={digits_folder}"]
    done = installed(wheel, tmp_path, "-c", *call, *places)
    assert done.returncode == 0 and re.search(r"^runs +44, 0 already", done.stdout, re.M), done
    assert not (tmp_path / "work").exists()


def test_the_gin_files_are_found_from_the_environment_of_the_tests():
    from lth_tf.config import shipped_files

    folder = shipped_files()
    assert folder and (folder / "demo" / "imp.gin").is_file()


def test_the_citation_and_the_changelog_are_of_this_version():
    citation = (source_tree.ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {lth_tf.__version__}\n" in citation
    changes = (source_tree.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\n## {lth_tf.__version__}" in changes
