"""Keras layers: the mask wrapper, fused batch norm, the parameter-free shortcut.

Import this module before loading a saved model (.keras) that holds them. The classes must stay in
it: Keras writes the module's name into the JSON of a user's model, and so into its key.
"""

from typing import Any

import keras
import tensorflow as tf

from lth_tf.recipes import RecipeError

MASKABLE = (
    *(keras.layers.Dense, keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D),
    *(keras.layers.Conv1DTranspose, keras.layers.Conv2DTranspose, keras.layers.Conv3DTranspose),
    *(keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D),
)


@keras.saving.register_keras_serializable(package="lth_tf")
class Masked(keras.layers.Wrapper):
    """A dense or convolutional layer that computes with kernel * mask.

    A pruned weight (mask 0) contributes nothing to the output and gets a gradient of exactly 0.
    The mask is a non-trainable float32 weight of the kernel's shape, ones at the start. A call
    never changes the kernel itself. In training pruned weights are zero already, so that its masks
    are ones (Network.all_logits), and Program.total masks the gradients.

    Raises:
      RecipeError: the layer is not one of MASKABLE, which have one kernel.
    """

    def __init__(self, layer: keras.Layer, **kwargs: Any) -> None:
        if not isinstance(layer, MASKABLE):
            allowed = ", ".join(kind.__name__ for kind in MASKABLE)
            raise RecipeError(
                f"layer {layer.name!r} is a {type(layer).__name__}, whose weights cannot be "
                f"masked; allowed: {allowed}"
            )
        super().__init__(layer, **kwargs)

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        shape = self.layer.kernel.shape
        self.mask = self.add_weight(shape, "ones", "float32", trainable=False, name="mask")

    def call(self, inputs: Any) -> Any:
        # The wrapped layer reads its variables from this scope: the kernel times the mask, the
        # others as they are. Nothing is assigned, and gradients reach the kernel via the product.
        kernel = self.layer.kernel
        values = [(v, v.value) for v in self.layer.variables if v is not kernel]
        values.append((kernel, kernel.value * self.mask.value))
        with keras.StatelessScope() as scope:
            for update in values:
                scope.add_update(update)
            return self.layer(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self.layer.compute_output_shape(input_shape)


@keras.saving.register_keras_serializable(package="lth_tf")
class BatchNorm(keras.Layer):
    """Batch normalization over the last axis with TensorFlow's fused kernel.

    Keras' own layer is not fused on TensorFlow, which alone makes ResNet-20 1.3 times slower.
    Training normalizes with the batch's mean and biased variance and moves the statistics:
    moving = momentum * moving + (1 - momentum) * batch. Inference uses the moving statistics.
    Parameters and statistics are float32, also under mixed precision.

    On several replicas of a tf.distribute.Strategy, each with an equal share of the batch, it
    computes what it would on one with the whole batch, up to rounding. The moving statistics are
    the same on all of them.

    Args:
      momentum: of the moving statistics; 0.9 is PyTorch's momentum=0.1.
      epsilon: added to the variance.
      unbiased: whether the moving variance keeps the batch variance with Bessel's correction
        n / (n - 1), as the fused kernel gives it and PyTorch keeps it, or without it, as
        keras.layers.BatchNormalization does.
      groups: in how many equal groups of consecutive examples a batch is normalized, each with
        its own mean and variance. The statistics move toward the mean over the groups of both.
      scale: whether there is a trained scale, gamma; without it, it is 1.
      gamma_initializer, beta_initializer: of the scale and the offset.
    """

    def __init__(
        self,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        unbiased: bool = True,
        groups: int = 1,
        scale: bool = True,
        gamma_initializer: Any = "ones",
        beta_initializer: Any = "zeros",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.momentum, self.epsilon, self.unbiased = momentum, epsilon, unbiased
        self.groups, self.scale = groups, scale
        self.gamma_initializer = keras.initializers.get(gamma_initializer)
        self.beta_initializer = keras.initializers.get(beta_initializer)

    def build(self, input_shape: Any) -> None:
        def add(name: str, initializer: Any, trainable: bool) -> keras.Variable:
            return self.add_weight(
                name=name,
                shape=(input_shape[-1],),
                initializer=initializer,
                trainable=trainable,
                dtype="float32",
                autocast=False,
            )

        self._channels = input_shape[-1]
        self.gamma = add("gamma", self.gamma_initializer, True) if self.scale else None
        self.beta = add("beta", self.beta_initializer, True)
        self.moving_mean = add("moving_mean", "zeros", False)
        self.moving_variance = add("moving_variance", "ones", False)

    def call(self, inputs: tf.Tensor, training: bool = False, mask: Any = None) -> tf.Tensor:
        if mask is not None:
            raise RecipeError(f"layer {self.name!r} (BatchNorm) cannot leave out masked time steps")
        channels = self._channels
        images = inputs if inputs.shape.rank == 4 else tf.reshape(inputs, [-1, 1, 1, channels])
        if training and self.trainable:
            outputs = self._train(images)
        else:
            outputs, *_ = self._fused(images, self.moving_mean.value, self.moving_variance.value)
        return outputs if inputs.shape.rank == 4 else tf.reshape(outputs, tf.shape(inputs))

    def _train(self, images: tf.Tensor) -> tf.Tensor:
        """Normalizes this replica's share of a batch, in groups, and moves the statistics."""
        context = tf.distribute.get_replica_context()
        replicas = context.num_replicas_in_sync if context else 1
        # Large batches of all replicas together have more entries than 32 bits can count.
        values = tf.size(images, tf.int64) * replicas // (self.groups * self._channels)
        if self.groups % replicas == 0:
            outputs, mean, variance = self._whole_groups(images, self.groups // replicas)
            if replicas > 1:
                both = context.all_reduce(tf.distribute.ReduceOp.MEAN, tf.stack([mean, variance]))
                mean, variance = both[0], both[1]
        elif replicas % self.groups == 0:
            outputs, mean, variance = self._parts_of_groups(images, context)
            number = tf.cast(values, tf.float32)
            variance = variance * (number / tf.maximum(number - 1, 1))
        else:
            raise RecipeError(
                f"layer {self.name!r} normalizes in {self.groups} groups, which {replicas} "
                "replicas cannot share equally"
            )
        self._move(mean, variance, values)
        return outputs

    def _scale(self) -> tf.Tensor:
        return tf.ones([self._channels]) if self.gamma is None else self.gamma.value

    def _fused(self, images: tf.Tensor, *moving: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """Returns outputs, mean and unbiased variance: the moving ones, or else the batch's."""
        mean, variance = moving or (tf.zeros([0]), tf.zeros([0]))
        # The raw op, as tf.compat.v1.nn.fused_batch_norm silently raises epsilon to 1.001e-5.
        return tf.raw_ops.FusedBatchNormV3(
            x=images,
            scale=self._scale(),
            offset=self.beta.value,
            mean=mean,
            variance=variance,
            epsilon=self.epsilon,
            is_training=not moving,
        )[:3]

    def _whole_groups(self, images: tf.Tensor, groups: int) -> tuple[tf.Tensor, ...]:
        """Returns outputs, and the groups' average mean and unbiased variance."""
        if groups == 1:
            return self._fused(images)
        parts = [self._fused(part) for part in tf.split(images, groups)]
        outputs, means, variances = zip(*parts, strict=True)
        return tf.concat(outputs, 0), tf.add_n(means) / groups, tf.add_n(variances) / groups

    def _parts_of_groups(self, images: tf.Tensor, context: Any) -> tuple[tf.Tensor, ...]:
        """Returns what `_whole_groups` does, but the biased variance, of groups over replicas."""
        x, place = tf.cast(images, tf.float32), context.replica_id_in_sync_group
        replicas, channels = context.num_replicas_in_sync, self._channels
        part_mean = tf.reduce_mean(x, [0, 1, 2])
        part_variance = tf.reduce_mean(tf.math.squared_difference(x, part_mean), [0, 1, 2])
        # Every replica gets the moments of all, as rows of a sum: all strategies have sums, with
        # their gradients. They are combined without the cancellation that sums of squares suffer.
        rows = tf.one_hot(place, replicas)[:, None, None] * tf.stack([part_mean, part_variance])
        rows = context.all_reduce(tf.distribute.ReduceOp.SUM, rows)
        parts = tf.reshape(rows, [self.groups, replicas // self.groups, 2, channels])
        means, variances = parts[:, :, 0], parts[:, :, 1]
        mean = tf.reduce_mean(means, 1)
        between = tf.math.squared_difference(means, mean[:, None])
        variance = tf.reduce_mean(variances + between, 1)
        own = place // (replicas // self.groups)
        scale = self._scale() * tf.math.rsqrt(variance[own] + self.epsilon)
        outputs = tf.cast((x - mean[own]) * scale + self.beta.value, images.dtype)
        return outputs, tf.reduce_mean(mean, 0), tf.reduce_mean(variance, 0)

    def _move(self, mean: tf.Tensor, variance: tf.Tensor, count: tf.Tensor) -> None:
        """Moves the statistics toward those of groups of `count` values a channel."""
        if not self.unbiased:
            number = tf.cast(count, tf.float32)
            variance = variance * ((number - 1) / number)
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(self.momentum * moving.value + (1 - self.momentum) * batch)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        fields = ("momentum", "epsilon", "unbiased", "groups", "scale")
        initializers = {
            name: keras.initializers.serialize(getattr(self, name))
            for name in ("gamma_initializer", "beta_initializer")
        }
        return super().get_config() | {f: getattr(self, f) for f in fields} | initializers


@keras.saving.register_keras_serializable(package="lth_tf")
class PaddedShortcut(keras.Layer):
    """Every `stride`-th pixel of an NHWC image, with channels of zeros added behind the others.

    Source: He et al. 2016, shortcut option A. It has no parameters.
    """

    def __init__(self, channels: int, stride: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.channels, self.stride = channels, stride

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        pixels = inputs[:, :: self.stride, :: self.stride, :]
        return tf.pad(pixels, [[0, 0], [0, 0], [0, 0], [0, self.channels - inputs.shape[-1]]])

    def compute_output_shape(self, input_shape: Any) -> Any:
        batch, height, width, _ = input_shape
        return (batch, -(-height // self.stride), -(-width // self.stride), self.channels)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"channels": self.channels, "stride": self.stride}
