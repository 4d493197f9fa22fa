"""The papers as data: what each printed, beside which a log can be held."""

import importlib

from lth_tf.log.schema import LogError
from lth_tf.report.paper import Paper

# A paper's key is the name of its module here.
PAPERS = ("lmc",)


def load(key: str) -> Paper:
    """The paper of a key.

    Raises:
      LogError: there is none.
    """
    if key not in PAPERS:
        raise LogError(f"--paper={key}: there is no such paper; allowed: {', '.join(PAPERS)}")
    paper: Paper = importlib.import_module(f"{__name__}.{key}").PAPER
    return paper
