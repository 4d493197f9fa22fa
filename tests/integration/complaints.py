"""The one line that a command says about bad input."""

import subprocess

DEMO = "--gin_file=demo/imp.gin"


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of stderr, without 'error: '."""
    assert done.returncode == 2, done
    assert done.stderr.startswith("error: ") and done.stderr.endswith("\n"), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stdout == ""
    return done.stderr.removeprefix("error: ").rstrip("\n")


def assert_says(line: str, *parts: str) -> None:
    for part in parts:
        assert part in line, line
