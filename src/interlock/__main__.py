"""The command ``interlock``: runs a command, and turns whatever ends it into one sentence and an exit code.

0 done · 1 a sentence says why not · 2 the command was not understood · 70 a fault of ours · 130 interrupted.
"""

import os
import sys


def main() -> None:
    """Entry point of the console script and of ``python -m interlock``."""
    try:
        from interlock.app.cli.commands import app

        app(prog_name="interlock")
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as trouble:  # the outermost edge: nobody above could say it better
        from interlock.app.cli.ending import say

        if os.environ.get("INTERLOCK_DEBUG") == "1":
            raise
        sys.exit(say(trouble))


if __name__ == "__main__":
    main()
