"""A small study whose jobs can be counted by hand: one initialization, two rewinding steps."""

from lth_tf.data import Task
from lth_tf.experiments import Imp, Instability, MaskSearch
from lth_tf.models import Lenet
from lth_tf.sweep.jobs import all_states, make_jobs
from lth_tf.training import Adam, Constant, Hparams

HPARAMS = Hparams(60, Adam(), Constant(0.01), threads=1)
SETTING = (Lenet(widths=(5,), image_shape=(8, 8, 1)), Task("digits"), HPARAMS, 30, (0,))
SEARCH = MaskSearch(levels=2)
IMP = Imp(*SETTING, SEARCH, rewind_steps=(0, 10))
INSTABILITY = Instability(*SETTING, SEARCH, (2,), rewind_steps=(0, 10), copies=(1, 2), alphas=5)
EXPERIMENTS = (IMP, INSTABILITY)
REQUESTS = [request for experiment in EXPERIMENTS for request in experiment.requests()]
IMAGES = 1437


def jobs(requests, layout, everything=(), unlogged=(), under_way=()):
    """The jobs of some requests; of `everything`, states on the way are kept for others."""
    states = all_states(everything)
    return make_jobs(requests, layout, lambda task: IMAGES, states, unlogged, under_way)
