"""What the source files import, read from their syntax trees: nothing is run."""

import ast
import functools
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Distributions that are not called as what is imported from them.
PACKAGES = {
    "PIL": "pillow",
    "absl": "absl-py",
    "array_record": "array-record",
    "gin": "gin-config",
    "tensorflow_datasets": "tensorflow-datasets",
    "tensorflow_model_optimization": "tensorflow-model-optimization",
    "tf_keras": "tf-keras",
}


def python_files(folder: str) -> list[str]:
    """The Python files below a folder of the project, as paths from its root, in order."""
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob("*.py"))


@functools.cache
def imports(path: str) -> list[tuple[int, str]]:
    """Every import in a file as (line, dotted name), those inside functions included.

    `from a.b import c` is 'a.b.c', as c may be a module. A relative import keeps its dots.
    """
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return [(node.lineno, name) for node in ast.walk(tree) for name in imported(node)]


def imported(node: ast.AST) -> Iterator[str]:
    """The dotted names that one node of a syntax tree imports; none if it is no import."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        start = "." * node.level + (f"{node.module}." if node.module else "")
        yield from (start + alias.name for alias in node.names)


def third_party(path: str) -> set[str]:
    """The top-level names of other people's packages that a file imports."""
    tops = {name.partition(".")[0] for _, name in imports(path)}
    return {top for top in tops if top not in sys.stdlib_module_names and not resolve(path, top)}


def packages(path: str) -> set[str]:
    """The distributions that a file needs."""
    return {PACKAGES.get(top, top) for top in third_party(path)}


def own_files(path: str) -> set[str]:
    """The project's files that Python runs because a file imports them, or lies in a package."""
    found = set(_inits(path))
    for _, name in imports(path):
        if target := resolve(path, name):
            found |= {target, *_inits(target)}
    return found - {path}


def resolve(importer: str, name: str) -> str | None:
    """The file of the project that holds what is imported; None if it is not the project's."""
    parts = name.split(".")
    folders = [Path()]
    if importer.startswith(("tests/", "benchmarks/")):
        # These import the helpers beside them by bare name.
        folders += [Path(importer).parent, Path("tests"), Path("benchmarks")]
    for length in range(len(parts), 0, -1):
        for folder in folders:
            stem = folder.joinpath(*parts[:length])
            for candidate in (stem.with_suffix(".py"), stem / "__init__.py"):
                if (ROOT / candidate).is_file():
                    return str(candidate)
    return None


def _inits(path: str) -> list[str]:
    """The files of the packages that a file lies in."""
    inits = (parent / "__init__.py" for parent in Path(path).parents)
    return [str(init) for init in inits if (ROOT / init).is_file()]
