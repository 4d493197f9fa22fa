"""Recipes: frozen descriptions of weights, masks and measurements, each with a key.

w0    = Init(model, seed=0)
trunk = train(w0, Ones(model), task, hparams, noise=0)
wk    = at(trunk, 100)                                    # W_k
end   = at(train(wk, mask, task, hparams, noise=1), 24000)  # A^{k->T}(m * W_k, u_1)
mask  = Prune(end, mask, 0.2, Magnitude(), "global", ())
"""

from lth_tf.recipes.bases import ArtifactMaker, Diverged, Mask, Model, Numbers, Weights
from lth_tf.recipes.derived import (
    AddNoise,
    DerivedWeights,
    Displace,
    NewHead,
    Permute,
    Project,
    Recombine,
)
from lth_tf.recipes.fields import Count, Natural, Positive, RecipeError, Seed, Seeds, Step
from lth_tf.recipes.masks import HeadMask, Magnitude, Ones, Prune, Score, Shuffle
from lth_tf.recipes.recipe import Recipe, dag, require
from lth_tf.recipes.training import At, Init, Passed, Recorded, Train, at, train

__all__ = [
    "AddNoise", "ArtifactMaker", "At", "Count", "DerivedWeights", "Displace", "Diverged",
    "HeadMask", "Init", "Magnitude", "Mask", "Model", "Natural", "NewHead", "Numbers", "Ones",
    "Passed", "Permute", "Positive", "Project", "Prune", "Recipe", "RecipeError", "Recombine",
    "Recorded", "Score", "Seed", "Seeds", "Shuffle", "Step", "Train", "Weights", "at", "dag",
    "require", "train",
]  # fmt: skip
