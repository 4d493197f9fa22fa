"""Filters."""

import pytest
from synthetic import evaluation, key, study

from lth_tf.analysis.where import where
from lth_tf.log.schema import LogError

ROWS = list(study())


@pytest.mark.parametrize(
    ("filters", "holds"),
    [
        (["network=imp"], lambda r: r["network"] == "imp"),
        (["level=3"], lambda r: r["level"] == 3),
        (["density=0.03518"], lambda r: r["level"] == 15),
        (["density=1"], lambda r: r["level"] == 0),
        (["density=1.0e0"], lambda r: r["level"] == 0),
        (["noise=1,2"], lambda r: r["noise"] == [1, 2]),
        (["noise=1"], lambda r: r["noise"] == [1]),
        (["diverged_at=null"], lambda r: True),
        (["barrier=from_mean_of_ends"], lambda r: r["kind"] == "instability"),
        (["model=LeNet 300-100"], lambda r: True),
        (["configuration=" + key("configuration")[:10]], lambda r: True),
        (["kind=evaluation", "initialization=1"], lambda r: (r["kind"], r["initialization"]) ==
         ("evaluation", 1)),
        (["level=3", "level=4"], lambda r: False),
        (["level!=3", "level<=4"], lambda r: r["level"] != 3 and r["level"] <= 4),
        (["density<0.5"], lambda r: r["density"] < 0.5),
        (["density>=0.8"], lambda r: r["density"] >= 0.8),
        (["Constant.rate=12e-4"], lambda r: True),
        (["Constant.rate>0.01"], lambda r: False),
        (["MaskSearch.fraction<=0.2"], lambda r: r["network"] != "dense"),
        (["network!=imp"], lambda r: r["network"] != "imp"),
        (["diverged_at!=null"], lambda r: False),
    ],
)  # fmt: skip
def test_filters(filters, holds):
    assert where(ROWS, filters) == [row for row in ROWS if holds(row)]


def test_every_filter_that_should_find_something_does():
    assert where(ROWS, ["density=0.8"]) and where(ROWS, ["noise=2,3"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("levle=3", "no field, axis or setting 'levle'; did you mean level"),
        ("rate=3", "no field, axis or setting 'rate'; did you mean Constant.rate?"),
        ("xyzzy=3", "there is no field, axis or setting 'xyzzy'"),
        ("level", "it takes NAME=VALUE, or one of"),
        ("level=three", "level takes integer, not 'three'"),
        ("level=3.5", "level takes integer"),
        ("density=x", "density takes fraction"),
        ("noise=a,b", "noise takes list of integers"),
        ("schedule=never", "schedule is one of absolute, restarted"),
        ("software=tensorflow", "cannot be filtered by software"),
        ("alphas=0,1", "cannot be filtered by alphas"),
    ],
)
def test_a_question_that_makes_no_sense_is_one_line(text, message):
    with pytest.raises(LogError) as error:
        where(ROWS, [text])
    assert message in str(error.value) and "\n" not in str(error.value)
    assert f"where={text}" in str(error.value)


def test_axes_are_numbers_texts_and_lists():
    rows = [evaluation(axes=axes) for axes in ({"sigma": 0.5, "n": "a"}, {"sigma": 1}, {})]
    assert where(rows, ["sigma>=0.5"]) == rows[:2]
    assert where(rows, ["sigma<1"]) == rows[:1]
    assert where(rows, ["n=a"]) == rows[:1]
    listed = [evaluation(settings={"Lenet.widths": [300, 100]})]
    assert where(listed, ["Lenet.widths=300,100"]) == listed
    texts = [evaluation(settings={"exclude": ["a", "b"]})]
    assert where(texts, ["exclude=a,b"]) == texts and where(texts, ["exclude=1,2"]) == []
    texts = [evaluation(settings={"exclude": ["1", "2"]})]
    assert where(texts, ["exclude=1,2"]) == texts
    truths = [evaluation(settings={"decoupled": truth}) for truth in (True, False)]
    assert where(truths, ["decoupled=True"]) == truths[:1]


def test_whole_numbers_of_many_digits_are_compared_by_all_of_them():
    rows = [evaluation(settings={"Cosine.end": end}, step=end) for end in (78125, 78130)]
    assert where(rows, ["Cosine.end=78125"]) == where(rows, ["step=78125"]) == rows[:1]
    seed = 2**53 + 1  # which no float is
    rows = [evaluation(initialization=own, noise=own) for own in (seed, seed - 1)]
    for name in ("initialization", "noise"):
        assert where(rows, [f"{name}={seed}"]) == rows[:1]
        assert where(rows, [f"{name}={seed - 1}"]) == rows[1:]


def test_derived_numbers_can_be_asked_for():
    assert where([evaluation(test_error=0.25)], ["test_accuracy>0.7"])
