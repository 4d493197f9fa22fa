"""The networks of the five papers as tables of layers: weights and multiply-adds by arithmetic.

A layer with a kernel is (positions, kernel size, inputs, outputs): it has kernel size * inputs *
outputs weights and takes as many multiply-adds at each of its positions.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

# Layers of each stage (Simonyan & Zisserman 2015, table 1).
VGG_STAGES = {13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
# Squeeze channels of fire modules 2 to 9, by side of the image (Iandola et al. 2016, table 1).
FIRE_MODULES = ((55, (16, 16, 32)), (27, (32, 48, 48, 64)), (13, (64,)))


class Layer(NamedTuple):
    """A dense layer, with one position and a kernel size of 1, or a convolution."""

    positions: int
    kernel: int
    inputs: int
    outputs: int

    @property
    def weights(self) -> int:
        """Numbers in the kernel."""
        return self.kernel * self.inputs * self.outputs


@dataclass(frozen=True)
class Network:
    """A network as its paper describes it: the counts and sizes that its cost follows from.

    Attributes:
      name: as its paper calls it.
      prunable: weights that a mask covers.
      trained: trained numbers, with biases and batch norm's scales and shifts.
      statistics: batch norm's means and variances.
      multiply_adds: of one example's forward pass.
      operations: of one example's training step: forward, to the weights, and to the inputs except
        for the first layer, 2 for each multiply-add.
      source: where the numbers are from.
    """

    name: str
    prunable: int
    trained: int
    statistics: int
    multiply_adds: int
    operations: int
    source: str

    def state_bytes(self, slots: int) -> int:
        """Returns the bytes of a stored float32 state, with so many optimizer slots a weight."""
        return 4 * ((1 + slots) * self.trained + self.statistics)


def counted(name: str, layers: Iterable[Layer], norm: bool = True, bare: int = 0) -> Network:
    """Returns a network of layers, with batch norm after all but the last, or else with biases.

    Args:
      bare: outputs of layers that have neither.
    """
    layers = tuple(layers)
    first, *_, last = layers
    prunable = sum(layer.weights for layer in layers)
    channels = sum(layer.outputs for layer in layers) - bare
    multiply_adds = sum(layer.positions * layer.weights for layer in layers)
    return Network(
        name,
        prunable,
        trained=prunable + (2 * channels - last.outputs if norm else channels),
        statistics=2 * (channels - last.outputs) if norm else 0,
        multiply_adds=multiply_adds,
        operations=2 * (3 * multiply_adds - first.positions * first.weights),
        source="its layers",
    )


def lenet() -> Network:
    """Returns LeNet 300-100 on MNIST."""
    sizes = ((784, 300), (300, 100), (100, 10))
    return counted("LeNet 300-100", (Layer(1, 1, *size) for size in sizes), norm=False)


def vgg(depth: int, classes: int = 10) -> Network:
    """Returns VGG on 32 x 32 images: five stages of 3x3 convolutions, one dense layer."""
    layers, inputs = [], 3
    for stage, count in enumerate(VGG_STAGES[depth]):
        for _ in range(count):
            layers.append(Layer((32 >> stage) ** 2, 9, inputs, width := 64 << min(stage, 3)))
            inputs = width
    return counted(f"VGG-{depth}", (*layers, Layer(1, 1, inputs, classes)))


def cifar_resnet(depth: int, width: int = 16, wider: int = 1) -> Network:
    """Returns a ResNet of depth 6n + 2, or a wide one of depth 6n + 4, on 32 x 32 images."""
    name = f"ResNet-{depth}" if wider == 1 else f"WRN-{depth}-{wider}"
    stem, blocks = Layer(1024, 9, 3, width), (depth - 2 if wider == 1 else depth - 4) // 6
    stages = [(32 >> stage, (width * wider) << stage, blocks) for stage in range(3)]
    # The 1x1 convolutions of a wide ResNet's shortcuts have no batch norm.
    bare = 0 if wider == 1 else sum(channels for _, channels, _ in stages)
    layers = (stem, *_stages(stages, width), Layer(1, 1, stages[-1][1], 10))
    return counted(name, layers, bare=bare)


def basic_resnet(
    name: str, blocks: tuple[int, ...], stem: Layer, side: int, classes: int
) -> Network:
    """Returns ResNet-18 or 34: four stages of basic blocks, the first on `side` x `side` pixels."""
    stages = [(side >> stage, 64 << stage, count) for stage, count in enumerate(blocks)]
    return counted(name, (stem, *_stages(stages, 64), Layer(1, 1, 512, classes)))


def _stages(stages: list[tuple[int, int, int]], inputs: int) -> Iterator[Layer]:
    """Yields basic blocks of (side, channels, blocks): 3x3 twice, 1x1 where shapes change."""
    for side, channels, blocks in stages:
        for _ in range(blocks):
            yield Layer(side**2, 9, inputs, channels)
            yield Layer(side**2, 9, channels, channels)
            if inputs != channels:
                yield Layer(side**2, 1, inputs, channels)
            inputs = channels


def resnet50() -> Network:
    """Returns ResNet-50 v1.5 on 224 x 224 images: a bottleneck's 3x3 convolution has the stride."""
    layers, inputs, side = [Layer(112**2, 49, 3, 64)], 64, 56
    for channels, blocks in ((64, 3), (128, 4), (256, 6), (512, 3)):
        for block in range(blocks):
            before, side = side, 7 * 512 // channels
            layers.append(Layer(before**2, 1, inputs, channels))
            layers.append(Layer(side**2, 9, channels, channels))
            layers.append(Layer(side**2, 1, channels, 4 * channels))
            if block == 0:
                layers.append(Layer(side**2, 1, inputs, 4 * channels))
            inputs = 4 * channels
    return counted("ResNet-50", (*layers, Layer(1, 1, 2048, 1000)))


def squeezenet() -> Network:
    """Returns SqueezeNet 1.0 on 224 x 224 images, padded in the stem, without batch norm."""
    layers, inputs = [Layer(112**2, 49, 3, 96)], 96
    for side, squeezes in FIRE_MODULES:
        for squeeze in squeezes:
            layers.append(Layer(side**2, 1, inputs, squeeze))
            layers += [Layer(side**2, kernel, squeeze, 4 * squeeze) for kernel in (1, 9)]
            inputs = 8 * squeeze
    return counted("SqueezeNet", (*layers, Layer(13**2, 1, inputs, 1000)), norm=False)


def inception_v3() -> Network:
    """Returns Inception-v3 with its auxiliary head on 299 x 299 images, as the package has it."""
    return Network(
        "Inception-v3",
        prunable=27_123_040,
        trained=27_143_152,
        statistics=36_224,
        multiply_adds=5_718_899_296,
        operations=34_275_032_448,
        source="`InceptionV3()`",
    )
