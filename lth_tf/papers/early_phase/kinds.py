"""Names of the kinds of network in early_phase's figures: perturbations and pretraining."""

# Section 5: perturbations of W_k. The 14 points of figure 8 are all of these.
MIXES = ("signs_k_magnitudes_initial", "signs_k_magnitudes_fresh", "signs_initial_magnitudes_k")
SHUFFLES = ("shuffled_network", "shuffled_layers", "shuffled_filters")
SAME_SIGN = tuple(f"{name}_same_sign" for name in SHUFFLES)
SHUFFLED_MAGNITUDES = "signs_initial_magnitudes_shuffled"
NOISES = ("noise_0.5", "noise_1", "noise_2", "noise_3")
FOURTEEN = (*MIXES, *SHUFFLES, *SAME_SIGN, SHUFFLED_MAGNITUDES, *NOISES)

# Section 6: pretext tasks, and epochs; the text names 10 and 40 alone.
PRETEXTS = {
    "random_labels": "random labels",
    "rotation": "self-supervised rotation",
    "blur": "4x blurring",
    "rotation_blur": "4x blurring and self-supervised rotation",
}
LENGTHS = (2, 5, 10, 20, 40)


def pretrained(pretext: str, epochs: int) -> str:
    """Returns the kind of a network that was pretrained for so many epochs."""
    return f"{pretext}_{epochs}_epochs"
