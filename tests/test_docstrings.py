"""Docstrings of public functions: ruff sees whether they are there and how they are laid out."""

import ast
from collections.abc import Iterator

from source_tree import ROOT, python_files

# Words that end as a verb does in 'Returns the mean of ...', and are none.
NO_VERBS = ("Whether", "This", "Its", "Errors", "Losses", "Weights", "Masks", "Rows", "Figures")


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    """Yields the public functions of a module and methods of its classes, without properties."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            decorators = (ast.unparse(decorator) for decorator in node.decorator_list)
            if not any("property" in decorator for decorator in decorators):
                yield node


def begins_with_a_verb(docstring: str) -> bool:
    word = docstring.split()[0].rstrip(":,.;")
    return word[1:].islower() and word.endswith("s") and word not in NO_VERBS


def test_a_function_says_what_it_does_with_a_verb():
    wrong = [
        f"{path}:{node.lineno} {node.name}: {docstring.splitlines()[0]}"
        for path in python_files("lth_tf")
        for node in functions(ast.parse((ROOT / path).read_text()))
        if (docstring := ast.get_docstring(node)) and not begins_with_a_verb(docstring)
    ]
    assert wrong == []


def test_verbs_are_told_from_nouns():
    assert begins_with_a_verb("Returns the mean.")
    assert begins_with_a_verb("Trains, then prunes.")
    assert not begins_with_a_verb("The mean of all losses.")
    assert not begins_with_a_verb("Whether all of them are finite.")
    assert not begins_with_a_verb("||W_1 - W_2||_2.")
