"""Whether a process still runs."""

import os
import subprocess
import sys
import time

from lth_tf.store import processes


def test_a_zombie_has_ended():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert process.stdin and processes.start_time(process.pid)
    process.kill()
    for _ in range(500):  # it is not waited for, and so it becomes a zombie
        if processes.start_time(process.pid) is None:
            break
        time.sleep(0.01)
    os.kill(process.pid, 0)
    assert processes.start_time(process.pid) is None
    process.wait()
    process.stdin.close()
