"""Fully connected networks in NumPy float64, from the papers' formulas alone: the tests' oracle.

Weights are named as in lth_tf.models.Lenet, in the order of its layers. Nothing here is shared
with lth_tf.
"""

import numpy as np

PARTS = ("kernel", "bias")


def layer_names(weights):
    return [name.removesuffix("/kernel") for name in weights if name.endswith("/kernel")]


def activations(weights, images):
    """The inputs of every layer, and last the logits; images are float [examples, ...]."""
    values = [np.asarray(images, np.float64).reshape(len(images), -1)]
    *hidden, last = layer_names(weights)
    for layer in hidden:
        z = values[-1] @ weights[f"{layer}/kernel"] + weights[f"{layer}/bias"]
        values.append(np.maximum(z, 0))
    return [*values, values[-1] @ weights[f"{last}/kernel"] + weights[f"{last}/bias"]]


def probabilities(logits):
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    return shifted / shifted.sum(1, keepdims=True)


def targets(labels, classes, smoothing):
    """The labels' distribution: smoothing / classes everywhere, the rest on the label."""
    expected = np.full((len(labels), classes), smoothing / classes)
    expected[np.arange(len(labels)), labels] += 1 - smoothing
    return expected


def error_and_loss(weights, images, labels, smoothing=0.0):
    """The fraction that is classified wrongly, and the mean cross-entropy in nats."""
    logits = activations(weights, images)[-1]
    expected = targets(labels, logits.shape[1], smoothing)
    losses = -np.sum(expected * np.log(probabilities(logits)), axis=1, where=expected > 0)
    return np.mean(logits.argmax(1) != labels), np.mean(losses)


def gradients(weights, images, labels, smoothing=0.0):
    """Of the mean cross-entropy, by backpropagation."""
    values = activations(weights, images)
    delta = probabilities(values[-1]) - targets(labels, values[-1].shape[1], smoothing)
    delta /= len(labels)
    found = {}
    for number, layer in reversed(list(enumerate(layer_names(weights)))):
        found[f"{layer}/kernel"] = values[number].T @ delta
        found[f"{layer}/bias"] = delta.sum(0)
        delta = (delta @ weights[f"{layer}/kernel"].T) * (values[number] > 0)
    return found


def adam(weights, mask, batches, rate, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
    """Trains mask * weights with adam from zero moments, a step per (images, labels) of batches.

    Returns:
      The weights, and the loss of each step before its update.
    """
    w = {n: np.asarray(v, np.float64) * mask.get(n, 1) for n, v in weights.items()}
    m = {n: np.zeros_like(v) for n, v in w.items()}
    v = {n: np.zeros_like(v) for n, v in w.items()}
    losses = []
    for t, (images, labels) in enumerate(batches, start=1):
        losses.append(error_and_loss(w, images, labels)[1])
        for n, g in gradients(w, images, labels).items():
            g = g * mask.get(n, 1)
            m[n] = beta_1 * m[n] + (1 - beta_1) * g
            v[n] = beta_2 * v[n] + (1 - beta_2) * g**2
            corrected = rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
            w[n] = w[n] - corrected * m[n] / (np.sqrt(v[n]) + epsilon)
    return w, losses


def cosine(peak, end, steps):
    """The learning rate of each step: half a cosine from the peak to 0 at step `end`."""
    return peak * (1 + np.cos(np.pi * np.asarray(steps, np.float64) / end)) / 2


def sgd(weights, mask, batches, rates, momentum, decay_strength):
    """Trains mask * weights by sgd_noise's equations 1 and 2, from a velocity of zero.

    v <- momentum v - rate g; w <- w + v, where g is of the mean cross-entropy and has
    decay_strength * w added in kernels.

    Args:
      batches: (images, labels) of each step.
      rates: the learning rate of each step.

    Returns:
      The weights, and the logits of each step before its update, float64 [steps, batch, classes].
    """
    w = {n: np.asarray(a, np.float64) * mask.get(n, 1) for n, a in weights.items()}
    v = {n: np.zeros_like(a) for n, a in w.items()}
    logits = []
    for (images, labels), rate in zip(batches, rates, strict=True):
        logits.append(activations(w, images)[-1])
        for n, g in gradients(w, images, labels).items():
            g = g + decay_strength * w[n] if n.endswith("kernel") else g
            v[n] = momentum * v[n] - rate * g * mask.get(n, 1)
        w = {n: a + v[n] for n, a in w.items()}
    return w, np.array(logits)


def rmsprop(heads, weights, mask, batches, rates, smoothing, decay_strength):
    """Trains with TensorFlow 1's RMSProp, decay and momentum 0.9, epsilon 1 in the root.

    Args:
      heads: (weight in the loss, the layers from the images to these logits), at least one. Each
        is a fully connected network; layers may belong to several.
      rates: the learning rate of each step.
      decay_strength: of coupled L2 on the kernels.

    Returns:
      The weights, and the loss of each step before its update.
    """
    w = {n: np.asarray(v, np.float64) * mask.get(n, 1) for n, v in weights.items()}
    s = {n: np.ones_like(v) * mask.get(n, 1) for n, v in w.items()}
    v = {n: np.zeros_like(v) for n, v in w.items()}
    losses = []
    for (images, labels), rate in zip(batches, rates, strict=True):
        total = {n: decay_strength * x if n.endswith("kernel") else 0 * x for n, x in w.items()}
        losses.append(0.0)
        for share, layers in heads:
            path = {f"{la}/{part}": w[f"{la}/{part}"] for la in layers for part in PARTS}
            losses[-1] += share * error_and_loss(path, images, labels, smoothing)[1]
            for n, g in gradients(path, images, labels, smoothing).items():
                total[n] = total[n] + share * g * mask.get(n, 1)
        for n, g in total.items():
            s[n] = 0.9 * s[n] + 0.1 * g**2
            v[n] = 0.9 * v[n] + rate * g / np.sqrt(s[n] + 1)
            w[n] = w[n] - v[n]
    return w, losses
