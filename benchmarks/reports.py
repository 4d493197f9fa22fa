"""How a benchmark prints what it found; nothing here loads TensorFlow."""

import json
from typing import Any


def show(report: dict[str, Any], form: str) -> None:
    """Prints a report as one JSON object on one line ('json'), or with a line per item ('text')."""
    if form == "json":
        print(json.dumps(report))
        return
    for name, value in report.items():
        print(f"{name:>22}  {f'{value:,.3f}' if isinstance(value, float) else value}")
