"""Runs test files given as arguments with pytest: Bazel's tests are programs."""

import sys

import pytest

if __name__ == "__main__":
    sys.exit(pytest.main(sys.argv[1:]))
