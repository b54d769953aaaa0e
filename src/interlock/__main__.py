"""The command ``interlock``: runs a command, and turns whatever ends it into one sentence and an exit code.

0 done · 1 a sentence says why not · 2 the command was not understood · 70 a fault of ours · 130 interrupted.
"""

import contextlib
import logging
import os
import sys
from typing import NoReturn

_INTERRUPTED = 130


def main() -> NoReturn:
    """Entry point of the console script and of ``python -m interlock``."""
    code = _run()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):  # whoever read us may have gone
            stream.flush()
    # At once: a thread that still waits for an answer would keep the process. Every step on disk is a transaction.
    os._exit(code)


def _run() -> int:
    debugging = os.environ.get("INTERLOCK_DEBUG") == "1"
    if not debugging:
        # What asyncio logs of calls cut off when a command ends is not for the person who reads stderr.
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    try:
        from interlock.app.cli.commands import app

        app(prog_name="interlock")
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as trouble:  # noqa: BLE001 - the outermost edge: nobody above could say it better
        from interlock.app.cli.ending import say

        if debugging:
            import traceback

            traceback.print_exception(trouble)
        return say(trouble)
    return 0


if __name__ == "__main__":
    main()
