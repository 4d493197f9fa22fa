"""Shards: the parts of several studies' chains of requests that one process takes.

Levels of a search come one after the other, so a shard takes whole searches, with everything made
from their masks; and whole chains, if anything is decided in them. Artifacts that several shards
need, such as the trunk to W_k, are made by the first one that comes to them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lth_tf.errors import UserError
from lth_tf.experiments.choices import (
    Chain,
    Decide,
    ExpectedRequests,
    OpenChain,
    expected_requests,
    undecided,
)
from lth_tf.experiments.requests import Request
from lth_tf.experiments.study import Study
from lth_tf.recipes import Mask, Recipe, Train, dag

StudyRequests = list[tuple[Study, Request]]


@dataclass
class _Chain:
    """A chain of a study, and the searches of it that are this shard's: all of them if None."""

    study: Study
    chain: Chain
    searches: frozenset[str] | None

    def own(self, requests: list[Request]) -> list[Request]:
        """Returns the requests that are this shard's, of some requests of the chain."""
        if self.searches is None or not requests:
            return requests
        named = searches(requests)
        return [request for request in requests if _search_of(request, named) in self.searches]


class ShardChains:
    """The chains of a shard of some studies, which go on as their choices are decided.

    Args:
      studies: each once.
      index: of the shard, from 0.
      number: the number of shards.

    Raises:
      UserError: there is no such shard.
    """

    def __init__(self, studies: Sequence[Study], index: int = 0, number: int = 1) -> None:
        check_shard(index, number)
        self._chains = [(one, OpenChain(one.chain)) for one in _shard(studies, index, number)]

    def advance(self, decide: Decide) -> StudyRequests:
        """Resumes the chains; returns their requests up to the next undecided choices."""
        return [
            (one.study, request)
            for one, chain in self._chains
            for request in one.own(chain.advance(decide))
        ]


def expected_by_chain(
    studies: Sequence[Study], decide: Decide, index: int = 0, number: int = 1
) -> list[ExpectedRequests]:
    """Returns the requests of each chain of a shard, at most where choices are open."""
    result = []
    for one in _shard(studies, index, number):
        seen = expected_requests(one.chain, decide)
        seen.certain, seen.uncertain = one.own(seen.certain), one.own(seen.uncertain)
        result.append(seen)
    return result


def _shard(studies: Sequence[Study], index: int, number: int) -> Iterator[_Chain]:
    """Yields the chains of one shard, which the recipes alone decide."""
    if number == 1:
        for study in studies:
            for chain in study.experiment.chains():
                yield _Chain(study, chain, None)
        return
    seen_all = list(_expected_by_chain(studies))
    names = [_names(*each) for each in seen_all]
    shards = _balanced(Counter(name for each in names for name in each), number)
    chains = ((study, chain) for study in studies for chain in study.experiment.chains())
    for (study, chain), (_, _, seen), mine in zip(chains, seen_all, names, strict=True):
        own = frozenset(name for name in mine if shards[name] == index)
        if own:
            yield _Chain(study, chain, None if seen.choices else own)


def _expected_by_chain(studies: Sequence[Study]) -> Iterator[tuple[Study, int, ExpectedRequests]]:
    for study in studies:
        for place, chain in enumerate(study.experiment.chains()):
            yield study, place, expected_requests(chain, undecided)


def _names(study: Study, place: int, seen: ExpectedRequests) -> list[str]:
    """Returns the name of each request's group; a group is not divided among shards."""
    if seen.choices:
        return [f"{study.experiment.key}-{place}"] * len(seen.requests)
    named = searches(seen.requests)
    return [_search_of(request, named) for request in seen.requests]


def _search_of(request: Request, named: Mapping[Recipe, str]) -> str:
    run = request.end.run
    return named[run] if run else request.measurement.key


def check_shard(index: int, number: int) -> None:
    """Raises UserError unless a shard's index is below their number."""
    if not 0 <= index < number:
        allowed = f"from 0 to {number - 1} (--num_shards={number})"
        raise UserError(f"--shard_index={index}; it must be {allowed}")


def searches(requests: Sequence[Request]) -> dict[Recipe, str]:
    """Returns the name of every run's search: of the dense network its mask goes back to."""
    names: dict[Recipe, str] = {}
    for recipe in dag(*(request.measurement for request in requests)).values():
        if isinstance(recipe, Train):
            setting = (recipe.start.key, recipe.task.key, recipe.hparams.key)
            names[recipe] = names.get(recipe.mask, "-".join(setting))
        elif recipe.trained_state or isinstance(recipe, Mask):
            above = [names[child] for child in recipe.children if child in names]
            if above:
                names[recipe] = above[0]
    return {recipe: name for recipe, name in names.items() if isinstance(recipe, Train)}


def _balanced(requests: Mapping[str, int], number: int) -> dict[str, int]:
    """Returns a shard for every name: the largest first, each to the shard with least so far."""
    loads, shards = [0] * number, {}
    for name in sorted(requests, key=lambda c: (-requests[c], c)):
        shards[name] = loads.index(min(loads))
        loads[shards[name]] += requests[name]
    return shards
