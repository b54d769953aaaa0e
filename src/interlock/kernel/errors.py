"""The base of every error a person or program may meet.

An error is a class with a stable ``code``, an HTTP ``status`` and a sentence that says what happened, what was kept
and what to do. A problem in a client's books is data (a finding), never an exception.
"""

from typing import ClassVar


class InterlockError(Exception):
    """Base. ``str(error)`` is the sentence shown on page, API and terminal; it holds no secret and no traceback."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class BadInput(InterlockError):
    """What was given can't be used."""

    code = "bad_input"
    status = 422


class NotFound(InterlockError):
    """Nothing by that name within the caller's scope (also said of what exists outside it)."""

    code = "not_found"
    status = 404


class Refused(InterlockError):
    """Understood, and not allowed."""

    code = "refused"
    status = 403


class Busy(InterlockError):
    """Somebody else is doing the same; nothing was changed."""

    code = "busy"
    status = 409


class SetupBroken(InterlockError):
    """The installation itself can't work: database, key, disk, port."""

    code = "setup_broken"
    status = 500
