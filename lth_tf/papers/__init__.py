"""The papers as data: their figures and printed numbers, to hold beside a log."""

import importlib

from lth_tf.log.schema import LogError
from lth_tf.report.paper import Paper

# A paper's key is the name of its folder here.
PAPERS = ("lmc", "stabilizing", "early_phase", "unmasking", "sgd_noise")


def load(key: str) -> Paper | None:
    """Returns the paper of a key; None of 'none'.

    Raises:
      LogError: there is no such paper.
    """
    if key == "none":
        return None
    if key not in PAPERS:
        allowed = ", ".join((*PAPERS, "none"))
        raise LogError(f"paper={key}: there is no such paper; allowed: {allowed}")
    paper: Paper = importlib.import_module(f"{__name__}.{key}").PAPER
    return paper
