"""The numbers of sgd_noise about frozen tickets and about few examples: tables 5 to 7, 17 to 23."""

from collections.abc import Iterator
from typing import Any

from lth_tf.analysis.sparse_training import Accuracy
from lth_tf.papers.sgd_noise import features
from lth_tf.papers.sgd_noise.networks import DATASETS, MODELS, key
from lth_tf.papers.sgd_noise.numbers import PRETRAINED, SPARSITIES, accuracy, columns, half, keyed
from lth_tf.report.paper import Printed

# Table, blocks and levels. Of 'Block 4, the middle' and 'Block 8, the last', the paper's words,
# ResNet-34 has 16 blocks: here 8 and 16.
_PROBED: dict[str, tuple[str, tuple[int, int], tuple[int, int]]] = {
    "resnet34_tiny_imagenet": ("5", (8, 16), (5, 10)),
    "resnet18_cifar10": ("17", (4, 8), (10, 15)),
    "resnet18_cifar100": ("18", (4, 8), (10, 15)),
}


def _probe(target: str, block: int, **rows: Any) -> Accuracy:
    also = (("block", block), ("target", _titled(target)))
    return accuracy(search_share=None, also=also, **rows)


def _titled(dataset: str) -> str:
    """Returns a dataset's title in rows of probes, which give gray images three channels."""
    return f"{dataset}, in color" if dataset == "mnist" else dataset


def _probes() -> Iterator[Printed]:
    for file, (table, blocks, levels) in _PROBED.items():
        dataset, places = MODELS[file][2], [(level, n) for level in levels for n in blocks]
        named = [f"block {4 * (1 + blocks.index(block))} at {SPARSITIES[level]} %"
                 for level, block in places]  # fmt: skip
        for rewinding, pretrained in PRETRAINED.items():
            found = [_probe(dataset, block, network="imp", level=level, rewinding=rewinding)
                     for level, block in places]  # fmt: skip
            rows = keyed(file, half(features.PROBES[file], rewinding))
            whats = [f"{each}, {pretrained}" for each in named]
            yield from columns(f"Table {table}", whats, found, rows)
        found = [_probe(dataset, block, network="random_pruning", level=level)
                 for level, block in places]  # fmt: skip
        own = {key(file, (0.0, 256)): features.PERMUTED[file]}
        yield from columns(f"Table {table}", [f"{each}, permuted" for each in named], found, own)
        if line := features.RANDOM_DENSE.get(file):
            found = [_probe(dataset, block, network="dense") for block in blocks]
            whats = [f"block {n}, random dense" for n in (4, 8)]
            yield from columns(f"Table {table}", whats, found, {key(file, (0.0, 256)): line})


def _transfer() -> Iterator[Printed]:
    for table, (file, targets) in zip(("6", "19", "20"), features.TARGETS.items(), strict=True):
        block = 16 if "34" in file else 8
        for rewinding, pretrained in PRETRAINED.items():
            found = [_probe(target, block, network="imp", level=10, rewinding=rewinding)
                     for target in targets]  # fmt: skip
            whats = [f"to {DATASETS[target]}, {pretrained}" for target in targets]
            rows = keyed(file, half(features.TRANSFER[file], rewinding))
            yield from columns(f"Table {table}", whats, found, rows)
        found = [_probe(target, block, network="trained_dense") for target in targets]
        whats = [f"to {DATASETS[target]}, frozen dense" for target in targets]
        rows = keyed(file, features.FROZEN_DENSE[file], ((0.0, 256), (0.9, 100)))
        yield from columns(f"Table {table}", whats, found, rows)
        if line := features.RETRAINED_DENSE.get(file):
            found = [_probe(target, block, network="retrained_dense") for target in targets]
            whats = [f"on {DATASETS[target]}, retrained dense" for target in targets]
            yield from columns(f"Table {table}", whats, found, {key(file, (0.9, 256)): line})


_SHARES = (0.01, 0.02, 0.05, 0.1)


def _few_shot() -> Iterator[Printed]:
    for table, (file, lines) in zip(("7", "21", "22"), features.FEW_SHOT.items(), strict=True):
        for rewinding, pretrained in PRETRAINED.items():
            found = [_few(share, network="imp", level=10, rewinding=rewinding) for share in _SHARES]
            whats = [f"{100 * share:g} % of the images, {pretrained}" for share in _SHARES]
            rows = keyed(file, half(lines[:-1], rewinding))
            yield from columns(f"Table {table}", whats, found, rows)
        dense = [_few(share, network="dense") for share in _SHARES]
        whats = [f"{100 * share:g} % of the images, dense" for share in _SHARES]
        yield from columns(f"Table {table}", whats, dense, {key(file, (0.0, 256)): lines[-1]})


def _few(share: float, **rows: Any) -> Accuracy:
    also = (*rows.pop("also", ()), ("Task.subset", "RandomSubset"))
    return accuracy(search_share=None, examples=share, also=also, **rows)


def _forgotten() -> Iterator[Printed]:
    places = [(keep, share) for keep in ("lowest", "highest") for share in (0.01, 0.1)]
    names = {"imp": "ticket", "random_pruning": "permuted", "dense": "dense"}
    for network, line in features.FORGOTTEN.items():
        found = [
            accuracy(network=network, level=10 * (network != "dense"), search_share=None,
                      examples=share, also=(("MeasuredSubset.keep", keep),))
            for keep, share in places
        ]  # fmt: skip
        whats = [f"{names[network]}, {'least' if keep == 'lowest' else 'most'} forgotten "
                 f"{100 * share:g} %" for keep, share in places]  # fmt: skip
        own = {key("resnet18_cifar10", (0.0, 256)): line}
        yield from columns("Table 23", whats, found, own)


FEATURES = (*_probes(), *_transfer(), *_few_shot(), *_forgotten())
