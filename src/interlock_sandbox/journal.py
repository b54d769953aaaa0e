"""The journal: every accepted command, on disk before its answer leaves. A world is its seed plus its journal."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from interlock_sandbox.books.wire import ENCODER

FILE_NAME = "journal.jsonl"
DECODER = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)

Line = dict[str, Any]


class JournalBroken(Exception):
    """The journal cannot be used; the message is a sentence for the user."""


class Journal:
    """Append-only lines of JSON. A line cut short by a crash was never answered, so it is cut off on opening."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / FILE_NAME
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            raise JournalBroken(f"{folder} is in use by another sandbox; stop it, or choose another folder.") from None

    def lines(self) -> Iterator[Line]:
        """All complete lines, oldest first."""
        whole = self.path.read_bytes()
        end = whole.rfind(b"\n") + 1
        if end < len(whole):
            os.ftruncate(self._file, end)
        for number, line in enumerate(whole[:end].splitlines(), start=1):
            try:
                yield DECODER.decode(line)
            except msgspec.DecodeError as broken:
                raise JournalBroken(f"Line {number} of {self.path} is damaged: {broken}") from broken

    def append(self, *lines: Line) -> None:
        """Write and fsync; returns when the lines are on disk, or raises with nothing of them left in the file."""
        if not lines:
            return
        left = memoryview(b"".join(ENCODER.encode(line) + b"\n" for line in lines))
        end = os.lseek(self._file, 0, os.SEEK_END)
        try:
            while left:
                left = left[os.write(self._file, left) :]
            os.fsync(self._file)
        except OSError as failed:
            os.ftruncate(self._file, end)
            raise JournalBroken(f"{self.path} cannot be written: {failed.strerror}. Stopping.") from failed

    def close(self) -> None:
        os.close(self._file)
