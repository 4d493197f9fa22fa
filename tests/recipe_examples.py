"""An example of every recipe class, with values at which each field may change alone."""

import dataclasses

from lth_tf.data import (
    ForgottenSubset,
    LabelNoise,
    MeasuredSubset,
    Pretext,
    RandomSubset,
    ScoredSubset,
    Task,
)
from lth_tf.experiments import (
    AdaptiveImp,
    GaussianNoise,
    Imp,
    Instability,
    MaskSearch,
    Onset,
    Perturbed,
    Pretraining,
    Probing,
    ShuffledMagnitudes,
    ShuffledWeights,
    SignsAndMagnitudes,
    SparsePretraining,
    SparseTraining,
    Sweep,
    Telemetry,
    Training,
)
from lth_tf.measurements import (
    Compare,
    Convergence,
    Curvature,
    Difference,
    Distance,
    Evaluate,
    EvaluateHead,
    EvaluateHeads,
    EvaluateTest,
    Forgetting,
    Gradient,
    GradientMagnitude,
    HessianGradient,
    Interpolate,
    Plane,
    Predict,
    PruningLosses,
    PruningRatio,
    Segment,
    Stability,
    TrainingLosses,
    WeightStatistics,
)
from lth_tf.models import (
    ImagenetResnet,
    InceptionV3,
    KerasModel,
    Lenet,
    Resnet,
    SqueezeNet,
    Vgg,
    WideResnet,
)
from lth_tf.models.probe import Probes
from lth_tf.recipes import (
    AddNoise,
    At,
    Displace,
    HeadMask,
    Init,
    Magnitude,
    NewHead,
    Ones,
    Passed,
    Permute,
    Project,
    Prune,
    Recipe,
    Recombine,
    Recorded,
    Shuffle,
    train,
)
from lth_tf.scores import Grasp, Snip, SynFlow
from lth_tf.training import (
    Adam,
    Constant,
    Cosine,
    Exponential,
    Hparams,
    Linear,
    Momentum,
    Rmsprop,
    Steps,
)

MODEL = Lenet(widths=(6,), classes=10, image_shape=(8, 8, 1))
TASK = Task("digits")
HPARAMS = Hparams(20, Adam(), Constant(0.01))
START, ONES = Init(MODEL, 0), Ones(MODEL)
RUN = train(START, ONES, TASK, HPARAMS, noise=0)
OTHER_RUN = train(START, ONES, TASK, HPARAMS, noise=1)
END = At(RUN, 30)
PREDICTED, OTHERS = Predict(END, TASK), Predict(At(OTHER_RUN, 30), TASK)
PRUNED = Prune(END, ONES, 0.2, Magnitude(), "global", ())
SEARCH = MaskSearch(levels=2)
SETTING = (MODEL, TASK, HPARAMS, 30, (0, 1))
NEXT = At(train(START, PRUNED, TASK, HPARAMS, noise=0), 30)
SWEPT = PruningLosses(END, ONES, TASK, (0.25, 0.5), 5, Magnitude(), "global", ())
OTHER_SWEPT = dataclasses.replace(SWEPT, weights=NEXT)
LOSSES = TrainingLosses(Recorded(RUN, 30), 10)
PROBES = Probes(Lenet(widths=(6, 4)), (1, 2), 10, (8, 8, 1))
HEADS = EvaluateHeads(Init(PROBES, 0), TASK)
PLANE = Plane(END, PRUNED, NEXT, TASK, 5, 1, 2)
# One of every class, with values at which each field may change alone.
EXAMPLES: tuple[Recipe, ...] = (
    *(MODEL, Resnet(depth=14), Vgg(depth=13), KerasModel("mine", "{}", (8, 8, 1), 10)),
    *(ImagenetResnet(), WideResnet(), InceptionV3(), SqueezeNet()),
    *(TASK, HPARAMS, LabelNoise(0.5), RandomSubset(0.5), ScoredSubset("s.npy", "lowest", 0.5)),
    *(Adam(), Momentum(), Rmsprop(), Constant(0.01, 3), Steps(0.01, 3, (10,), 0.5)),
    *(
        Linear(0.01, 3, 10, 0.001),
        Cosine(0.01, 3, 10, 0.001),
        Exponential(0.01, 3, 10, 0.9, True, 0.001),
    ),
    *(START, ONES, RUN, END, PRUNED, Shuffle(PRUNED, 0), Magnitude(), HeadMask(PRUNED, MODEL)),
    *(Project(END, PRUNED), AddNoise(END, PRUNED, 0.5, 0), NewHead(END, MODEL, 0)),
    Recorded(RUN, 30),
    *(Evaluate(END, TASK), Interpolate(END, At(OTHER_RUN, 30), TASK, 5, "interpolate")),
    *(PREDICTED, Compare(PREDICTED, OTHERS), Distance(START, END, ONES)),
    *(SEARCH, Training(*SETTING), Imp(*SETTING, SEARCH), Instability(*SETTING, SEARCH, (1,))),
    Sweep(("STEPS = [10, 20]",)),
    Onset(*SETTING),
    MeasuredSubset(PREDICTED, "lowest", 0.5),
    Stability(START, END, ONES),
    *(Gradient(END), HessianGradient(END), Snip(), Grasp(), SynFlow()),
    *(Displace(END, PRUNED, 0), Segment(END, At(OTHER_RUN, 30), TASK, 5, "interpolate")),
    AdaptiveImp(*SETTING, SEARCH, epoch=10),
    *(PLANE, PLANE.rows[1], SWEPT, LOSSES, PruningRatio(SWEPT, SWEPT, LOSSES)),
    *(WeightStatistics(END, START, END, ONES, 10, 0), Difference(START, END, ONES)),
    Telemetry(*SETTING, SEARCH, at=(0, 30)),
    *(Recombine(END, START, END), Permute(END, PRUNED, "layers", False, 0)),
    *(GaussianNoise(0.5), ShuffledWeights("layers"), ShuffledMagnitudes()),
    *(SignsAndMagnitudes("k", "initial"), Perturbed(*SETTING, SEARCH, levels=(1,))),
    *(Pretext(blur=4), Pretraining(*SETTING, SEARCH, (1,), 5)),
    SparsePretraining(*SETTING, SEARCH, levels=(1,), length=1, epoch=5),
    *(Curvature(END, PRUNED, TASK), GradientMagnitude(END, PRUNED)),
    *(Forgetting(Recorded(RUN, 30)), Convergence((Evaluate(START, TASK), Evaluate(END, TASK)))),
    *(ForgottenSubset("lowest", 0.5), PROBES, HEADS, EvaluateHead(HEADS, 0)),
    *(Passed(RUN, 20), EvaluateTest(END, TASK)),
    *(Probing(*SETTING, SEARCH, HPARAMS, 10, (1,)), SparseTraining(*SETTING, SEARCH)),
)
# What a field that holds a recipe may be changed to.
CHILDREN = (
    *EXAMPLES,
    OTHER_RUN,
    OTHERS,
    OTHER_SWEPT,
    dataclasses.replace(LOSSES, steps=12),
    Recorded(OTHER_RUN, 30),
    Predict(At(RUN, 20), TASK),
    Recorded(RUN, 20),
    Evaluate(At(OTHER_RUN, 30), TASK),
    dataclasses.replace(HPARAMS, batch_size=21),
    EvaluateHeads(Init(PROBES, 1), TASK),
    MaskSearch(3),
)
