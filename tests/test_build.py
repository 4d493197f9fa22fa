"""BUILD finds files by globs and says what each part needs; here it is held to the tree."""

import glob
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import source_tree

FOLDERS = ("lth_tf", "scripts", "benchmarks", "tests")


class Requirement(NamedTuple):
    """requirement("numpy"): a package of the registry."""

    name: str


class Build:
    """BUILD, evaluated as Python: what it says there is a part of Python.

    Attributes:
      names: the tables that stand in it.
      rules: every rule by name, with its kind and attributes.
    """

    def __init__(self, text: str) -> None:
        self.rules: dict[str, dict[str, Any]] = {}
        kinds = ("py_library", "py_binary", "py_test", "filegroup")
        self.names: dict[str, Any] = {kind: self._rule(kind) for kind in kinds}
        self.names |= {"glob": found, "requirement": Requirement}
        self.names |= dict.fromkeys(("load", "package"), lambda *_, **__: None)
        exec(compile(text, "BUILD", "exec"), self.names)

    def _rule(self, kind: str) -> Any:
        def add(name: str, **attributes: Any) -> None:
            assert name not in self.rules, f"{name} stands twice in BUILD"
            self.rules[name] = {"kind": kind, "srcs": []} | attributes

        return add


def found(patterns: list[str], exclude: tuple[str, ...] = (), allow_empty: bool = False):
    """Bazel's glob: the files that fit some pattern and none to be excluded, in order."""
    files, left_out = (
        {path for p in of for path in glob.glob(p, root_dir=source_tree.ROOT, recursive=True)}
        for of in (patterns, exclude)
    )
    there = sorted(p for p in files - left_out if (source_tree.ROOT / p).is_file())
    assert there or allow_empty, f"nothing fits {patterns}"
    return there


@pytest.fixture(scope="module")
def build():
    return Build((source_tree.ROOT / "BUILD").read_text(encoding="utf-8"))


def part_of(path: str) -> str:
    """The part of the package that a file belongs to: a folder or a module of lth_tf."""
    top, *below = Path(path).with_suffix("").parts
    return below[0] if below != ["__init__"] else top


def needed() -> dict[str, str]:
    """What every part of the package needs: other parts, and @distributions."""
    parts: dict[str, tuple[set[str], set[str]]] = {}
    for path in source_tree.python_files("lth_tf"):
        own, others = parts.setdefault(part_of(path), (set(), set()))
        own |= {part_of(file) for file in source_tree.own_files(path)}
        others |= distributions(path)
    del parts["lth_tf"]  # lth_tf/__init__.py, which every part needs.
    return {
        part: " ".join([*sorted(own - {part}), *sorted(others)])
        for part, (own, others) in sorted(parts.items())
    }


def distributions(path: str) -> set[str]:
    """The distributions that a file imports, marked as in BUILD."""
    return {f"@{name}" for name in source_tree.packages(path)}


def test_every_part_needs_what_it_imports(build):
    expected = needed()
    lines = "".join(f'    "{part}": "{needs}",\n' for part, needs in expected.items())
    assert build.names["PARTS"] == expected, f"BUILD should say\n\nPARTS = {{\n{lines}}}"


def test_benchmarks_and_tests_need_what_they_import(build):
    files = [path for folder in FOLDERS[2:] for path in source_tree.python_files(folder)]
    assert build.names["TOOLS"] == " ".join(sorted(set().union(*map(distributions, files))))


def test_every_file_belongs_to_a_rule_and_every_rule_has_files(build):
    files = {path for folder in FOLDERS for path in source_tree.python_files(folder)}
    assert {path for rule in build.rules.values() for path in rule["srcs"]} >= files
    assert [name for name, rule in build.rules.items() if not rule["srcs"]] == []


def test_what_a_rule_names_is_there(build):
    for name, rule in build.rules.items():
        named = [*rule.get("deps", ()), *rule.get("data", ()), *rule["srcs"]]
        labels = {label[1:] for label in named if label[0] == ":"}
        assert labels <= build.rules.keys() - {name}, name
        assert (source_tree.ROOT / rule.get("main", "BUILD")).is_file(), name


def test_every_program_is_a_binary_and_nothing_else_is(build):
    binaries = {p for r in build.rules.values() if r["kind"] == "py_binary" for p in r["srcs"]}
    for folder in ("scripts", "benchmarks"):
        for path in source_tree.python_files(folder):
            text = (source_tree.ROOT / path).read_text(encoding="utf-8")
            assert (path in binaries) == ('\nif __name__ == "__main__":\n' in text), path


def test_every_test_is_run_by_pytest(build):
    tests = {name: rule for name, rule in build.rules.items() if rule["kind"] == "py_test"}
    files = [p for p in source_tree.python_files("tests") if Path(p).name.startswith("test_")]
    assert sorted(rule["srcs"][0] for rule in tests.values()) == files
    for name, rule in tests.items():
        assert rule["srcs"] == rule["args"] and rule["main"] == "tests/under_bazel.py", name


def test_a_change_of_any_import_changes_what_a_part_needs(monkeypatch):
    before = needed()["noise"]
    assert before == "lth_tf @numpy"
    imports = source_tree.imports
    more = [(1, "lth_tf.store.files"), (2, "absl.flags"), (3, "os.path")]
    changed = "lth_tf/noise.py"
    monkeypatch.setattr(
        source_tree, "imports", lambda path: imports(path) + (more if path == changed else [])
    )
    assert needed()["noise"] == "lth_tf store @absl-py @numpy"
