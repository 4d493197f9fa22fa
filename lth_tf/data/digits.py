"""The dataset that comes with the package: 1,797 handwritten digits, through TFDS.

They are the test part of UCI's "Optical Recognition of Handwritten Digits" (E. Alpaydin and C.
Kaynak, 1998, CC BY 4.0), which scikit-learn has, too: 8 x 8 pixels, from 0 to 16, counted in 4 x 4
blocks of 32 x 32 bitmaps. They lie beside this file in digits.npz, as Keras imports all of
scikit-learn and scipy where these are installed, a fifth of the time that TensorFlow takes to load.
"""

import contextlib
import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from lth_tf import noise
from lth_tf.data.builders import DataError, is_prepared

TEST_PER_CLASS = 36


class Digits(tfds.core.GeneratorBasedBuilder):
    """TFDS builder 'digits': 1,437 training and 360 test images, uint8 [8, 8, 1], 10 classes.

    The test split has 36 images of each class, drawn at the address ('digits split', class); the
    rest is for training. Pixels from 0 to 16 become 0 to 255: round(255 / 16 * value).
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "1,437 training and 360 test images, 36 of each class."}

    def _info(self) -> Any:
        features = {
            "image": tfds.features.Image(shape=(8, 8, 1), encoding_format="png"),
            "label": tfds.features.ClassLabel(num_classes=10),
        }
        return tfds.core.DatasetInfo(
            builder=self,
            description="8x8 handwritten digits, which scikit-learn bundles, too.",
            features=tfds.features.FeaturesDict(features),
            supervised_keys=("image", "label"),
            homepage="https://archive.ics.uci.edu/dataset/80",
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        images, labels = bundled()
        test = test_indices(labels)
        train = np.setdiff1d(np.arange(len(labels)), test)
        return {
            "train": self._generate_examples(images, labels, train),
            "test": self._generate_examples(images, labels, test),
        }

    def _generate_examples(
        self, images: np.ndarray, labels: np.ndarray, indices: np.ndarray
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        for i in indices:
            yield f"{i:04d}", {"image": io.BytesIO(_png(images[i])), "label": int(labels[i])}


def bundled() -> tuple[np.ndarray, np.ndarray]:
    """Returns images, uint8 [1797, 8, 8] scaled to 0..255, and labels, uint8 [1797]."""
    with np.load(Path(__file__).with_name("digits.npz")) as file:
        return np.rint(file["pixels"] * (255 / 16)).astype(np.uint8), file["labels"]


def test_indices(labels: np.ndarray) -> np.ndarray:
    """Returns the indices of the bundled images for testing, rising: 36 of each class."""
    chosen = []
    for label in range(10):
        members = np.flatnonzero(labels == label)
        order = noise.generator("digits split", label).permutation(len(members))
        chosen.append(members[order[:TEST_PER_CLASS]])
    return np.sort(np.concatenate(chosen))


def prepare(data_dir: str) -> None:
    """Writes the dataset below data_dir unless it is there; DataError if it cannot be written.

    TFDS writes to a folder of its own and renames it at the end. Of several processes the first
    to rename wins; the others find the same dataset there.
    """
    try:
        builder = Digits(data_dir=data_dir)
        if not is_prepared(builder):
            # TFDS reports progress on stdout and stderr; a second's work needs no report.
            nowhere = io.StringIO()
            with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
                builder.download_and_prepare()
    except OSError as error:
        if not is_prepared(Digits(data_dir=data_dir)):
            reason = error.strerror or error
            raise DataError(f"cannot write dataset 'digits' to {data_dir}: {reason}") from None


def _png(image: np.ndarray) -> bytes:
    """Returns a gray image, uint8 [height, width], as an uncompressed PNG file.

    Compressors differ between versions; stored bytes, and with them the dataset's fingerprint,
    are the same on every machine.
    """
    height, width = image.shape
    rows = b"".join(b"\0" + row.tobytes() for row in image)  # each row begins with filter type 0

    def chunk(kind: bytes, body: bytes) -> bytes:
        checksum = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)  # 8 bits, gray
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body
