"""Chains that decide on the way, over every sequence of answers."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from lth_tf.data import Task
from lth_tf.experiments import (
    AdaptiveImp,
    Choice,
    Experiment,
    Imp,
    MaskSearch,
    Onset,
    Request,
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
from lth_tf.models import Lenet
from lth_tf.recipes import At, Init, Magnitude, Ones, Prune, RecipeError, train
from lth_tf.scores import Snip
from lth_tf.store import artifacts, remaining
from lth_tf.store.layout import Layout
from lth_tf.store.plan import make_plan
from lth_tf.training import Adam, Constant, Hparams

HPARAMS = Hparams(60, Adam(), Constant(0.01), threads=1)
SETTING = (Lenet(widths=(5,), image_shape=(8, 8, 1)), Task("digits"), HPARAMS, 30, (0, 1))
FRACTIONS = (0.2, 0.4, 0.6)
CURVES = ("train_errors", "test_errors", "train_losses", "test_losses")


@dataclass(frozen=True, eq=False, repr=False)
class Adaptive(Experiment):
    """A search that prunes by the fraction its last error decides, to less than half."""

    def chains(self) -> Iterable:
        return map(self._search, self.initializations)

    def _search(self, seed):
        mask, density, level = Ones(self.model), 1.0, 0
        while density > 0.45:
            run = train(Init(self.model, seed), mask, self.task, self.hparams, 0)
            end = At(run, self.steps)
            measured = Evaluate(end, self.task)
            labels = {"network": "imp", "initialization": seed, "rewind_step": 0, "noise": [0]}
            yield Request(measured, mask, end, labels | {"level": level})
            fraction = yield Choice(
                f"fraction after level {level}", (measured,), FRACTIONS, fraction_for, 0.2
            )
            mask = Prune(end, mask, fraction, Magnitude(), "global", ())
            density, level = density * (1 - fraction), level + 1


def fraction_for(numbers):
    return FRACTIONS[int(numbers[0]["test_errors"][0])]


ADAPTIVE, ONSET = Adaptive(*SETTING), Onset(*SETTING, unit=4, copies=(1, 2), alphas=3)
IMP = AdaptiveImp(
    *SETTING, MaskSearch(9), (0, 4), to_density=0.45, ratios=(0.1, 0.4, 0.6), epoch=23
)


def put(recipe, layout, numbers=None):
    """Writes an artifact; of a state, anything, as nobody looks at it."""
    header = {"key": recipe.key, "recipe": recipe.canonical}
    if numbers:  # These are looked at, so they are held to their kind's schema.
        zeros = {name: np.zeros(shape, dtype) for name, (dtype, shape) in recipe.schema.items()}
        numbers = zeros | numbers
    artifacts.write(layout.artifact(recipe), header, numbers or {})


def evaluation(answer):
    """Numbers of an evaluation for which `fraction_for` takes an option."""
    return {name: np.array([float(answer)]) for name in CURVES}


def line(is_stable):
    """Numbers of a line whose barrier is 0 or 50 points."""
    errors = np.array([0.1, 0.1 if is_stable else 0.6, 0.1])
    return {"alphas": np.linspace(0, 1, 3), **dict.fromkeys(CURVES, errors)}


def numbers_for(choice, answer):
    """Numbers of what a choice rests on for which it takes an option, given by its place."""
    return {
        "fraction": lambda: evaluation(answer),
        "stability": lambda: line(answer == 0),
        "pruning": lambda: {"largest_ratio": np.array((0.1, 0.4, 0.6)[answer])},
    }[choice.about.split()[0]]()


def answered(experiment, answers):
    """All requests of the first chain, if its choices are answered in this order; and how many."""
    left, used = list(answers), []

    def decide(choice):
        used.append(left.pop(0) if left else choice.options.index(choice.costliest))
        return choice.options[used[-1]]

    chain = OpenChain(next(iter(experiment.chains())))
    return chain.advance(decide), tuple(used)


def paths(experiment, options, most):
    """Every real path of the first chain: its answers and its requests."""
    every = itertools.product(range(options), repeat=most)
    found = {used: requests for requests, used in (answered(experiment, a) for a in every)}
    return found.items()


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


def test_every_answer_of_adaptive_pruning_is_the_fraction_of_the_next_mask():
    for answers, requests in paths(IMP, 3, 4):
        masks = [r.mask for r in requests if isinstance(r.measurement, Evaluate)]
        fractions = [(0.2, 0.4, 0.6)[answer] for answer in answers]
        assert [mask.fraction for mask in masks[1:]] == fractions
        left = np.cumprod([1.0, *(1 - fraction for fraction in fractions)])
        assert left[-1] <= 0.45 and all(density > 0.45 for density in left[:-1])
        levels = [r.labels["level"] for r in requests if isinstance(r.measurement, Evaluate)]
        assert levels == list(range(len(fractions) + 1))
        # One measurement before each decision, and one of the dense network's losses.
        assert len(requests) == 2 * len(fractions) + 2


def test_adaptive_pruning_that_finds_no_ratio_is_imp():
    floor, _ = answered(IMP, ())
    fixed = Imp(*SETTING, MaskSearch(4), (0, 4))
    ends = [r.end for r in floor if isinstance(r.measurement, Evaluate)]
    assert ends == [r.end for r in fixed.requests() if r.labels["initialization"] == 0][:5]
    settings = [r.settings.get("MaskSearch.fraction") for r in floor[1:] if r.labels["level"]]
    assert set(settings) == {0.2}


def test_adaptive_pruning_ends_at_the_last_level_of_its_search():
    short = replace(IMP, search=MaskSearch(2))
    assert [r.labels["level"] for r in answered(short, ())[0]] == [0, 0, 0, 1, 1, 2]


@pytest.mark.parametrize(
    "fields, message",
    [
        ({"epoch": 0}, "AdaptiveImp.epoch is 0; it must be from 2 to 26, steps of an epoch"),
        ({"to_density": 1.0}, "AdaptiveImp.to_density is 1.0; it must be greater than 0 and less"),
        ({"search": MaskSearch(9, score=Snip())}, "AdaptiveImp.search is .*score of trained netw"),
        ({"ratios": (0.4, 0.2)}, "AdaptiveImp.ratios is .0.4, 0.2.; it must be rising"),
    ],
)
def test_what_adaptive_pruning_cannot_mean(fields, message):
    with pytest.raises(RecipeError, match=message):
        replace(IMP, **fields)


@pytest.mark.parametrize("first_stable", range(9))
def test_bisection_finds_the_first_stable_step(first_stable):
    asked: list[int] = []

    def decide(choice):
        (measured,) = {m.first.run.first_step for m in choice.measurements}
        asked.append(measured)
        return choice.option([line(measured >= 4 * first_stable)] * len(choice.measurements))

    chain = OpenChain(next(iter(ONSET.chains())))
    requests = chain.advance(decide)
    measured = {r.labels["rewind_step"] for r in requests}
    assert len(asked) <= 4 and len(set(asked)) == len(asked) and measured == set(asked)
    assert all(step < 30 for step in asked)
    found = min([s for s in asked if s >= 4 * first_stable], default=32)
    assert found == 4 * first_stable
    assert max([s for s in asked if s < found], default=found - 4) == found - 4


def test_200_epochs_take_8_measurements_whichever_is_the_first_stable_one():
    """Appendix C.3; two initializations that differ do not disturb each other."""
    onset = replace(ONSET, steps=200, unit=1)
    for first_stable in range(101):
        chains = [OpenChain(chain) for chain in onset.chains()]
        for chain, expected in zip(chains, (first_stable, 200 - first_stable), strict=True):
            asked: list[int] = []

            def decide(choice, expected=expected, asked=asked):
                (step,) = {m.first.run.first_step for m in choice.measurements}
                asked.append(step)
                return choice.option([line(step >= expected)] * len(choice.measurements))

            chain.advance(decide)
            assert len(asked) <= 8 and max(asked) < 200
            assert min([s for s in asked if s >= expected], default=200) == expected
            assert expected == 0 or expected - 1 in asked


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
