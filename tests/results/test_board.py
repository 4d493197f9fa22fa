"""TensorBoard: what is written is read back by TensorBoard's own code."""

import json
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from synthetic import study

from lth_tf.figures.standard import draw_all
from lth_tf.tensorboard import board
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
    folder = sys.argv[1] + "/tensorboard"
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


def read_back(workdir) -> dict:
    command = [sys.executable, "-c", textwrap.dedent(READER), str(workdir)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_tensorboard_reads_curves_texts_images_and_hyperparameters(tmp_path):
    (picture, *_) = draw_all([r for r in study((0,)) if r["level"] == 15], tmp_path / "figures")
    values = {"rate": 0.5, "optimizer": "adam", "decoupled": True, "exclude": ("a",), "batch": 60}
    with Board(tmp_path) as writer:
        writer.text("imp/level_1", "configuration", "    rate = 0.5")
        for step in range(5):
            writer.curve("imp/level_1", "train/loss", step, 2.0**-step)
        writer.hparams("imp/level_1", values, {"accuracy": 0.75, "broken": float("nan")})
        writer.end_run("imp/level_1")
        writer.hparams("imp/level_2", {"rate": np.float32(0.25), "other": 3}, {"accuracy": 0.5})
        writer.image("accuracy", picture)
        writer.flush()
    found = read_back(tmp_path)
    assert found["scalars"]["imp/level_1"] == {
        "train/loss": [[step, 2.0**-step] for step in range(5)],
        "accuracy": [[0, 0.75]],
    }
    assert found["texts"] == {"imp/level_1": {"configuration": "    rate = 0.5"}}
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
