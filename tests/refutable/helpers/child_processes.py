"""Commands in processes of their own, which can be interrupted whoever started the tests."""

import signal
import subprocess
import sys
import time


def start(*arguments, **options):
    """Start the command; it hears Ctrl-C even where the tests were told to ignore it."""
    return begin([sys.executable, "-m", "refutable", *map(str, arguments)], **options)


def begin(command, **options):
    """Start a process with the usual handler of Ctrl-C.

    What a parent ignores its children ignore too, and Python then installs no handler: so it is
    under `nohup ... &`.
    """
    return subprocess.Popen(command, preexec_fn=_hear_ctrl_c, **options)


def wait_until(happened, seconds):
    """Wait for what must happen within so many seconds."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"waited in vain for {seconds} s"
        time.sleep(0.1)


def _hear_ctrl_c():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
