"""Actors of Ray, without Ray."""

from lth_tf.sweep.events import Lost
from lth_tf.sweep.ray_pool import _Actor
from lth_tf.sweep.worker import WorkerSettings


def test_an_actor_whose_node_does_not_see_the_store_says_why_it_cannot_work(tmp_path):
    (tmp_path / "file").touch()
    places = (str(tmp_path / "file" / "store"), str(tmp_path))
    actor = _Actor(WorkerSettings(*places, None, "default", None, 60.0), 1, [])
    (event,) = actor.next_events()
    assert isinstance(event, Lost) and "a file is in the way" in event.reason
