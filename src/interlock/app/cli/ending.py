"""How a command ends badly: one sentence on stderr and an exit code, never a traceback unless asked for."""

import sys

from interlock.kernel.errors import InterlockError

FAILED = 1
FAULT_OF_OURS = 70
_FIRST_WORDS_CHARACTERS = 200


def say(trouble: Exception) -> int:
    """Write what a person should know about ``trouble`` to stderr; returns the exit code."""
    if isinstance(trouble, InterlockError):
        print(trouble.sentence, file=sys.stderr)
        return FAILED
    sentence = _of_the_system(trouble)
    if sentence is not None:
        print(sentence, file=sys.stderr)
        return FAILED
    said = " ".join(str(trouble).split())[:_FIRST_WORDS_CHARACTERS]
    print(
        f"Interlock met something it did not expect ({type(trouble).__name__}{': ' + said if said else ''});"
        " set INTERLOCK_DEBUG=1 and run it again to see where.",
        file=sys.stderr,
    )
    return FAULT_OF_OURS


def _of_the_system(trouble: Exception) -> str | None:
    """A sentence for what the machine refused (a file, the disk, the database), or ``None`` where it isn't that."""
    if isinstance(trouble, OSError) and trouble.strerror:
        where = f" {trouble.filename}" if trouble.filename else ""
        return f"This machine would not do it:{where}: {trouble.strerror}." if where else f"{trouble.strerror}."
    said = str(getattr(trouble, "orig", None) or "")
    if type(trouble).__module__.startswith("sqlalchemy.") and said:
        return f"The database can't be used: {said.splitlines()[0]}. `interlock doctor` says more."
    return None
