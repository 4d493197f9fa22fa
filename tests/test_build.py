"""BUILD lists every library, binary and test with what each needs; here it is held to the tree."""

import ast
from pathlib import Path
from typing import Any, NamedTuple

import source_tree

PACKAGES = {
    "PIL": "pillow",
    "absl": "absl-py",
    "array_record": "array-record",
    "gin": "gin-config",
    "sklearn": "scikit-learn",
    "tensorflow_datasets": "tensorflow-datasets",
    "tensorflow_model_optimization": "tensorflow-model-optimization",
    "tf_keras": "tf-keras",
}


class Requirement(NamedTuple):
    """requirement("numpy"): a package of the registry."""

    name: str


Rules = dict[str, dict[str, Any]]


def source_files() -> list[str]:
    """Every Python file that belongs to a rule."""
    folders = ("lth_tf", "scripts", "benchmarks", "tests")
    return [path for folder in folders for path in source_tree.python_files(folder)]


def rule_of(path: str) -> tuple[str, str]:
    """The kind and the name of the rule that a file belongs to.

    A subpackage is one library, as is each module of lth_tf itself and each helper of the tests.
    """
    top, *middle = Path(path).parts[:-1]
    stem = Path(path).stem
    if top == "lth_tf":
        return "py_library", (middle or [top if stem == "__init__" else stem])[0]
    if stem == "__init__":
        return "py_library", top
    if top == "scripts":
        return "py_binary", f"lth-{stem}"
    if stem.startswith("test_"):
        return "py_test", stem
    if stem == "conftest":
        return "py_library", "_".join([*middle[-1:], stem])
    is_program = '__name__ == "__main__"' in (source_tree.ROOT / path).read_text(encoding="utf-8")
    return "py_binary" if is_program else "py_library", stem


def expected_rules() -> Rules:
    """Every rule that BUILD should have, by name, with its attributes in order."""
    rules: Rules = {}
    for path in source_files():
        kind, name = rule_of(path)
        rule = rules.setdefault(name, {"kind": kind, "name": name, "srcs": []})
        assert rule["kind"] == kind, f"{path} and {rule['srcs'][0]} are both called {name}"
        rule["srcs"].append(path)
    for rule in rules.values():
        assert rule["kind"] != "py_test" or len(rule["srcs"]) == 1, f"of one name: {rule['srcs']}"
        rule |= extras(rule)
        rule["deps"] = dependencies(rule["name"], rule["srcs"])
    return rules


def extras(rule: dict[str, Any]) -> dict[str, Any]:
    """What a rule needs beside its sources and dependencies."""
    folder = str(Path(rule["srcs"][0]).parent)
    if rule["kind"] == "py_binary" and Path(rule["srcs"][0]).stem != rule["name"]:
        return {"main": rule["srcs"][0]}
    if rule["kind"] == "py_library" and folder.startswith("tests"):
        return {"testonly": True, "imports": [folder]}
    is_helper = rule["kind"] == "py_library" and folder == "benchmarks"
    return {"imports": [folder]} if is_helper else {}


def dependencies(name: str, sources: list[str]) -> list[Any]:
    """The rules and packages that some files import, each once: rules first, in order."""
    own = {rule_of(file)[1] for path in sources for file in [*needed(path)]} - {name}
    others = {top for path in sources for top in source_tree.third_party(path)}
    packages = sorted(PACKAGES.get(top, top) for top in others)
    return [f":{rule}" for rule in sorted(own)] + [Requirement(package) for package in packages]


def needed(path: str) -> set[str]:
    """The project's files that a file needs; pytest imports conftest.py for every test below it."""
    conftests = (str(folder / "conftest.py") for folder in Path(path).parents)
    there = {conftest for conftest in conftests if (source_tree.ROOT / conftest).is_file()}
    return source_tree.own_files(path) | (there if rule_of(path)[0] == "py_test" else set())


def rules_in(text: str) -> Rules:
    """The rules of a BUILD file, by name; globs and loads are passed over."""
    calls = [node.value for node in ast.parse(text).body if isinstance(node, ast.Expr)]
    calls = [c for c in calls if isinstance(c, ast.Call) and getattr(c.func, "id", "")[:3] == "py_"]
    rules = [{"kind": c.func.id} | {k.arg: _value(k.value) for k in c.keywords} for c in calls]
    assert len({rule["name"] for rule in rules}) == len(rules), "a name stands twice in BUILD"
    return {rule["name"]: rule for rule in rules}


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.List):
        return [_value(element) for element in node.elts]
    if isinstance(node, ast.Call):
        return Requirement(ast.literal_eval(node.args[0]))
    return ast.literal_eval(node)


def written(rule: dict[str, Any]) -> str:
    """A rule as it should stand in BUILD."""
    lines = [f"    {k} = {_written(v)},\n" for k, v in rule.items() if k != "kind" and v != []]
    return f"{rule['kind']}(\n{''.join(lines)})\n"


def _written(value: Any) -> str:
    if isinstance(value, Requirement):
        return f'requirement("{value.name}")'
    if not isinstance(value, list):
        return str(value) if isinstance(value, bool) else f'"{value}"'
    elements = [_written(element) for element in value]
    if len(elements) == 1:
        return f"[{elements[0]}]"
    return "[\n" + "".join(f"        {element},\n" for element in elements) + "    ]"


def test_build_is_as_the_tree():
    expected = expected_rules()
    found = rules_in((source_tree.ROOT / "BUILD").read_text(encoding="utf-8"))
    gone = [
        f"BUILD: remove {name}, nothing of it is in the tree" for name in found.keys() - expected
    ]
    wrong = [
        f"BUILD: this is how {name} should stand there:\n\n{written(rule)}"
        for name, rule in expected.items()
        if {"deps": []} | found.get(name, {}) != rule
    ]
    assert not gone + wrong, "\n\n" + "\n".join(gone + wrong)


def test_a_rule_is_read_as_it_is_written():
    rules = expected_rules()
    text = 'load("@x//:y.bzl", "z")\n' + "".join(map(written, rules.values()))
    assert [{"deps": []} | rule for rule in rules_in(text).values()] == list(rules.values())


def test_a_change_of_any_import_changes_a_rule(monkeypatch):
    before = dependencies("noise", ["lth_tf/noise.py"])
    assert before == [":lth_tf", Requirement("numpy")]
    imports = source_tree.imports
    more = [(1, "lth_tf.store.files"), (2, "absl.flags"), (3, "os.path")]
    monkeypatch.setattr(source_tree, "imports", lambda path: imports(path) + more)
    after = dependencies("noise", ["lth_tf/noise.py"])
    assert after == [":lth_tf", ":store", Requirement("absl-py"), Requirement("numpy")]
