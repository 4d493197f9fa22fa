"""TensorBoard: curves, hyperparameters, texts and images, written without TensorFlow.

TensorBoard's own EventFileWriter and HParams helpers import TensorFlow where it is installed, so
this builds the protocol buffers and frames them itself. Each event reaches its file at once: a
curve can be watched while it grows, and a process that is killed loses nothing.
"""

import io
import math
import os
import re
import socket
import struct
import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.hparams import api_pb2, plugin_data_pb2
from tensorboard.plugins.hparams import metadata as hparams_metadata
from tensorboard.plugins.text import metadata as text_metadata
from tensorboard.util import tensor_util

from lth_tf.log.tfrecord import frame

_FIGURES = "figures"  # the run that images and texts belong to
_MOST_OPEN = 32  # files open at a time; the one unused longest is closed first


class Board(AbstractContextManager["Board"]):
    """Writer of a folder of a workdir's `tensorboard`; a context manager.

    A run is a name, with '/' between folders: 'imp/init_0/level_3'. Several processes may write
    to one workdir: every writer has files of its own.

    Args:
      workdir: the folder of the results.
      part: which logdir: 'runs', a run for every training run; 'overview', few runs, which
        TensorBoard shows at once; or 'hparams', a run for every network.
    """

    def __init__(self, workdir: str | os.PathLike[str], part: str = "runs") -> None:
        self._folder = Path(workdir) / "tensorboard" / part
        self._open: OrderedDict[str, io.FileIO] = OrderedDict()
        self._files = 0

    def curve(self, run: str, tag: str, step: int, value: float) -> None:
        """Adds one point to a curve of a run, such as tag 'train/loss'."""
        self._write(run, step, tag=tag, simple_value=float(value))

    def hparams(self, run: str, values: Mapping[str, Any], metrics: Mapping[str, float]) -> None:
        """Adds a run to the HPARAMS tab, to which nothing else may be written.

        TensorBoard gathers the columns from all runs, so runs may have different ones; it takes a
        step that comes again for a restart, and forgets what it had.

        Args:
          run: the session's name in the tab.
          values: hyperparameters; what is no number, text or truth value is shown as text.
          metrics: numbers that came out; those that are not finite are left out.
        """
        start = plugin_data_pb2.SessionStartInfo(start_time_secs=time.time(), group_name=run)
        for name, value in values.items():
            _set(start.hparams[name], value)
        end = plugin_data_pb2.SessionEndInfo(
            status=api_pb2.STATUS_SUCCESS, end_time_secs=time.time()
        )
        self._session(run, hparams_metadata.SESSION_START_INFO_TAG, session_start_info=start)
        for tag, value in metrics.items():
            if math.isfinite(value):
                self.curve(run, tag, 0, value)
        self._session(run, hparams_metadata.SESSION_END_INFO_TAG, session_end_info=end)

    def text(self, tag: str, markdown: str) -> None:
        """Adds a text, read as Markdown, such as a configuration, to the run 'figures'."""
        metadata = text_metadata.create_summary_metadata(display_name=None, description=None)
        tensor = tensor_util.make_tensor_proto(np.array([markdown.encode()], dtype=object))
        self._write(_FIGURES, 0, tag=tag, metadata=metadata, tensor=tensor)

    def image(self, tag: str, png_path: str | os.PathLike[str]) -> None:
        """Adds a picture to the IMAGES tab, of the run 'figures'; a '/' in a tag makes groups.

        Raises:
          OSError: the file cannot be read.
          ValueError: it is not a PNG.
        """
        data = Path(png_path).read_bytes()
        if data[:8] != b"\x89PNG\r\n\x1a\n":
            raise ValueError(f"{png_path}: not a PNG file")
        width, height = struct.unpack(">II", data[16:24])
        image = summary_pb2.Summary.Image(
            width=width, height=height, colorspace=4, encoded_image_string=data
        )
        self._write(_FIGURES, 0, tag=tag, image=image)

    def end_run(self, run: str) -> None:
        """Closes a run's file; a later event of the run opens another."""
        if run in self._open:
            self._open.pop(run).close()

    def close(self) -> None:
        """Closes every file."""
        for run in list(self._open):
            self.end_run(run)

    def __exit__(self, *_: object) -> None:
        self.close()

    def _session(self, run: str, tag: str, **data: Any) -> None:
        content = plugin_data_pb2.HParamsPluginData(**data)
        metadata = hparams_metadata.create_summary_metadata(content)
        self._write(run, 0, tag=tag, metadata=metadata, tensor=hparams_metadata.NULL_TENSOR)

    def _write(self, run: str, step: int, **value: Any) -> None:
        summary = summary_pb2.Summary(value=[summary_pb2.Summary.Value(**value)])
        if run not in self._open:
            if len(self._open) == _MOST_OPEN:
                self.end_run(next(iter(self._open)))
            self._open[run] = self._new_file(self._folder / run)
        self._open.move_to_end(run)
        _append(self._open[run], step=int(step), summary=summary)

    def _new_file(self, folder: Path) -> io.FileIO:
        """Opens an events file. TensorBoard reads a run's files in the order of their names."""
        folder.mkdir(parents=True, exist_ok=True)
        host = re.sub(r"[^A-Za-z0-9_.]", "_", socket.gethostname())
        self._files += 1
        name = f"{time.time():017.6f}.{host}.{os.getpid()}.{self._files}"
        file = io.FileIO(folder / f"events.out.tfevents.{name}", "xb")
        _append(file, file_version="brain.Event:2")
        return file


def _append(file: io.FileIO, **event: Any) -> None:
    record = frame(event_pb2.Event(wall_time=time.time(), **event).SerializeToString())
    written = file.write(record)
    if written != len(record):
        raise OSError(f"{file.name!r}: only {written} of {len(record)} bytes were written")


def _set(target: Any, value: Any) -> None:
    if isinstance(value, (bool, np.bool_)):
        target.bool_value = bool(value)
    elif isinstance(value, (int, float, np.number)):
        target.number_value = float(value)
    else:
        target.string_value = str(value)
