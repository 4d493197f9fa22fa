"""Runs the cells of a notebook in this process, in order, and shows what each ends in, as Jupyter.

python notebook.py NOTEBOOK
"""

import ast
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    cells = json.load(file)["cells"]
for cell in (cell for cell in cells if cell["cell_type"] == "code"):
    tree = ast.parse("".join(cell["source"]))
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), globals())
    if last is not None:
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), globals())
        for form in ("_repr_html_", "_repr_png_"):
            if hasattr(value, form):
                print(form, len(getattr(value, form)()))
