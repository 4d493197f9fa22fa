"""TFRecord frames against published checksums, and damage."""

from hypothesis import assume, given
from hypothesis import strategies as st

from lth_tf.log import tfrecord
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


# 8 bytes and their checksum would look like a length; rows are longer.
FRAMES = st.lists(st.binary(min_size=9, max_size=40), min_size=1, max_size=6, unique=True)


def touched(items, first, end):
    """The items whose frames have a byte between two places, or lie around both."""
    found, offset = set(), 0
    for item in items:
        after = offset + len(frame(item))
        if first < after and end > offset:
            found.add(item)
        offset = after
    return found


def read(data):
    """What is read of some bytes, and the damage."""
    found = list(payloads(data))
    damage = [item for item in found if isinstance(item, Damage)]
    return [item for item in found if not isinstance(item, Damage)], damage


@given(FRAMES, st.data())
def test_a_flipped_bit_costs_its_own_record_and_no_other(items, data):
    whole = bytearray(b"".join(map(frame, items)))
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    whole[bit // 8] ^= 1 << bit % 8
    lost = touched(items, bit // 8, bit // 8 + 1)
    found, damage = read(bytes(whole))
    assert found == [item for item in items if item not in lost]
    (only,) = damage
    offset = len(b"".join(map(frame, items[: items.index(*lost)])))
    assert only.offset == offset and f"({len(frame(*lost))} bytes" in only.problem


@given(FRAMES, st.data())
def test_what_is_cut_out_costs_the_records_that_it_was_of(items, data):
    whole = b"".join(map(frame, items))
    first = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(first, len(whole)))
    found, _ = read(whole[:first] + whole[end:])
    kept = [item for item in items if item not in touched(items, first, end)]
    assert [item for item in found if item in kept] == kept
    assert all(item in items for item in found)


@given(FRAMES, st.binary(min_size=1, max_size=50), st.data())
def test_what_is_put_in_costs_the_record_that_it_is_in(items, strange, data):
    whole = b"".join(map(frame, items))
    place = data.draw(st.integers(0, len(whole)))
    found, damage = read(whole[:place] + strange + whole[place:])
    kept = [item for item in items if item not in touched(items, place, place)]
    assert [item for item in found if item in kept] == kept
    assert all(item in items for item in found)
    assert damage


@given(FRAMES, FRAMES, st.data())
def test_a_file_of_many_faults_gives_every_record_between_them(items, others, data):
    torn = data.draw(st.integers(1, len(frame(items[-1])) - 1))
    whole = b"".join(map(frame, items))[:-torn] + b"".join(map(frame, others))
    # What follows may begin with the very bytes that were torn off.
    assume(frame(items[-1]) not in whole[len(b"".join(map(frame, items[:-1]))) :])
    found, damage = read(whole)
    assert found == items[:-1] + others and len(damage) == 1


def test_the_next_record_is_found_wherever_pieces_of_the_search_meet(monkeypatch):
    whole = bytes(100) + b"".join(map(frame, (b"one", b"two")))
    for size in range(1, 40):
        monkeypatch.setattr(tfrecord, "_SEARCHED", size)
        assert list(payloads(whole)) == [Damage(0, "damaged record (100 bytes)"), b"one", b"two"]


def test_a_damaged_length_costs_its_record_and_says_how_much_was_skipped():
    whole = bytearray(b"".join(map(frame, (b"one", b"two", b"three"))))
    whole[len(frame(b"one"))] ^= 1
    damage = Damage(19, "damaged record (19 bytes)")
    assert list(payloads(bytes(whole))) == [b"one", damage, b"three"]


def test_a_length_beyond_the_end_is_a_torn_record_only_where_nothing_follows():
    huge = frame(b"x" * 100)[:12]
    torn = "torn last record (12 bytes; its writer was stopped)"
    assert list(payloads(huge)) == [Damage(0, torn)]
    assert list(payloads(huge + frame(b"y"))) == [Damage(0, "damaged record (12 bytes)"), b"y"]
