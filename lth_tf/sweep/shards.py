"""Shards: a sweep in parts that need not know of each other.

Levels of a search come one after the other, so a shard takes whole chains: a search with all that
is made from its masks. What chains have in common, such as the trunk to W_k, is made by whichever
shard comes first.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from lth_tf.errors import UserError
from lth_tf.experiments.requests import Request
from lth_tf.recipes import At, Mask, Recipe, Train, dag

Owner = TypeVar("Owner")


def shard_of(requests: Iterable[tuple[Owner, Request]], index: int, number: int) -> list[Any]:
    """The requests of one shard: every one is in exactly one of them.

    Which is decided by the recipes alone, not by what is in the store, and the chains with most
    runs go first to whoever has least.

    Args:
      requests: all of a sweep, each with whom it is for.
      index: which shard, from 0.
      number: how many shards there are.

    Raises:
      UserError: there is no such shard.
    """
    check_shard(index, number)
    requests = list(requests)
    chain_of = chains([request for _, request in requests])
    shards = _share_out(Counter(chain_of.values()), number)
    return [(o, r) for o, r in requests if shards[chain_of[r.end.run]] == index]


def check_shard(index: int, number: int) -> None:
    """Raises UserError unless there is such a shard."""
    if not 0 <= index < number:
        allowed = f"from 0 to {number - 1} (--num_shards={number})"
        raise UserError(f"--shard_index={index}; it must be {allowed}")


def chains(requests: Sequence[Request]) -> dict[Recipe, str]:
    """The name of every run's chain: that of the dense network which its mask goes back to."""
    found: dict[Recipe, str] = {}
    for recipe in dag(*(request.measurement for request in requests)).values():
        if isinstance(recipe, (At, Mask)):
            above = [found[child] for child in recipe.children if child in found]
            if above:
                found[recipe] = above[0]
        elif isinstance(recipe, Train):
            setting = (recipe.start.key, recipe.task.key, recipe.hparams.key)
            found[recipe] = found.get(recipe.mask, "-".join(setting))
    return {recipe: chain for recipe, chain in found.items() if isinstance(recipe, Train)}


def _share_out(runs: Mapping[str, int], number: int) -> dict[str, int]:
    """A shard for every chain, the longest first, each to the shard with fewest runs so far."""
    loads, shards = [0] * number, {}
    for chain in sorted(runs, key=lambda c: (-runs[c], c)):
        shards[chain] = loads.index(min(loads))
        loads[shards[chain]] += runs[chain]
    return shards
