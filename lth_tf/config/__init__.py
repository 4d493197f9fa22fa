"""From gin files to an experiment: the only place that knows gin.

gin fills in recipes. Every recipe class that a package names can be bound by its name in a gin
file; `register` adds a user's own. Whatever is wrong with a file or a binding is one line, a
ConfigError. The parts: `registry` (what can be bound), `parsing` (files and bindings to gin's
configuration), `instantiation` (from there to recipes, and to text again), `unused` (bindings
without effect), `loading` (all of it in order), `errors` and `users_code` (errors as one line),
`syntax` (statements as text, read and written).
"""

from lth_tf.config.errors import ConfigError
from lth_tf.config.loading import load, load_sweep, load_task
from lth_tf.config.parsing import shipped_files
from lth_tf.config.registry import register
from lth_tf.config.syntax import alternatives, as_gin

__all__ = [
    "ConfigError", "alternatives", "as_gin", "load", "load_sweep", "load_task",
    "register", "shipped_files",
]  # fmt: skip
