"""Docstrings of functions: ruff sees whether they are there and how they are laid out."""

import ast
from collections.abc import Iterator

from source_tree import ROOT, python_files

FOLDERS = ("lth_tf", "scripts", "benchmarks")
# Words that end as a verb does in 'Returns the mean of ...', and are none.
NO_VERBS = {
    *("Whether", "This", "Its", "Endless", "Errors", "Losses", "Accuracies", "Weights", "Masks"),
    *("Rows", "Figures", "Lines", "Examples", "Images", "Networks", "Operations", "Steps"),
    *("Bytes", "Hours", "Seconds", "Milliseconds"),
}
# Words after which the first one is a noun, as in 'Kinds of network'.
AFTER_NOUNS = {"of", "whose"}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    """Yields the functions of a module and methods of its classes, without properties."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            decorators = (ast.unparse(decorator) for decorator in node.decorator_list)
            if not any("property" in decorator for decorator in decorators):
                yield node


def documented() -> Iterator[tuple[str, ast.FunctionDef, str]]:
    """Yields where each documented function is, the function and its docstring's first line."""
    for path in (path for folder in FOLDERS for path in python_files(folder)):
        for node in functions(ast.parse((ROOT / path).read_text())):
            if docstring := ast.get_docstring(node):
                yield f"{path}:{node.lineno} {node.name}", node, docstring.splitlines()[0]


def begins_with_a_verb(docstring: str) -> bool:
    word, *rest = (each.rstrip(":,.;") for each in docstring.split())
    verb = word[1:].islower() and word.endswith("s") and word not in NO_VERBS
    return verb and not {*rest[:1]} & AFTER_NOUNS


def test_a_function_says_what_it_does_with_a_verb():
    wrong = [f"{where}: {line}" for where, _, line in documented() if not begins_with_a_verb(line)]
    assert wrong == []


def yields(function: ast.FunctionDef) -> bool:
    """Returns whether a function is a generator; one inside it does not count."""
    pending: list[ast.AST] = [*function.body]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, ast.FunctionDef | ast.Lambda):
            pending += ast.iter_child_nodes(node)
    return False


def test_generators_alone_are_said_to_yield_and_do_not_return():
    wrong = [
        f"{where}: {line}"
        for where, node, line in documented()
        if line.split()[0] == ("Returns" if yields(node) else "Yields")
        and not any("contextmanager" in ast.unparse(each) for each in node.decorator_list)
        and not all(isinstance(each, ast.Expr) for each in node.body)  # A protocol's has no body.
    ]
    assert wrong == []


def test_verbs_are_told_from_nouns():
    assert begins_with_a_verb("Returns the mean.")
    assert begins_with_a_verb("Trains, then prunes.")
    assert not begins_with_a_verb("The mean of all losses.")
    assert not begins_with_a_verb("Whether all of them are finite.")
    assert not begins_with_a_verb("||W_1 - W_2||_2.")
    assert not begins_with_a_verb("Seconds a step.")
    assert not begins_with_a_verb("Kinds of network.")
