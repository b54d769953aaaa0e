"""``python -m interlock.app.tethered MODULE …``: run a program for as long as whoever started it lives.

Stdin is the tether: the system closes it when the starter ends, however it ends, and then this process stops too.
"""

import os
import runpy
import signal
import sys
import threading

_PATIENCE_SECONDS = 5.0
_STDIN = 0
_READ_BYTES = 1024


def main() -> None:
    """Run ``argv[1]`` as ``__main__`` with the arguments after it."""
    threading.Thread(target=_stop_when_let_go, daemon=True).start()
    module, sys.argv = sys.argv[1], sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _stop_when_let_go() -> None:
    while os.read(_STDIN, _READ_BYTES):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    # Reached only by a program that takes its time over SIGTERM, or ignores it.
    threading.Event().wait(_PATIENCE_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
