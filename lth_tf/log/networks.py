"""Kinds of network that come with this package besides the four that everything compares."""

from lth_tf.log.fields import NetworkKind, register_network

_GREEN, _RED, _BROWN, _SKY, _BLUE = "#009E73", "#D55E00", "#8C564B", "#56B4E9", "#0072B2"
# How W_k was perturbed before it was trained (early_phase section 5): a color for each family,
# green for signs and magnitudes as in its figure 8, and a marker for each member.
_PERTURBED = (
    ("signs_k_magnitudes_initial", "Signs k, magnitudes 0", _GREEN, "s"),
    ("signs_k_magnitudes_fresh", "Signs k, magnitudes of another initialization", _GREEN, "^"),
    ("signs_initial_magnitudes_k", "Signs 0, magnitudes k", _GREEN, "v"),
    ("signs_initial_magnitudes_initial", "Signs 0, magnitudes 0", _GREEN, "o"),
    ("shuffled_network", "Shuffled globally", _BLUE, "^"),
    ("shuffled_layers", "Shuffled within layers", _BLUE, "s"),
    ("shuffled_filters", "Shuffled within filters", _BLUE, "v"),
    ("shuffled_inputs", "Shuffled within incoming weights", _BLUE, "<"),
    ("shuffled_outputs", "Shuffled within outgoing weights", _BLUE, ">"),
    ("shuffled_network_same_sign", "Shuffled globally, same sign", _SKY, "^"),
    ("shuffled_layers_same_sign", "Shuffled within layers, same sign", _SKY, "s"),
    ("shuffled_filters_same_sign", "Shuffled within filters, same sign", _SKY, "v"),
    ("signs_initial_magnitudes_shuffled", "Signs 0, magnitudes k shuffled within layers", _BROWN,
     "D"),
    ("noise_0.5", "Noise of 0.5 σ", _RED, "^"),
    ("noise_1", "Noise of 1 σ", _RED, "s"),
    ("noise_2", "Noise of 2 σ", _RED, "v"),
    ("noise_3", "Noise of 3 σ", _RED, "D"),
)  # fmt: skip
# The pretext task that it was trained on before its own, and how long (early_phase section 6).
_PRETEXTS = (
    ("random_labels", "Random labels"),
    ("rotation", "Rotation"),
    ("blur", "4x blur"),
    ("rotation_blur", "Rotation and 4x blur"),
)
_LENGTHS = ((2, "#440154", "o"), (5, "#3B528B", "s"), (10, "#21918C", "^"), (20, "#5EC962", "D"),
            (40, "#C8B020", "v"))  # fmt: skip
_PRETRAINED = (
    (f"{key}_{epochs}_epochs", f"{title}, {epochs} epochs", color, marker)
    for key, title in _PRETEXTS
    for epochs, color, marker in _LENGTHS
)
# Sparse networks that were trained on one (fig. 10).
_SPARSE = (
    (f"{key}_after_{pretext}", f"{title} after {words.lower()}", color, marker)
    for pretext, words in _PRETEXTS
    for key, title, color, marker in (
        ("imp", "IMP", _BLUE, "o"),
        ("initial_weights", "Initial weights under IMP's mask", _SKY, "D"),
        ("random_reinitialization", "Random reinitialization", _GREEN, "^"),
        ("random_pruning", "Random pruning", "#E69F00", "s"),
    )
)

for _name, _title, _color, _marker in (*_PERTURBED, *_PRETRAINED, *_SPARSE):
    register_network(NetworkKind(_name, _title, _color, _marker, shipped=True))
