"""IMP of a LeNet of a hundred steps on the digits, three levels deep, with lines between them."""

from lth_tf.data import Task
from lth_tf.experiments import Imp, MaskSearch
from lth_tf.models import Lenet
from lth_tf.training import Adam, Constant, Hparams

TASK = Task("digits")
HPARAMS = Hparams(60, Adam(), Constant(2e-2), xla="off")
SEARCH = MaskSearch(3, 0.4, levels_noise="same")
IMP = Imp(
    Lenet(widths=(20, 10), image_shape=(8, 8, 1)), TASK, HPARAMS, 100, (0, 1), SEARCH, (10,),
    replicates="own_noise", alphas=6,
    functions=("error", "level_pairs", "projections", "perturbation"),
)  # fmt: skip
