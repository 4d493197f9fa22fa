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
_SEARCHED = 1 << 20  # bytes searched at a time for the next frame


class Damage(NamedTuple):
    """A place in a file that is not a good frame: where it begins, in bytes, and what is wrong."""

    offset: int
    problem: str


@functools.cache
def _contributions() -> np.ndarray:
    """Returns each byte's contribution to a block's CRC, by place: [_BLOCK, 256]."""
    last: np.ndarray = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        last = (last >> 1) ^ np.where(last & 1, np.uint32(_POLYNOMIAL), np.uint32(0))
    places = [last]
    for _ in range(_BLOCK - 1):
        places.append((places[-1] >> 8) ^ last[places[-1] & 0xFF])
    return np.stack(places[::-1])


def crc32c(data: bytes | bytearray) -> int:
    """Returns the CRC-32C (Castagnoli) of some bytes.

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


def _masked(data: bytes | bytearray) -> bytes:
    """Returns a CRC as frames store it, rotated and shifted: a CRC of a CRC is not special."""
    crc = crc32c(data)
    rotated = (crc >> 15 | crc << 17) & 0xFFFFFFFF
    return struct.pack("<I", (rotated + 0xA282EAD8) & 0xFFFFFFFF)


def frame(payload: bytes) -> bytes:
    """Returns the frame that holds a payload."""
    length = struct.pack("<Q", len(payload))
    return length + _masked(length) + payload + _masked(payload)


def payloads(data: bytes | bytearray) -> Iterator[bytes | Damage]:
    """Yields the payload of each good frame of a file's bytes, or the damage in its place.

    A frame begins with a length whose own checksum says that it is one. So after a frame that is
    not good, reading goes on at the next such place: bytes that were flipped, cut out or put in
    cost the frames that they touched, and no others.
    """
    offset, starts = 0, None
    while offset < len(data):
        payload = _payload(data, offset)
        if payload is not None:
            yield payload
            offset += _HEADER + len(payload) + _FOOTER
            continue
        if starts is None:
            starts = _starts(data)
        place = int(np.searchsorted(starts, offset, side="right"))
        end = int(starts[place]) if place < len(starts) else len(data)
        yield _damage(data, offset, end)
        offset = end


def _payload(data: bytes | bytearray, offset: int) -> bytes | None:
    """Returns the payload of the frame at an offset; None if no whole and good frame is there."""
    end = _end(data, offset)
    if end is None or end + _FOOTER > len(data):
        return None
    payload = data[offset + _HEADER : end]
    return bytes(payload) if _masked(payload) == data[end : end + _FOOTER] else None


def _end(data: bytes | bytearray, offset: int) -> int | None:
    """Returns where the payload of a frame ends by its length; None if that is not a good one."""
    header = data[offset : offset + _HEADER]
    if len(header) < _HEADER or _masked(header[:8]) != header[8:]:
        return None
    return offset + _HEADER + int.from_bytes(header[:8], "little")


def _starts(data: bytes | bytearray) -> np.ndarray:
    """Returns each offset, rising, at which 8 bytes are followed by their own masked checksum."""
    everything = np.frombuffer(data, np.uint8)
    count = max(0, len(data) - _HEADER + 1)
    offsets = [
        first + np.flatnonzero(_begins(everything[first : first + _SEARCHED + _HEADER - 1]))
        for first in range(0, count, _SEARCHED)
    ]
    return np.concatenate([np.zeros(0, np.int64), *offsets])


def _begins(piece: np.ndarray) -> np.ndarray:
    """Returns where in a piece, but for its last 11 bytes, a length with its checksum begins."""
    count = len(piece) - _HEADER + 1
    table = _contributions()[-8:]
    crc: np.ndarray = np.full(count, crc32c(bytes(8)), np.uint32)
    for place in range(8):
        # Linear: the checksum of 8 zeros, and what each byte changes in it.
        crc ^= table[place][piece[place : place + count]]
    masked = (crc >> np.uint32(15) | crc << np.uint32(17)) + np.uint32(0xA282EAD8)
    stored = np.zeros(count, np.uint32)
    for place in range(4):
        stored |= piece[8 + place : 8 + place + count].astype(np.uint32) << np.uint32(8 * place)
    return masked == stored


def _damage(data: bytes | bytearray, offset: int, end: int) -> Damage:
    """Returns the damage between an offset and the place where reading goes on."""
    size, stated = end - offset, _end(data, offset)
    torn = size < _HEADER if stated is None else stated + _FOOTER > len(data)
    if torn and end == len(data):
        return Damage(offset, f"torn last record ({size} bytes; its writer was stopped)")
    return Damage(offset, f"damaged record ({size} bytes)")
