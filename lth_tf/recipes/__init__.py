"""Recipes: frozen descriptions of weights, masks and measurements, each with a key.

w0    = Init(model, seed=0)
trunk = train(w0, Ones(model), task, hparams, noise=0)
wk    = at(trunk, 100)                                    # W_k
end   = at(train(wk, mask, task, hparams, noise=1), 24000)  # A^{k->T}(m * W_k, u_1)
mask  = Prune(end, mask, 0.2, Magnitude(), "global", ())
"""

from lth_tf.recipes.bases import Mask, Weights
from lth_tf.recipes.derived import (
    AddNoise,
    DerivedWeights,
    Displace,
    NewHead,
    Permute,
    Project,
    Recombine,
)
from lth_tf.recipes.fields import RecipeError, Seed, Step
from lth_tf.recipes.maker import ArtifactMaker, Diverged, Numbers
from lth_tf.recipes.masks import HeadMask, Magnitude, Ones, Prune, Score, Shuffle
from lth_tf.recipes.model import Model
from lth_tf.recipes.recipe import Recipe, dag, require
from lth_tf.recipes.training import At, Init, Passed, Recorded, Train, at, train

__all__ = [
    "AddNoise", "ArtifactMaker", "At", "DerivedWeights", "Displace", "Diverged", "HeadMask", "Init",
    "Magnitude", "Mask", "Model", "NewHead", "Numbers", "Ones", "Passed", "Permute", "Project",
    "Prune", "Recipe", "RecipeError", "Recombine", "Recorded", "Score", "Seed", "Shuffle", "Step",
    "Train", "Weights", "at", "dag", "require", "train",
]  # fmt: skip
