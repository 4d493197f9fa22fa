"""Messages on stderr: this package's warnings, a line each, without TensorFlow's start-up chatter.

Run as a program, this file copies its input to its output without that chatter. It is a process,
not a thread, so that no line is lost when TensorFlow takes the whole process down.
"""

import contextlib
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator

# TensorFlow heeds TF_CPP_MIN_LOG_LEVEL only once it has started. Until then its C++ parts log
# notes and warnings, and that a machine without an NVIDIA driver, or whose GPUs are hidden, has
# no GPU; what else they call an error is kept.
_CHATTER = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog\(\) is called"
    rb"|[IW]\d{4} .*\.(cc|h):\d+\] "
    rb"|E\d{4} .*failed call to cuInit: .*(UNKNOWN ERROR \(303\)|CUDA_ERROR_NO_DEVICE)"
    rb"|E\d{4} .*Unable to register cu\w+ factory"
)
_HIDDEN_LEVELS = ("2", "3")
_START_OF_LINE = "\r\x1b[2K"


class _Warnings(logging.StreamHandler):
    """A handler that prints this package's warnings."""


def quiet() -> None:
    """Silences the notes of libraries, and prints this package's warnings."""
    import absl.logging

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    absl.logging.set_verbosity(absl.logging.WARNING)
    for logger in (logging.getLogger(), logging.getLogger("absl")):
        logger.addFilter(_is_of_use)
    if not any(isinstance(each, _Warnings) for each in logging.getLogger("lth_tf").handlers):
        show_warnings()


def _is_of_use(record: logging.LogRecord) -> bool:
    """Returns whether a library's line is for users; TFDS's about its own source is not."""
    return not record.getMessage().startswith("`FeatureConnector.dtype` is deprecated")


def show_warnings() -> None:
    """Prints each different warning of this package's loggers once, as 'warning: ...'."""
    handler = _Warnings()
    # On a terminal the progress line is in the way; it is drawn again a moment later.
    start = _START_OF_LINE if sys.stderr.isatty() else ""
    handler.setFormatter(logging.Formatter(f"{start}warning: %(message)s"))
    seen: set[str] = set()

    def is_new(record: logging.LogRecord) -> bool:
        before = len(seen)
        seen.add(record.getMessage())
        return len(seen) > before

    handler.addFilter(is_new)
    logger = logging.getLogger("lth_tf")
    logger.setLevel(logging.WARNING)
    logger.addHandler(handler)
    logger.propagate = False


@contextlib.contextmanager
def without_chatter() -> Iterator[None]:
    """Sends stderr through this file's program meanwhile, if TF_CPP_MIN_LOG_LEVEL is 2 or 3."""
    if os.environ.get("TF_CPP_MIN_LOG_LEVEL") not in _HIDDEN_LEVELS:
        yield
        return
    sys.stderr.flush()
    stderr = os.dup(2)
    command = [sys.executable, "-I", "-S", __file__]
    # A session of its own: Ctrl-C is for us alone.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=stderr, start_new_session=True
    ) as sieve:
        assert sieve.stdin is not None
        os.dup2(sieve.stdin.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)


def main() -> None:
    """Copies stdin to stdout without the chatter, line by line."""
    for line in sys.stdin.buffer:
        if not _CHATTER.match(line):
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
