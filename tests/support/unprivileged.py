"""Acting as a user whom file permissions stop, also where tests run as root."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NOBODY = 65_534


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """``folder`` and its files can be read by us, and not written, while the block runs."""
    paths = [folder, *folder.iterdir()]
    modes = {path: path.stat().st_mode for path in paths}
    above = {
        path: path.stat().st_mode for path in folder.parents if path.stat().st_uid == os.getuid() and path != Path("/")
    }
    for path in paths:
        path.chmod(0o555 if stat.S_ISDIR(modes[path]) else 0o444)
    for path, mode in above.items():
        path.chmod(mode | 0o011)  # pytest's folders are closed to others
    root = os.geteuid() == 0
    try:
        if root:
            os.seteuid(_NOBODY)
        yield
    finally:
        if root:
            os.seteuid(0)
        for path, mode in {**modes, **above}.items():
            path.chmod(mode)
