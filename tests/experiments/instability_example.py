"""An instability study of a LeNet of a few hundred steps on the digits, rewound to two steps."""

from lth_tf.data import Task
from lth_tf.experiments import Instability, MaskSearch
from lth_tf.models import Lenet
from lth_tf.training import Adam, Constant, Hparams

TASK = Task("digits", mean=(0.3,), std=(0.4,))
MODEL = Lenet(widths=(20, 10), image_shape=(8, 8, 1))
EXPERIMENT = Instability(
    *(
        MODEL,
        TASK,
        Hparams(60, Adam(), Constant(5e-3), xla="off"),
        150,
        (0, 1),
        MaskSearch(2, 0.5),
        (2,),
    ),
    rewind_steps=(0, 20),
    copies=(1, 2, 3),
    alphas=9,
    functions=("error", "barrier", "behavior", "behavior_against_dense", "state"),
)
