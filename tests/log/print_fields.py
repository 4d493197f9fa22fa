"""Prints the table of fields that docs/results.md shows."""

from lth_tf.log import schema
from lth_tf.log.fields import Field


def lines():
    yield "| field | in | type | unit | null | meaning |"
    yield "|---|---|---|---|---|---|"
    members: dict[Field, list[str]] = {field: ["all"] for field in schema._BEGINNING}
    for kind in schema.kinds().values():
        for field in (*kind.labels, *kind.values):
            members.setdefault(field, []).append(kind.name)
    members |= {field: ["all"] for field in schema._END}
    for f, kinds in members.items():
        choices = f" One of {', '.join(f'`{c}`' for c in f.choices)}." if f.choices else ""
        cells = (f"`{f.name}`", ", ".join(kinds), f.type, f.unit, f.null, f"{f.meaning}{choices}")
        yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print("\n".join(lines()))
