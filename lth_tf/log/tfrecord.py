"""TFRecord frames without TensorFlow, with a reader that goes on past damage.

A frame is, little-endian: uint64 length, uint32 masked CRC-32C of these 8 bytes, the payload,
uint32 masked CRC-32C of the payload. TensorFlow's and TensorBoard's readers end at the first
damaged frame, and TensorBoard's writer takes the checksum in pure Python byte by byte; hence this.
"""

import functools
import struct
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

_POLYNOMIAL = 0x82F63B78  # Castagnoli, bits reversed
_BLOCK = 1024  # bytes taken at a time
_HEADER = 12
_FOOTER = 4


class Damage(NamedTuple):
    """A place in a file that is not a good frame: where it begins, in bytes, and what is wrong."""

    offset: int
    problem: str


@functools.cache
def _contributions() -> np.ndarray:
    """What each byte adds to the CRC of a block, by its place from the start: [_BLOCK, 256]."""
    last: np.ndarray = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        last = (last >> 1) ^ np.where(last & 1, np.uint32(_POLYNOMIAL), np.uint32(0))
    places = [last]
    for _ in range(_BLOCK - 1):
        places.append((places[-1] >> 8) ^ last[places[-1] & 0xFF])
    return np.stack(places[::-1])


def crc32c(data: bytes) -> int:
    """CRC-32C (Castagnoli) of some bytes.

    A CRC is linear: a block's is the exclusive or of what each byte adds at its place, so NumPy
    can take many bytes at once. What came before enters through the block's first four bytes.
    """
    crc = 0xFFFFFFFF
    for start in range(0, len(data), _BLOCK):
        block = np.frombuffer(data, np.uint8, min(_BLOCK, len(data) - start), start).copy()
        before = np.frombuffer(crc.to_bytes(4, "little"), np.uint8)[: block.size]
        block[: before.size] ^= before
        table = _contributions()[_BLOCK - block.size :]
        added = table[np.arange(block.size), block]
        crc = (crc >> (8 * block.size)) ^ int(np.bitwise_xor.reduce(added))
    return crc ^ 0xFFFFFFFF


def _masked(data: bytes) -> bytes:
    """The CRC as a frame stores it: rotated and shifted, so that a CRC of a CRC is not special."""
    crc = crc32c(data)
    rotated = (crc >> 15 | crc << 17) & 0xFFFFFFFF
    return struct.pack("<I", (rotated + 0xA282EAD8) & 0xFFFFFFFF)


def frame(payload: bytes) -> bytes:
    """The frame that holds a payload."""
    length = struct.pack("<Q", len(payload))
    return length + _masked(length) + payload + _masked(payload)


def payloads(data: bytes) -> Iterator[bytes | Damage]:
    """Goes through the frames of a file's bytes: each good frame's payload, or the damage.

    A frame whose payload is damaged is passed over. When a length is damaged nothing says where
    the next frame begins, and when the last frame was torn nothing follows: there it ends.
    """
    offset = 0
    while offset < len(data):
        header = data[offset : offset + _HEADER]
        if len(header) < _HEADER:
            yield _torn(offset, data)
            return
        if _masked(header[:8]) != header[8:]:
            unread = len(data) - offset
            yield Damage(offset, f"damaged length, the last {unread} bytes cannot be read")
            return
        end = offset + _HEADER + struct.unpack("<Q", header[:8])[0] + _FOOTER
        if end > len(data):
            yield _torn(offset, data)
            return
        payload = data[offset + _HEADER : end - _FOOTER]
        good = _masked(payload) == data[end - _FOOTER : end]
        yield payload if good else Damage(offset, "damaged record")
        offset = end


def _torn(offset: int, data: bytes) -> Damage:
    return Damage(offset, f"torn last record ({len(data) - offset} bytes; its writer was stopped)")
