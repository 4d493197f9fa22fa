"""Keras models as users build them: graphs, graphs within graphs, and what is refused."""

import keras

L = keras.layers


def sequential(**dense):
    return keras.Sequential([keras.Input((4, 4, 1)), L.Flatten(), L.Dense(5), L.Dense(3, **dense)])


def residual(first=None):
    inputs = keras.Input((6, 6, 2))
    x = L.Conv2D(4, 3, padding="same", name=first)(inputs)
    y = keras.ops.relu(L.BatchNormalization()(x))
    y = L.DepthwiseConv2D(3, padding="same")(y)
    x = L.GlobalAveragePooling2D()(x + y)
    return keras.Model(inputs, L.Dense(3)(x))


def nested():
    block = keras.Sequential([keras.Input((5,)), L.Dense(5, "relu"), L.Dense(5)])
    inputs = keras.Input((2, 2, 1))
    x = L.Dense(5)(L.Flatten()(inputs))
    return keras.Model(inputs, L.Dense(3)(L.add([block(x), x])))


def shared():
    inputs = keras.Input((2, 2, 1))
    dense = L.Dense(4)
    x = L.Flatten()(inputs)
    return keras.Model(inputs, L.Dense(3)(dense(dense(x))))


def copied_weights(model, net):
    return dict(zip(net.weight_names, (v.numpy() for v in model.trainable_variables), strict=True))


def two_outputs(classes=3, second=None):
    inputs = keras.Input((4,))
    x = L.Dense(5, "relu", name="first")(inputs)
    auxiliary = L.Dense(classes, second, name="auxiliary")(x)
    return keras.Model(inputs, [L.Dense(3, name="logits")(L.Dense(4)(x)), auxiliary])


def two_names():
    """Keras has these two outputs in the order of their names: not the logits first."""
    logits, auxiliary = (model := two_outputs()).outputs
    return keras.Model(model.inputs[0], {"logits": logits, "auxiliary": auxiliary})


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__(name="own")
        self.dense = L.Dense(3)

    def call(self, inputs):
        return self.dense(inputs)


def built(*layers):
    return keras.Sequential([keras.Input((4, 4, 2)), *layers, L.Flatten(), L.Dense(3, name="out")])


def graph_in_graph():
    """A functional model within another, called twice, with two outputs."""
    inner_inputs = keras.Input((4,))
    inner = keras.Model(inner_inputs, [L.Dense(4)(inner_inputs), L.Dense(4)(inner_inputs)])
    inputs = keras.Input((4,))
    return keras.Model(inputs, L.Dense(3)(L.add(inner(L.add(inner(L.Dense(4)(inputs)))))))


def sequence_and_state():
    """A layer with outputs of several shapes."""
    inputs = keras.Input((6, 4))
    sequence, last = L.GRU(5, return_sequences=True, return_state=True)(inputs)
    return keras.Model(inputs, L.Dense(3)(L.concatenate([L.Flatten()(sequence), last])))


def two_inputs():
    a, b = keras.Input((3,)), keras.Input((3,))
    return keras.Model([a, b], L.Dense(3)(a + b))


def softmax_operation():
    inputs = keras.Input((3,))
    return keras.Model(inputs, keras.ops.softmax(L.Dense(3)(inputs)))


def frozen():
    model = built(L.Conv2D(2, 1, name="still"))
    model.get_layer("still").trainable = False
    return model
