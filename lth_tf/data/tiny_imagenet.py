"""TinyImageNet (Le & Yang 2015) as a TFDS dataset, from the archive that Stanford's CS231n offers.

200 of ImageNet's classes, each with 500 images for training and 50 for validation, 64 x 64 pixels.
The labels of its test images were never published: they are left out.
"""

from collections.abc import Iterator
from typing import Any

import tensorflow_datasets as tfds
from tensorflow_datasets.core.download.checksums import UrlInfo

URL = "http://cs231n.stanford.edu/tiny-imagenet-200.zip"
ARCHIVE = UrlInfo(
    size=248_100_043,
    checksum="6198c8ae015e2b3e007c7841da39ec069199b9aa3bfa943a462022fe5e43c821",
    filename="tiny-imagenet-200.zip",
)


class TinyImagenet(tfds.core.GeneratorBasedBuilder):
    """TFDS builder 'tiny_imagenet': 100,000 training and 10,000 validation images, 200 classes.

    Labels count the classes in the alphabetical order of their WordNet names, as folders are
    counted elsewhere.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "100,000 training and 10,000 validation images."}
    url_infos = {URL: ARCHIVE}

    def _info(self) -> Any:
        features = {
            "image": tfds.features.Image(shape=(64, 64, 3), encoding_format="jpeg"),
            "label": tfds.features.ClassLabel(num_classes=200),
            "file_name": tfds.features.Text(),
        }
        return tfds.core.DatasetInfo(
            builder=self,
            description="200 classes of ImageNet in 64 x 64 pixels.",
            features=tfds.features.FeaturesDict(features),
            supervised_keys=("image", "label"),
            homepage="http://cs231n.stanford.edu/",
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        root = dl_manager.download_and_extract(URL) / "tiny-imagenet-200"
        wnids = sorted((root / "wnids.txt").read_text().split())
        self.info.features["label"].names = wnids
        return {
            "train": self._training(root / "train"),
            "validation": self._validation(root / "val"),
        }

    def _generate_examples(self, path: Any, wnid: str) -> Iterator[tuple[str, dict[str, Any]]]:
        yield path.name, {"image": path, "label": wnid, "file_name": path.name}

    def _training(self, folder: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yields examples from one folder per class, each with a folder of images."""
        for wnid in self.info.features["label"].names:
            for path in sorted((folder / wnid / "images").iterdir()):
                yield from self._generate_examples(path, wnid)

    def _validation(self, folder: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yields examples from one folder and a table: file, class, the corners of a box."""
        for line in (folder / "val_annotations.txt").read_text().splitlines():
            name, wnid = line.split("\t")[:2]
            yield from self._generate_examples(folder / "images" / name, wnid)
