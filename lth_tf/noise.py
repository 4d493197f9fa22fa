"""Addressed randomness: every draw is a function of its address, never of the draws before.

Initial weights, data orders, augmentation, random masks: each uses the generator at its own
address, so a run can be cut, resumed, or shared between experiments without changing a number.
"""

import hashlib
import json

import numpy as np


def generator(purpose: str, *address: int) -> np.random.Generator:
    """Returns the NumPy generator (Philox) that belongs to one address.

    Args:
      purpose: of the draw, such as 'data order'; keeps streams of the same numbers apart.
      *address: non-negative integers, for example (noise seed, epoch). 0 is a seed like any other.

    Raises:
      ValueError: an element of the address is negative or not an integer.
    """
    if any(not isinstance(a, (int, np.integer)) or a < 0 for a in address):
        raise ValueError(f"a noise address holds integers >= 0, not {address}")
    text = json.dumps([purpose, *map(int, address)])
    digest = hashlib.sha256(text.encode()).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))
