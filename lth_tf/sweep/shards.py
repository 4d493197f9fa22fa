"""Shards: the parts of several studies' chains of requests that one process takes.

Levels of a search come one after the other, so a shard takes whole searches, with everything made
from their masks; and whole chains, if anything is decided in them. Artifacts that several shards
need, such as the trunk to W_k, are made by the first one that comes to them.
"""

import itertools
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
from lth_tf.experiments.experiment import Request
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
        names = searches(requests)
        return [request for request in requests if _search_of(request, names) in self.searches]


class ShardChains:
    """The chains of one shard of some studies, which go on as their choices are decided."""

    def __init__(self, studies: Sequence[Study], index: int, number: int) -> None:
        self._chains = [(part, OpenChain(part.chain)) for part in _shard(studies, index, number)]

    def advance(self, decide: Decide) -> StudyRequests:
        """Resumes the chains; returns their requests up to the next undecided choices."""
        return [
            (part.study, request)
            for part, chain in self._chains
            for request in part.own(chain.advance(decide))
        ]


def expected_by_chain(
    studies: Sequence[Study], decide: Decide, index: int = 0, number: int = 1
) -> list[ExpectedRequests]:
    """Returns the requests of each chain of a shard, at most where choices are open."""
    result = []
    for part in _shard(studies, index, number):
        expected = expected_requests(part.chain, decide)
        expected.certain = part.own(expected.certain)
        expected.uncertain = part.own(expected.uncertain)
        result.append(expected)
    return result


def _shard(studies: Sequence[Study], index: int, number: int) -> Iterator[_Chain]:
    """Yields the chains of one shard, which the recipes alone decide; UserError without one."""
    if not 0 <= index < number:
        allowed = f"from 0 to {number - 1} (--num_shards={number})"
        raise UserError(f"--shard_index={index}; it must be {allowed}")
    if number == 1:
        for study in studies:
            for chain in study.experiment.chains():
                yield _Chain(study, chain, None)
        return
    expected = [
        (study, place, expected_requests(chain, undecided))
        for study in studies
        for place, chain in enumerate(study.experiment.chains())
    ]
    groups = [_groups(*of_chain) for of_chain in expected]
    shards = _balanced(Counter(itertools.chain.from_iterable(groups)), number)
    chains = (chain for study in studies for chain in study.experiment.chains())
    for chain, (study, _, requests), names in zip(chains, expected, groups, strict=True):
        own = frozenset(name for name in names if shards[name] == index)
        if own:
            yield _Chain(study, chain, None if requests.choices else own)


def _groups(study: Study, place: int, expected: ExpectedRequests) -> list[str]:
    """Returns the name of each request's group; a group is not divided among shards."""
    if expected.choices:
        return [f"{study.experiment.key}-{place}"] * len(expected.requests)
    names = searches(expected.requests)
    return [_search_of(request, names) for request in expected.requests]


def _search_of(request: Request, names: Mapping[Recipe, str]) -> str:
    run = request.end.run
    return names[run] if run else request.measurement.key


def searches(requests: Sequence[Request]) -> dict[Recipe, str]:
    """Returns the name of every run's search: of the dense network its mask goes back to."""
    names: dict[Recipe, str] = {}
    # W_k is on a run, also where what is measured does not go back to that: as a distance of 0.
    roots = (recipe for request in requests for recipe in (request.measurement, request.end))
    for recipe in dag(*roots).values():
        if isinstance(recipe, Train):
            setting = (recipe.start.key, recipe.task.key, recipe.hparams.key)
            names[recipe] = names.get(recipe.mask, "-".join(setting))
        elif recipe.trained_state or isinstance(recipe, Mask):
            origins = [names[child] for child in recipe.children if child in names]
            if origins:
                names[recipe] = origins[0]
    return {recipe: name for recipe, name in names.items() if isinstance(recipe, Train)}


def _balanced(requests: Mapping[str, int], number: int) -> dict[str, int]:
    """Returns a shard for every name: the largest first, each to the shard with least so far."""
    loads, shards = [0] * number, {}
    for name in sorted(requests, key=lambda c: (-requests[c], c)):
        shards[name] = loads.index(min(loads))
        loads[shards[name]] += requests[name]
    return shards
