"""The role of this process in a cluster, as the environment variable TF_CONFIG says.

TF_CONFIG is TensorFlow's own: {"cluster": {"worker": ["host:port", ...]}, "task": {"type":
"worker", "index": 0}}. A cluster may also have one "chief"; without it, worker 0 is the chief.
"""

import json
import os

from lth_tf.errors import UserError

JOBS = ("chief", "worker")
EXAMPLE = (
    '{"cluster": {"worker": ["host0:2222", "host1:2222"]}, "task": {"type": "worker", "index": 0}}'
)


def is_chief() -> bool:
    """Returns whether this process is the chief, which decides and writes.

    Raises:
      UserError: TF_CONFIG is missing or does not describe a cluster of workers and a task of it.
    """
    text = os.environ.get("TF_CONFIG")
    if not text:
        raise _error("is not set")
    try:
        config = json.loads(text)
        cluster, task = config["cluster"], config["task"]
        job, index = task["type"], int(task["index"])
    except (ValueError, TypeError, KeyError) as error:
        raise _error(f"cannot be read ({type(error).__name__}: {error})") from None
    if not isinstance(cluster, dict) or not set(cluster) <= set(JOBS) or not cluster:
        raise _error(f"has a cluster of {cluster!r}; its jobs may be {', '.join(JOBS)}")
    if not all(isinstance(addresses, list) for addresses in cluster.values()):
        raise _error(f"has a cluster of {cluster!r}; a job has a list of addresses")
    if len(cluster.get("chief", [""])) != 1:
        raise _error("has several chiefs")
    if job not in cluster or not 0 <= index < len(cluster[job]):
        raise _error(f"has the task {job!r} {index}, which is none of its cluster's")
    return job == "chief" or (index == 0 and "chief" not in cluster)


def _error(problem: str) -> UserError:
    return UserError(f"--strategy=multi_worker: TF_CONFIG {problem}; it may be {EXAMPLE}")
