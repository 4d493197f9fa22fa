"""What numbers were computed with, compared."""

from lth_tf import provenance

HERE = {
    "device": "AMD EPYC",
    "software": {"numpy": "2.0", "tensorflow": "2.21.0"},
    "settings": {"onednn": True, "xla_flags": "", "vectors": "AVX2"},
}
OLD = {"device": "AMD EPYC", "software": {"tensorflow": "2.20.0"}, "seconds": 5}


def test_what_differs_is_named_and_what_one_does_not_say_is_left_out():
    assert provenance.differences(HERE, HERE) == []
    assert provenance.differences(OLD, HERE) == ["tensorflow was 2.20.0, is 2.21.0"]
    changed = HERE | {"settings": {"onednn": False, "xla_flags": "--fast", "vectors": "AVX2"}}
    assert provenance.differences(HERE, changed) == [
        "oneDNN was on, is off",
        "XLA_FLAGS was none, is --fast",
    ]


def test_kinds_are_told_apart_by_what_differs_only():
    off = HERE | {"settings": {"onednn": False, "xla_flags": "", "vectors": "AVX2"}}
    assert provenance.mixture([HERE, HERE], "rows") is None
    assert provenance.mixture([], "rows") is None
    assert provenance.mixture([HERE, off, HERE], "rows") == (
        "rows of 2 kinds of machine or setting meet here, on which the same recipe gives other "
        "numbers: oneDNN on (2); oneDNN off (1)"
    )


def test_older_documents_count_as_unknown_where_others_differ():
    assert provenance.kinds([HERE, {"device": "AMD EPYC"}]) == {"": 2}
    intel = HERE | {"device": "Intel"}
    assert provenance.kinds([HERE, intel, {"software": {}}]) == {
        "device AMD EPYC": 1,
        "device Intel": 1,
        "device unknown": 1,
    }
