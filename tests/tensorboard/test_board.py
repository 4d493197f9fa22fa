"""TensorBoard: what is written is read back by TensorBoard's own code."""

import json
import subprocess
import sys
import textwrap
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from synthetic import evaluation, instability, settings, study, weights

from lth_tf.figures.render import save
from lth_tf.figures.standard import named_charts
from lth_tf.tensorboard import board, curves, overview
from lth_tf.tensorboard.board import Board

# In a process of its own, as TensorBoard runs without TensorFlow only where nothing loaded it.
READER = """
    import json, sys, types
    sys.modules["tensorboard.compat.notf"] = types.ModuleType("notf")
    from tensorboard.backend.event_processing import data_provider
    from tensorboard.backend.event_processing import plugin_event_multiplexer
    from tensorboard.context import RequestContext
    from tensorboard.plugins.base_plugin import TBContext
    from tensorboard.plugins.hparams import (
        api_pb2, backend_context, get_experiment, list_session_groups)
    folder = sys.argv[1] + "/tensorboard/" + sys.argv[2]
    events = plugin_event_multiplexer.EventMultiplexer()
    events.AddRunsFromDirectory(folder)
    events.Reload()
    provider = data_provider.MultiplexerDataProvider(events, folder)
    request, read = RequestContext(), {"experiment_id": "x", "downsample": 100}
    scalars = provider.read_scalars(request, plugin_name="scalars", **read)
    texts = provider.read_tensors(request, plugin_name="text", **read)
    images = provider.list_blob_sequences(request, experiment_id="x", plugin_name="images")
    backend = backend_context.Context(TBContext(data_provider=provider, logdir=folder))
    experiment = get_experiment.Handler(
        request, backend, "x", api_pb2.GetExperimentRequest()).run()
    wanted = api_pb2.ListSessionGroupsRequest(
        slice_size=10, allowed_statuses=[api_pb2.STATUS_SUCCESS])
    groups = list_session_groups.Handler(request, backend, "x", wanted).run().session_groups
    print(json.dumps({
        "scalars": {run: {tag: [(p.step, p.value) for p in points] for tag, points in tags.items()}
                    for run, tags in scalars.items()},
        "texts": {run: {tag: t[0].numpy[0].decode() for tag, t in tags.items()}
                  for run, tags in texts.items()},
        "images": {run: list(tags) for run, tags in images.items()},
        "columns": sorted(h.name for h in experiment.hparam_infos),
        "groups": {g.name: [{k: v.number_value or v.string_value or v.bool_value
                             for k, v in g.hparams.items()},
                            {m.name.tag: m.value for m in g.metric_values}] for g in groups},
    }))
"""


def read_back(workdir, part="runs") -> dict:
    command = [sys.executable, "-c", textwrap.dedent(READER), str(workdir), part]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_tensorboard_reads_curves_texts_images_and_hyperparameters(tmp_path):
    rows = [r for r in study((0,)) if r["level"] == 15]
    (picture, *_) = save(named_charts(rows), tmp_path / "figures")
    values = {"rate": 0.5, "optimizer": "adam", "decoupled": True, "exclude": ("a",), "batch": 60}
    with Board(tmp_path) as writer:
        writer.text("configuration", "    rate = 0.5")
        for step in range(5):
            writer.curve("imp/level_1", "train/loss", step, 2.0**-step)
        writer.hparams("imp/level_1", values, {"accuracy": 0.75, "broken": float("nan")})
        writer.end_run("imp/level_1")
        writer.hparams("imp/level_2", {"rate": np.float32(0.25), "other": 3}, {"accuracy": 0.5})
        writer.image("accuracy", picture)
    found = read_back(tmp_path)
    assert found["scalars"]["imp/level_1"] == {
        "train/loss": [[step, 2.0**-step] for step in range(5)],
        "accuracy": [[0, 0.75]],
    }
    assert found["texts"] == {"figures": {"configuration": "    rate = 0.5"}}
    assert found["images"] == {"figures": ["accuracy"]}
    assert found["columns"] == ["batch", "decoupled", "exclude", "optimizer", "other", "rate"]
    assert found["groups"]["imp/level_1"][0] == values | {"exclude": "('a',)"}
    assert found["groups"]["imp/level_1"][1]["accuracy"] == 0.75
    assert found["groups"]["imp/level_2"] == [{"rate": 0.25, "other": 3}, {"accuracy": 0.5}]


def test_many_runs_keep_few_files_open_and_lose_no_point(tmp_path, monkeypatch):
    monkeypatch.setattr(board, "_MOST_OPEN", 3)
    writer = Board(tmp_path)
    for step in range(2):
        for run in range(5):
            writer.curve(f"run_{run}", "loss", step, run)
            assert len(writer._open) <= 3
    scalars = read_back(tmp_path)["scalars"]  # not closed: each event is in its file at once
    assert scalars == {f"run_{run}": {"loss": [[0, run], [1, run]]} for run in range(5)}
    writer.close()
    assert not writer._open


def test_a_picture_that_is_none_is_named(tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    with Board(tmp_path) as writer, pytest.raises(ValueError, match="text.png: not a PNG"):
        writer.image("tag", tmp_path / "text.png")
    assert not (tmp_path / "tensorboard").exists()


def tags_of(workdir, rows) -> dict[str, list[Any]]:
    """The curves that measurements of one run leave, by tag."""
    run, mask = SimpleNamespace(seed=0), SimpleNamespace(level=0)
    trained = SimpleNamespace(initial=run, mask=mask, first_step=0, noise=1, short_key="abc")
    request = SimpleNamespace(end=SimpleNamespace(run=trained))
    with Board(workdir) as writer:
        for row in rows:
            curves.measured(writer, cast(Any, request), row)
    (tags,) = read_back(workdir)["scalars"].values()
    return tags


def test_every_evaluation_of_a_run_is_kept_at_its_step(tmp_path):
    rows = [evaluation("dense", level=0, step=s, test_error=s / 1000) for s in (100, 200, 600)]
    tags = tags_of(tmp_path, rows)
    assert [step for step, _ in tags["eval/test_error"]] == [100, 200, 600]
    assert [value for _, value in tags["eval/test_error"]] == pytest.approx([0.1, 0.2, 0.6])


def test_probes_that_one_run_trained_have_curves_of_their_own(tmp_path):
    rows = [evaluation(test_error=block / 4, axes={"block": block, "target": "mnist"})
            for block in (1, 2)]  # fmt: skip
    tags = tags_of(tmp_path, rows)
    assert tags["eval/test_error, block 1"] == [[24000, 0.25]]
    assert tags["eval/test_error, block 2"] == [[24000, 0.5]]


def test_telemetry_has_a_curve_for_each_number_and_each_single_weight(tmp_path):
    rows = [weights(step=step, mean_magnitude=step / 100, weight_values=[0.25, step / 10])
            for step in (0, 10)]  # fmt: skip
    tags = tags_of(tmp_path, rows)
    assert [value for _, value in tags["weight/mean_magnitude"]] == pytest.approx([0, 0.1])
    assert tags["weight/weight_values/0"] == [[0, 0.25], [10, 0.25]]
    assert tags["weight/weight_values/1"] == [[0, 0], [10, 1]]


def test_the_overview_shows_pictures_and_curves_of_few_runs(tmp_path):
    rows = list(study())
    pictures = save(list(named_charts(rows))[:2], tmp_path / "figures")
    (tmp_path / "configurations").mkdir()
    (tmp_path / "configurations" / "imp-0123.gin").write_text("Imp.steps = 3")
    for _ in range(2):  # a second time nothing is doubled
        overview.write(rows, pictures, tmp_path)
    found = read_back(tmp_path, "overview")
    assert found["images"] == {"figures": [f"figures/{path.stem}" for path in pictures]}
    assert found["texts"]["figures"]["imp-0123"].strip() == "Imp.steps = 3"
    assert set(found["scalars"]) == {
        f"{network}, LeNet 300-100 on mnist"
        for network in ("dense", "imp", "random_pruning", "random_reinitialization")
    }
    curves_of_imp = found["scalars"]["imp, LeNet 300-100 on mnist"]
    assert [step for step, _ in curves_of_imp["test_error against level/k = 0"]] == [*range(1, 16)]
    assert [s for s, _ in curves_of_imp["test_instability against k/3.52%"]] == [0, 500]


def test_hparams_have_the_swept_settings_as_columns_and_noise_as_text(tmp_path):
    rows = [
        evaluation("dense", level=0, noise=680300001 + i, key=str(i) * 64)
        | {"settings": settings("dense", **{"Constant.rate": rate}), "model": "a/b $x$"}
        for i, rate in enumerate((0.5, 0.25))
    ]
    overview.write(rows, [], tmp_path)
    found = read_back(tmp_path, "hparams")
    assert "Constant.rate" in found["columns"] and "Hparams.batch_size" not in found["columns"]
    values = [values for values, _ in found["groups"].values()]
    assert sorted(each["Constant.rate"] for each in values) == [0.25, 0.5]
    assert {each["noise"] for each in values} == {"680300001", "680300002"}


def test_every_network_is_in_the_table_at_its_own_end():
    """Trainings of other networks, or in larger batches, may be longer or shorter."""
    rows = [
        evaluation(
            model=model, step=step, settings=settings("imp", **{"Hparams.batch_size": batch})
        )
        for model, batch, end in (("LeNet", 60, 100), ("LeNet", 600, 10), ("VGG", 60, 200))
        for step in (end // 2, end)
    ]
    shown = [values for _, values, _ in overview._networks(rows)]
    assert [(v["model"], v.get("Hparams.batch_size")) for v in shown] == [
        ("LeNet", 60), ("LeNet", 600), ("VGG", 60)
    ]  # fmt: skip


def test_curves_are_of_one_clock():
    """What was trained on a restarted clock is no replicate of what went on from step k."""
    rows = [evaluation(step=step, test_error=0.1) for step in (100, 200)]
    rows += [evaluation(step=step, test_error=0.5, schedule="restarted") for step in (100, 200)]
    points = [(tag, mean) for _, tag, _, mean in overview._curves(rows)]
    assert points == [("test_error against step/k = 0, 3.52%", pytest.approx(0.1))] * 2


def test_long_names_of_runs_are_cut_and_told_apart(tmp_path):
    """The name of a folder may have 255 bytes; two runs in one folder would be one."""
    rows = [
        evaluation(model="模" * 100, step=step, settings=settings("imp", exclude=["a" * 300, last]))
        for last in ("b", "c")
        for step in (100, 200)
    ]
    runs = {run for run, *_ in overview._curves(rows)}
    assert len(runs) == 2
    overview.write(rows, [], tmp_path)
    assert {path.name for path in (tmp_path / "tensorboard" / "overview").iterdir()} == runs


def test_a_dense_network_that_searches_share_has_each_point_once():
    rows = [evaluation("dense", level=0, step=step) for step in (100, 24000)]
    rows += [evaluation(level=level, settings=settings("imp", **{"MaskSearch.fraction": fraction}))
             for fraction in (0.1, 0.5) for level in (1, 2)]  # fmt: skip
    points = [point[:3] for point in overview._curves(rows)]
    assert len(points) == len(set(points)) > 2


def test_curves_of_two_densities_of_one_shot_pruning_are_apart():
    rows = [
        instability(level=1, density=density, rewind_step=k, test_instability=height)
        | {"settings": settings("imp", **{"MaskSearch.fraction": 1 - density})}
        for density, height in ((0.8, 0.01), (0.2, 0.5))
        for k in (0, 100)
    ]
    points = [(tag, step, mean) for _, tag, step, mean in overview._curves(rows)]
    assert points == [
        (f"test_instability against k/{density}", k, pytest.approx(height))
        for density, height in (("80%", 0.01), ("20%", 0.5))
        for k in (0, 100)
    ]
