"""The resolved text: every parameter that took part, as a gin file."""

from collections.abc import Mapping
from typing import Any

import gin

# The values that took part, by (scope, name with its module), as gin records them.
_Operative = Mapping[tuple[str, str], Mapping[str, Any]]
_MACRO = "gin.macro"


def resolved_text() -> str:
    """Returns the last configuration that gin made as a gin file's text, defaults included.

    Scopes that say nothing are left out, so that a binding without scope has its effect: what is
    made by way of a macro, HPARAMS = @Hparams(), is recorded under a scope of the macro's name.
    """
    return gin.config._config_str(without_scopes(gin.config._OPERATIVE_CONFIG))


def without_scopes(operative: _Operative) -> dict[tuple[str, str], dict[str, Any]]:
    """Returns values by plain name where those of all scopes agree."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for (scope, name), values in operative.items():
        others = [each for (_, other), each in operative.items() if other == name]
        for parameter, value in values.items():
            same = all(repr(each.get(parameter, value)) == repr(value) for each in others)
            place = "" if same and name != _MACRO else scope
            found.setdefault((place, name), {})[parameter] = value
        if not values:
            found.setdefault(("", name), {})
    return found
