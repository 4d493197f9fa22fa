"""LeNet 300-100 and any other plan of fully connected layers."""

from dataclasses import dataclass
from typing import Literal

from lth_tf.models.lazy import keras
from lth_tf.recipes import Model, require


@dataclass(frozen=True, eq=False, repr=False)
class Lenet(Model):
    """Fully connected network with ReLU between its layers (Frankle & Carbin 2019, fig. 2).

    With the defaults: 266,610 parameters, 266,200 of them kernel entries (lmc table 1: 266K).
    Layers are named dense_1, dense_2, ..., logits.

    Attributes:
      widths: units of the hidden layers, from the input up.
      kernel_initializer: as in Keras; 'glorot_normal' is Frankle & Carbin's Gaussian Glorot
        (truncated at two standard deviations). Biases start at 0.
    """

    widths: tuple[int, ...] = (300, 100)
    classes: int = 10
    image_shape: tuple[int, ...] = (28, 28, 1)
    kernel_initializer: Literal["glorot_normal", "glorot_uniform", "he_normal"] = "glorot_normal"

    def check(self) -> None:
        require(all(w > 0 for w in self.widths), self, "widths", "numbers of units, each 1 or more")
        self.check_sizes()

    @property
    def title(self) -> str:
        return "LeNet " + "-".join(map(str, self.widths))

    @property
    def blocks(self) -> tuple[str, ...]:
        return tuple(f"dense_{number}" for number in range(1, len(self.widths) + 1))

    def build(self) -> "keras.Model":
        def dense(units: int, name: str, activation: str | None) -> keras.Layer:
            return keras.layers.Dense(
                units, activation=activation, kernel_initializer=self.kernel_initializer, name=name
            )

        inputs = keras.Input(self.image_shape, name="images")
        x = keras.layers.Flatten(data_format="channels_last", name="flatten")(inputs)
        for number, units in enumerate(self.widths, start=1):
            x = dense(units, f"dense_{number}", "relu")(x)
        return keras.Model(inputs, dense(self.classes, "logits", None)(x), name="lenet")
