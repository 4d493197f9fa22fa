"""Caches of compiled programs and the like, which keep the most recently used ones."""

import gc
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

# Programs, evaluators and tasks in each cache: the dense and the sparse one of two networks. Each
# program has the variables of its network, and those of a task share its images.
CACHE_SIZE = 4

Item = TypeVar("Item")


def cached(cache: dict[Any, Item], key: Hashable, make: Callable[[], Item]) -> Item:
    """Returns the item of a key, made if it is not there, in place of the least recently used."""
    if key not in cache and len(cache) >= CACHE_SIZE:
        del cache[next(iter(cache))]
        gc.collect()  # Compiled functions and the objects that own them refer to each other.
    cache[key] = cache.pop(key) if key in cache else make()
    return cache[key]
