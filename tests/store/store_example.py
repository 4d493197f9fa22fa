"""Recipes of a small network, what was trained of them, and comparisons of their states."""

from lth_tf.data import Task
from lth_tf.measurements import Interpolate
from lth_tf.models import Lenet
from lth_tf.recipes import At, Init, Magnitude, Ones, Prune, at, train
from lth_tf.training import Constant, Hparams, Momentum

MODEL, TASK = Lenet(widths=(6,), image_shape=(8, 8, 1)), Task("digits")
HPARAMS = Hparams(60, Momentum(), Constant(0.02), xla="off")
ONES = Ones(MODEL)
RUN = train(Init(MODEL, 0), ONES, TASK, HPARAMS, noise=0)
COPY = train(Init(MODEL, 0), ONES, TASK, HPARAMS, noise=1)
END = At(RUN, 12)
PRUNED = Prune(END, ONES, 0.2, Magnitude(), "global", ())
SPARSE = At(train(at(RUN, 5), PRUNED, TASK, HPARAMS, noise=2), 12)
LINE = Interpolate(END, At(COPY, 12), TASK, 4, "interpolate")


class Counter:
    """How many steps of each run were trained, and which states were finished."""

    def __init__(self):
        self.steps, self.finishes, self.done = {}, [], []

    def trained(self, run, step, losses, seconds):
        self.steps[run] = self.steps.get(run, 0) + len(losses)

    def finished(self, run, step):
        self.finishes.append((run, step))

    def doing(self, about):
        assert not about.startswith("waiting"), "there is nobody to wait for"
        self.done.append(about)


def same(first, second):
    return content(first) == content(second)


def content(state):
    arrays = state.to_arrays()
    return state.step, state.updates, {name: array.tobytes() for name, array in arrays.items()}


def flip(path, position):
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)
