"""Makes pictures of few dots wherever it is imported: tests ask only what is drawn."""

import lth_tf.figures.style

lth_tf.figures.style._DPI = 50  # dots an inch
