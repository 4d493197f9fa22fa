"""Small archives in the formats in which datasets are published, and their preparing by TFDS.

The images are made up, but the files that hold them are as the real ones: what reads them is the
code that reads the real ones. As a command it prepares a dataset from a made archive:

  python tests/archives.py imagenet2012 --data_dir=/tmp/made --images=2000
"""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from absl import app, flags

JPEG_QUALITY = 90
# How many images a dataset has that many tests share.
FEW = 26
# Gin text that trains a small network on a shipped task.
TRAINING = """
include 'tasks/{task}.gin'
Training.model = @Resnet()
Resnet.depth = 8
Resnet.width = 16
Resnet.classes = {classes}
Resnet.image_shape = {shape}
Training.task = %TASK
Training.hparams = @Hparams()
Hparams.batch_size = 4
Hparams.optimizer = @Momentum()
Hparams.schedule = @Constant()
Constant.rate = 0.01
Training.steps = 3
Training.initializations = (0,)
"""


def picture(label: int, number: int, height: int, width: int) -> np.ndarray:
    """A smooth image, uint8 [height, width, 3]: waves that belong to the label, and some noise."""
    generator = np.random.default_rng([label, number])
    of_class = np.random.default_rng(label)
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    frequencies, phase = of_class.uniform(2, 12, (3, 2)), generator.uniform(0, 1, 3)
    waves = [
        np.sin(2 * np.pi * (f[0] * y + f[1] * x + p))
        for f, p in zip(frequencies, phase, strict=True)
    ]
    noise = generator.normal(0, 8, (height, width, 3))
    return np.clip(128 + 90 * np.stack(waves, -1) + noise, 0, 255).astype(np.uint8)


def jpeg(image: np.ndarray, quality: int = JPEG_QUALITY) -> bytes:
    """A color image as a JPEG file."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def imagenet2012(
    folder: Path, images: int = 20, classes: int = 5, sides: tuple[int, int] = (64, 160)
) -> None:
    """manual/ILSVRC2012_img_train.tar, of a tar for each class, and manual/ILSVRC2012_img_val.tar.

    Args:
      images: how many each of the two holds; the classes of those for training take turns.
      sides: the least and the greatest height and width of an image.
    """
    folder = folder / "manual"
    folder.mkdir(parents=True, exist_ok=True)
    wnids = _tfds_file("datasets/imagenet2012/labels.txt").split()[:classes]
    sizes = np.random.default_rng(0).integers(sides[0], sides[1] + 1, (2, images, 2))
    with tarfile.open(folder / "ILSVRC2012_img_train.tar", "w") as archive:
        for label, wnid in enumerate(wnids):
            numbers = range(label, images, classes)
            made = ((i, jpeg(picture(label, i, *sizes[0, i]))) for i in numbers)
            inner = _tar((f"{wnid}_{i}.JPEG", data) for i, data in made)
            _add(archive, f"{wnid}.tar", inner)
    with tarfile.open(folder / "ILSVRC2012_img_val.tar", "w") as archive:
        for i in range(images):
            data = jpeg(picture(1000, i, *sizes[1, i]))
            _add(archive, f"ILSVRC2012_val_{i + 1:08d}.JPEG", data)


def tiny_imagenet(folder: Path, images: int = 200) -> None:
    """tiny-imagenet-200.zip, with so many images in each split: 200 or more, so of all classes."""
    from lth_tf.data.tiny_imagenet import URL

    wnids = [f"n{10000000 + 7 * i}" for i in range(200)]
    root, buffer = "tiny-imagenet-200", io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"{root}/wnids.txt", "\n".join(reversed(wnids)) + "\n")
        archive.writestr(f"{root}/words.txt", "".join(f"{w}\tthing {w}\n" for w in wnids))
        annotations = []
        for i in range(images):
            wnid, box = wnids[i % 200], "0\t0\t62\t62"
            name = f"{root}/train/{wnid}/images/{wnid}_{i // 200}.JPEG"
            archive.writestr(name, jpeg(picture(i % 200, i, 64, 64)))
            data = jpeg(picture(i % 200, i + images, 64, 64))
            archive.writestr(f"{root}/val/images/val_{i}.JPEG", data)
            annotations.append(f"val_{i}.JPEG\t{wnid}\t{box}\n")
            archive.writestr(f"{root}/test/images/test_{i}.JPEG", data)
        archive.writestr(f"{root}/val/val_annotations.txt", "".join(annotations))
    _download(folder, URL, buffer.getvalue())


def cifar100(folder: Path, images: int = 20) -> None:
    """cifar-100-binary.tar.gz: for each image a coarse label, a fine one, and 3,072 bytes."""

    def batch(first: int) -> bytes:
        made = (picture(i % 100, i, 32, 32) for i in range(first, first + images))
        rows = (
            bytes([i % 20, i % 100]) + p.transpose(2, 0, 1).tobytes() for i, p in enumerate(made)
        )
        return b"".join(rows)

    files = {
        "train.bin": batch(0),
        "test.bin": batch(images),
        "coarse_label_names.txt": "".join(f"coarse {i}\n" for i in range(20)).encode(),
        "fine_label_names.txt": "".join(f"fine {i}\n" for i in range(100)).encode(),
    }
    data = _tar((f"cifar-100-binary/{name}", data) for name, data in files.items())
    _download(
        folder, "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz", gzip.compress(data)
    )


def eurosat(folder: Path, images: int = 20) -> None:
    """EuroSAT.zip: a folder of JPEG files for each class."""
    names = "AnnualCrop Forest HerbaceousVegetation Highway Industrial Pasture PermanentCrop"
    classes = [*names.split(), "Residential", "River", "SeaLake"]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for i in range(images):
            name = f"2750/{classes[i % 10]}/{classes[i % 10]}_{i // 10 + 1}.jpg"
            archive.writestr(name, jpeg(picture(i % 10, i, 64, 64)))
    _download(folder, "http://madm.dfki.de/files/sentinel/EuroSAT.zip", buffer.getvalue())


# Of each dataset: its TFDS name, and what makes its archive in TFDS's folder of downloads.
MAKERS: dict[str, Callable[..., None]] = {
    "imagenet2012": imagenet2012,
    "tiny_imagenet": tiny_imagenet,
    "cifar100": cifar100,
    "eurosat/rgb": eurosat,
}


def make(dataset: str, data_dir: Path, **sizes: Any) -> None:
    """Puts a made archive where TFDS looks for the downloaded one.

    Args:
      sizes: as the function of the dataset takes them.
    """
    MAKERS[dataset](data_dir / "downloads", **sizes)


def prepare(dataset: str, data_dir: Path, **sizes: Any) -> None:
    """Makes an archive and prepares the dataset from it, as users do from the real one."""
    import tensorflow_datasets as tfds

    import lth_tf.data.tiny_imagenet  # noqa: F401, registers it with TFDS

    make(dataset, data_dir, **sizes)
    form = "array_record" if dataset == "imagenet2012" else None
    tfds.builder(dataset, data_dir=data_dir, file_format=form).download_and_prepare()


def _tfds_file(path: str) -> str:
    import tensorflow_datasets as tfds

    return tfds.core.tfds_path(path).read_text()


def _tar(files: Iterator[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in files:
            _add(archive, name, data)
    return buffer.getvalue()


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))


def _download(folder: Path, url: str, data: bytes) -> None:
    """Leaves a file as TFDS leaves it that has downloaded and checked it: nothing is fetched."""
    from tensorflow_datasets.core.download import checksums, resource

    from lth_tf.data import tiny_imagenet

    folder.mkdir(parents=True, exist_ok=True)
    expected = {**checksums.get_all_url_infos(), tiny_imagenet.URL: tiny_imagenet.ARCHIVE}[url]
    path = folder / resource.get_dl_fname(url, expected.checksum)
    path.write_bytes(data)
    information = {"original_fname": expected.filename, "urls": [url]}
    path.with_name(f"{path.name}.INFO").write_text(json.dumps(information))


def main(argv: list[str]) -> None:
    """Prepares one dataset from a made archive."""
    if len(argv) != 2 or argv[1] not in MAKERS:
        raise app.UsageError(f"name one of {', '.join(MAKERS)}")
    arguments = flags.FLAGS
    sizes: dict[str, Any] = {"images": arguments.images}
    if argv[1] == "imagenet2012":
        sizes |= {"classes": 1000, "sides": tuple(map(int, arguments.sides))}
    prepare(argv[1], Path(arguments.data_dir).expanduser(), **sizes)


if __name__ == "__main__":
    flags.DEFINE_string("data_dir", None, "Folder of the TFDS datasets.", required=True)
    flags.DEFINE_integer("images", 1000, "How many images each split has.")
    flags.DEFINE_list("sides", ["350", "500"], "The least and greatest side of ImageNet's images.")
    app.run(main)
