"""Chains that decide on the way: the bound on their cost, decisions from a store, their ends."""

from dataclasses import replace

import pytest
from choosing import (
    ADAPTIVE,
    HPARAMS,
    IMP,
    ONSET,
    SETTING,
    answered,
    evaluation,
    numbers_for,
    paths,
    put,
)

from lth_tf.experiments import (
    Choice,
    planning,
)
from lth_tf.experiments.choices import (
    Ended,
    OpenChain,
    expected_requests,
    requests_at_most,
    undecided,
)
from lth_tf.experiments.planning import decided, plan, plan_of
from lth_tf.measurements import Evaluate, Interpolate
from lth_tf.recipes import At, Init, Ones, RecipeError, train
from lth_tf.store import artifacts, remaining
from lth_tf.store.layout import Layout
from lth_tf.store.plan import make_plan


def fill(layout, experiment, answers, decisions):
    """Puts into a store what a process leaves that was killed after so many decisions."""
    left = list(answers[:decisions])

    def decide(choice):
        if not left:
            return None
        answer = left.pop(0)
        for measurement in choice.measurements:
            put(measurement, layout, numbers_for(choice, answer))
        return choice.options[answer]

    chain = OpenChain(next(iter(experiment.chains())))
    for request in chain.advance(decide):
        put(request.end, layout)


@pytest.mark.parametrize(
    "experiment, options, most", [(ADAPTIVE, 3, 4), (ONSET, 2, 4), (IMP, 3, 4)]
)
def test_the_bound_is_never_below_what_is_run(experiment, options, most, tmp_path):
    steps = {"rewind_steps": (0,)} if experiment is IMP else {}
    one = replace(experiment, initializations=(0,), **steps)
    one_layouts = 0
    for answers, requests in paths(experiment, options, most):
        for decisions in range(len(answers) + 1):
            layout = Layout(tmp_path / f"{''.join(map(str, answers))}-{decisions}")
            fill(layout, experiment, answers, decisions)
            real = make_plan((r.measurement for r in requests), layout)
            bound = plan([one], layout)
            assert bound.steps_left >= real.steps_left
            assert bound.runs - bound.present >= real.runs - real.present
            assert bound.measurements >= real.measurements
            assert bool(bound.choices) == (decisions < len(answers))
            # Whoever comes after the kill decides alike, and goes on from there.
            seen = expected_requests(next(iter(one.chains())), decided(layout))
            assert seen.certain == requests[: len(seen.certain)]
            one_layouts += 1
    assert one_layouts > 30


def test_the_bound_takes_nothing_for_present_that_a_fixed_search_left(tmp_path):
    """The costliest way is the fixed search of 20 %, which may have been run before."""
    empty, full = Layout(tmp_path / "empty"), Layout(tmp_path / "full")
    floor, _ = answered(ADAPTIVE, ())
    for request in floor[1:]:
        put(request.end, full)
        put(request.measurement, full, evaluation(0))
    assert plan([ADAPTIVE], full).steps_left == plan([ADAPTIVE], empty).steps_left


def test_two_studies_with_one_costliest_way_are_counted_each(tmp_path):
    other = replace(ADAPTIVE, initializations=(0,))
    layout = Layout(tmp_path)
    alone = plan([ADAPTIVE], layout).steps_left, plan([other], layout).steps_left
    # The first run, which is certain, is one and the same.
    assert plan([ADAPTIVE, other], layout).steps_left == sum(alone) - 30


def test_a_chain_goes_on_where_it_stands_whatever_the_others_do():
    first, second = map(OpenChain, ADAPTIVE.chains())
    assert len(first.advance(undecided)) == len(second.advance(undecided)) == 1
    assert first.advance(undecided) == []
    decisions = iter([0.2, None])
    assert [r.labels["level"] for r in first.advance(lambda c: next(decisions))] == [1]
    assert [r.labels["level"] for r in first.advance(lambda choice: 0.4)] == [2]
    assert [r.labels["level"] for r in first.advance(lambda choice: 0.4)] == []
    assert first.choice is None and second.choice is not None
    assert len(answered(ADAPTIVE, (0, 1, 1))[0]) == 3


def test_a_chain_ends_where_a_network_diverged():
    def decide(choice):
        raise Ended

    chain = OpenChain(next(iter(ADAPTIVE.chains())))
    assert len(chain.advance(decide)) == 1
    assert chain.choice is None and chain.advance(undecided) == []


def test_a_decision_is_read_from_the_store(tmp_path):
    layout = Layout(tmp_path)
    seen = expected_requests(next(iter(ADAPTIVE.chains())), decided(layout))
    assert len(seen.certain) == 1 and seen.choices == len(seen.uncertain) + 1
    put(seen.certain[0].measurement, layout, evaluation(1))
    seen = expected_requests(next(iter(ADAPTIVE.chains())), decided(layout))
    assert len(seen.certain) == 2 and seen.certain[1].mask.fraction == 0.4


def test_the_mark_of_a_network_that_diverged_ends_a_chain(tmp_path):
    layout = Layout(tmp_path)
    (first,) = expected_requests(next(iter(ADAPTIVE.chains())), decided(layout)).certain
    run = first.end.run
    header = {"key": run.key, "recipe": run.canonical, "step": first.end.step - 1}
    artifacts.write(layout.diverged(run), header, {})
    seen = expected_requests(next(iter(ADAPTIVE.chains())), decided(layout))
    assert seen.certain == [first] and not seen.uncertain and seen.choices == 0
    left = plan_of([seen], layout)
    assert (left.choices, left.steps_left) == (0, 0) and "at most" not in str(left)


def test_numbers_that_a_worker_makes_while_they_are_looked_for_end_no_chain(tmp_path, monkeypatch):
    layout = Layout(tmp_path)
    seen = expected_requests(next(iter(ADAPTIVE.chains())), decided(layout))

    def just_made(measurements, layout):
        put(measurements[0], layout, evaluation(1))
        return remaining.missing_recipes(measurements, layout)

    monkeypatch.setattr(planning, "missing_recipes", just_made)
    chain = OpenChain(next(iter(ADAPTIVE.chains())))
    first, second = chain.advance(decided(layout))[:2]
    assert first.measurement == seen.certain[0].measurement and second.mask.fraction == 0.4


def test_a_choice_rests_on_what_its_chain_measures():
    run = train(Init(SETTING[0], 7), Ones(SETTING[0]), SETTING[1], HPARAMS, 0)
    stranger = Evaluate(At(run, 30), SETTING[1])

    def chain():
        yield Choice("nothing", (stranger,), (1, 2), lambda numbers: 1, 1)

    with pytest.raises(RecipeError, match="nothing rests on Evaluate.* does not request before"):
        OpenChain(chain()).advance(undecided)


def test_options_are_all_there_is_to_choose():
    with pytest.raises(RecipeError, match="x is 3; options: \\(1, 2\\)"):
        Choice("x", (), (1, 2), lambda numbers: 1, 3)
    with pytest.raises(RecipeError, match="x is 9; options: \\(1, 2\\)"):
        Choice("x", (), (1, 2), lambda numbers: 9, 1).option([])


def test_all_that_is_asked_for_at_most():
    levels = [r.labels["level"] for r in requests_at_most(ADAPTIVE)]
    assert levels == 2 * list(range(4))  # 0.8 ** 4 is below 0.45
    lines = [r for r in requests_at_most(ONSET) if isinstance(r.measurement, Interpolate)]
    assert [r.labels["rewind_step"] for r in lines] == 2 * [16, 8, 4, 0]
