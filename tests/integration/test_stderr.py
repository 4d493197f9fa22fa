"""What reaches stderr: TensorFlow's chatter does not, everything else does, crash or not."""

import subprocess
import sys

from binaries import environment

CHATTER = (
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
    "I0000 00:00:1795256693.878801   29370 port.cc:153] oneDNN custom operations are on. You may "
    "see slightly different numerical results due to floating-point round-off errors",
    "I0000 00:00:1795256693.879785   29370 cudart_stub.cc:31] Could not find cuda drivers",
    "E0000 00:00:1795256695.389329   29370 cuda_platform.cc:52] failed call to cuInit: INTERNAL: "
    "CUDA error: Failed call to cuInit: UNKNOWN ERROR (303)",
    "W0000 00:00:1795256695.389329   29370 computation_placer.cc:177] already registered",
    "E0000 00:00:1795256695.389329   29370 cuda_dnn.cc:8310] Unable to register cuDNN factory",
)
KEPT = (
    "E0000 00:00:1795256695.389329   29370 cuda_platform.cc:52] failed call to cuInit: "
    "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH: system has unsupported display driver",
    "F0000 00:00:1795256695.389329   29370 tensor.cc:17] Check failed: 1 == 2",
    "W1121 10:24:59.394974 139756031904640 feature.py:72] of a Python library",
    "I am a line of a user's own module",
    "Traceback (most recent call last):",
)


def stderr_of(code: str, **changes: str) -> tuple[int, list[str]]:
    """Runs Python code; returns its exit code and what reached stderr, line by line."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=environment(**changes),
        timeout=120,
    )
    return done.returncode, done.stderr.splitlines()


WRITE = """
import os, sys
from lth_tf.messages import without_chatter
with without_chatter():
    for line in {lines!r}:
        os.write(2, line.encode() + b"\\n")
    {then}
print("after", file=sys.stderr)
"""


def test_chatter_is_dropped_and_nothing_else():
    lines = [line for pair in zip(CHATTER, KEPT, strict=False) for line in pair]
    code = WRITE.format(lines=(*lines, CHATTER[-1]), then="print('ours', file=sys.stderr)")
    assert stderr_of(code, TF_CPP_MIN_LOG_LEVEL="2") == (0, [*KEPT, "ours", "after"])


def test_nothing_is_dropped_where_it_was_asked_for():
    code = WRITE.format(lines=CHATTER, then="pass")
    assert stderr_of(code, TF_CPP_MIN_LOG_LEVEL="0") == (0, [*CHATTER, "after"])


def test_the_last_words_of_a_process_that_aborts_are_kept():
    code = WRITE.format(lines=(CHATTER[0], KEPT[1]), then="os.abort()")
    code_of_exit, lines = stderr_of(code, TF_CPP_MIN_LOG_LEVEL="2")
    assert code_of_exit < 0
    assert lines == [KEPT[1]]


def test_an_error_raised_meanwhile_is_kept():
    code = WRITE.format(lines=(CHATTER[0],), then="raise ValueError('of a user')")
    code_of_exit, lines = stderr_of(code, TF_CPP_MIN_LOG_LEVEL="2")
    assert code_of_exit == 1
    assert lines[-1] == "ValueError: of a user" and CHATTER[0] not in lines


def test_warnings_are_plain_lines_once_each():
    code = """
import logging
from lth_tf import messages
messages.show_warnings()
log = logging.getLogger("lth_tf.store.store")
for name in ("a", "b", "a"):
    log.warning("%s is damaged", name)
log.info("not shown")
logging.getLogger("another").error("as ever")
"""
    lines = stderr_of(code)[1]
    assert lines == ["warning: a is damaged", "warning: b is damaged", "as ever"]


def test_lines_of_libraries_about_their_own_source_are_dropped():
    code = """
import absl.logging
from lth_tf import messages
messages.quiet()
absl.logging.error("`FeatureConnector.dtype` is deprecated. Please change your code")
absl.logging.error("broken: `FeatureConnector.dtype` is deprecated")
absl.logging.info("a note")
"""
    lines = stderr_of(code)[1]
    assert [line.removeprefix("ERROR:absl:") for line in lines] == [
        "broken: `FeatureConnector.dtype` is deprecated"
    ]
