"""TFRecord frames against published checksums, and damage."""

from hypothesis import given
from hypothesis import strategies as st

from lth_tf.log.tfrecord import Damage, crc32c, frame, payloads


def test_checksums_published_in_rfc_3720():
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c(bytes(range(32))) == 0x46DD794E
    assert crc32c(b"") == 0


@given(st.binary(max_size=5000))
def test_the_checksum_is_that_of_a_bit_by_bit_division(data):
    crc = 0xFFFFFFFF
    for byte in data[:200]:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    assert crc32c(data[:200]) == crc ^ 0xFFFFFFFF


def test_the_checksum_of_more_than_one_block_is_tensorboards():
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import crc32c as reference

    data = bytes(i * i % 251 for i in range(5000))
    for size in (1023, 1024, 1025, 1026, 1027, 1028, 2048, 2051, 5000):
        assert crc32c(data[:size]) == reference(data[:size])


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_what_is_framed_is_read_back(items):
    assert list(payloads(b"".join(map(frame, items)))) == items


@given(st.lists(st.binary(max_size=30), min_size=1, max_size=4), st.data())
def test_a_file_cut_anywhere_gives_the_whole_records_before_the_cut(items, data):
    whole = b"".join(map(frame, items))
    cut = data.draw(st.integers(0, len(whole) - 1))
    found = list(payloads(whole[:cut]))
    ends = [len(b"".join(map(frame, items[: i + 1]))) for i in range(len(items))]
    complete = sum(end <= cut for end in ends)
    assert found[:complete] == items[:complete]
    assert len(found[complete:]) == (cut not in [0, *ends])
    assert all("torn last record" in str(damage) for damage in found[complete:])


@given(st.lists(st.binary(min_size=1, max_size=30), min_size=1, max_size=4), st.data())
def test_any_flipped_bit_is_noticed_and_nothing_false_is_read(items, data):
    whole = bytearray(b"".join(map(frame, items)))
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    whole[bit // 8] ^= 1 << bit % 8
    found = list(payloads(bytes(whole)))
    assert any(isinstance(item, Damage) for item in found)
    read = [item for item in found if not isinstance(item, Damage)]
    assert all(item in items for item in read) and len(read) < len(items)


def test_a_damaged_record_in_the_middle_costs_only_itself():
    whole = bytearray(b"".join(map(frame, (b"one", b"two", b"three"))))
    whole[len(frame(b"one")) + 12] ^= 1
    damage = Damage(len(frame(b"one")), "damaged record")
    assert list(payloads(bytes(whole))) == [b"one", damage, b"three"]


def test_a_damaged_length_ends_the_file():
    whole = bytearray(b"".join(map(frame, (b"one", b"two", b"three"))))
    whole[len(frame(b"one"))] ^= 1
    found = list(payloads(bytes(whole)))
    left = len(frame(b"two")) + len(frame(b"three"))
    assert found == [
        b"one",
        Damage(19, f"damaged length, the last {left} bytes cannot be read"),
    ]
