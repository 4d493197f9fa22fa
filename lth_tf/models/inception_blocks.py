"""The blocks of Inception-v3 as a table (Szegedy et al. 2016, section 6; names of TF-slim)."""

# A block is branches side by side; a branch is a sequence of convolutions (channels, height,
# width), poolings of 3x3, and pairs of convolutions side by side.
AVERAGE, MAX = "average", "max"
PAIR = ((384, 1, 3), (384, 3, 1))


def _mixed_5(pooled: int) -> tuple:
    """Returns a block of the 35x35 grid (fig. 5, the first 3x3 still a 5x5)."""
    return (
        ((64, 1, 1),),
        ((48, 1, 1), (64, 5, 5)),
        ((64, 1, 1), (96, 3, 3), (96, 3, 3)),
        (AVERAGE, (pooled, 1, 1)),
    )


def _mixed_6(n: int) -> tuple:
    """Returns a block of the 17x17 grid (fig. 6)."""
    return (
        ((192, 1, 1),),
        ((n, 1, 1), (n, 1, 7), (192, 7, 1)),
        ((n, 1, 1), (n, 7, 1), (n, 1, 7), (n, 7, 1), (192, 1, 7)),
        (AVERAGE, (192, 1, 1)),
    )


# A block of the 8x8 grid (fig. 7).
MIXED_7 = (
    ((320, 1, 1),),
    ((384, 1, 1), PAIR),
    ((448, 1, 1), (384, 3, 3), PAIR),
    (AVERAGE, (192, 1, 1)),
)
# The last part of each of their branches halves the image, without padding (fig. 10).
REDUCTIONS = {
    "mixed_6a": (((384, 3, 3),), ((64, 1, 1), (96, 3, 3), (96, 3, 3)), (MAX,)),
    "mixed_7a": (
        ((192, 1, 1), (320, 3, 3)),
        ((192, 1, 1), (192, 1, 7), (192, 7, 1), (192, 3, 3)),
        (MAX,),
    ),
}
BLOCKS = {
    "mixed_5b": _mixed_5(32),
    "mixed_5c": _mixed_5(64),
    "mixed_5d": _mixed_5(64),
    "mixed_6a": REDUCTIONS["mixed_6a"],
    "mixed_6b": _mixed_6(128),
    "mixed_6c": _mixed_6(160),
    "mixed_6d": _mixed_6(160),
    "mixed_6e": _mixed_6(192),
    "mixed_7a": REDUCTIONS["mixed_7a"],
    "mixed_7b": MIXED_7,
    "mixed_7c": MIXED_7,
}
