"""The local bearer token: whoever can read the file beside the database may act as the person at this machine."""

import secrets
from pathlib import Path

from interlock.infra.crypto import write_key
from interlock.kernel.errors import SetupBroken

_TOKEN_BYTES = 32
_SUFFIX = ".token"


class TokenBroken(SetupBroken):
    """The local token can't be read or made."""

    code = "local_token_broken"


def token_file(key_file: Path) -> Path:
    """Where the token lives: beside the key, so beside an embedded database."""
    return key_file.with_suffix(_SUFFIX)


def local_token(key_file: Path) -> str:
    """The token; made at the first call, in a file that only its owner may read.

    ``TokenBroken`` when the file can't be read or written, is empty, or is open to other users.
    """
    path = token_file(key_file)
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & 0o077:
            raise TokenBroken(f"Other users can read the local token; run `chmod 600 {path}` and serve again.")
        token = path.read_text().strip()
    except OSError as trouble:
        raise TokenBroken(f"The local token at {path} can't be read or made: {trouble.strerror}.") from trouble
    if not token:
        raise TokenBroken(f"The local token at {path} is empty; delete the file and serve again to get a new one.")
    return token


def _make(path: Path) -> None:
    try:
        write_key(path, secrets.token_urlsafe(_TOKEN_BYTES))
    except FileExistsError:
        return  # another process was first; its token is the one
