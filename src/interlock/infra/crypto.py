"""Secrets at rest: AES-256-GCM with the tenant as associated data, so that a sealed token opens for its owner only."""

import base64
import binascii
import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, Hash

from interlock.kernel.errors import SetupBroken

_KEY_BYTES = 32
_NONCE_BYTES = 12
KEY_ID_BYTES = 4


class KeyBroken(SetupBroken):
    """The secret key is missing, malformed, or not the one this database was sealed with."""

    code = "secret_key_broken"


class Vault:
    """Seals and opens small secrets. A sealed value starts with the id of its key, so that keys can be rotated.

    ``old`` keys only open. ``follow`` says what the keys are now: asked before a value is sealed and when one is under a key we
    don't know, so that a rotation by another process needs no restart of this one.
    """

    def __init__(self, key: bytes, old: Sequence[bytes] = (), *, follow: "Callable[[], Vault] | None" = None) -> None:
        for each in (key, *old):
            if len(each) != _KEY_BYTES:
                raise KeyBroken(f"The secret key must be {_KEY_BYTES} bytes in base64; this one has {len(each)}.")
        self._openers = {fingerprint(each): AESGCM(each) for each in (key, *old)}
        self._following = follow
        self.key_id = fingerprint(key)

    @classmethod
    def from_text(cls, text: str, old: Sequence[str] = (), *, follow: "Callable[[], Vault] | None" = None) -> "Vault":
        """From the base64 text of INTERLOCK_SECRET_KEY or a key file: a line a key, the one that seals first."""
        first, *more = text.strip().splitlines() or [""]
        return cls(decode_key(first), [decode_key(each) for each in (*more, *old)], follow=follow)

    @property
    def key_ids(self) -> tuple[bytes, ...]:
        """Ids of all keys that open, the one that seals first."""
        return tuple(self._openers)

    def seal(self, secret: bytes, owner: str) -> bytes:
        """Key id, nonce, ciphertext; ``owner`` is bound in and must be given again to open."""
        self.follow()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self.key_id + nonce + self._openers[self.key_id].encrypt(nonce, secret, owner.encode())

    def open(self, sealed: bytes, owner: str) -> bytes:
        """The secret; ``KeyBroken`` when the key or the owner is another, or the bytes were changed."""
        key_id, nonce = key_id_of(sealed), sealed[KEY_ID_BYTES : KEY_ID_BYTES + _NONCE_BYTES]
        if key_id not in self._openers:
            self.follow()
        if key_id not in self._openers:
            raise KeyBroken(
                "The secret key is not the one this database was sealed with; set INTERLOCK_SECRET_KEY or restore the key file."
            )
        try:
            return self._openers[key_id].decrypt(nonce, sealed[KEY_ID_BYTES + _NONCE_BYTES :], owner.encode())
        except (InvalidTag, ValueError):  # ValueError: cut so short that not even the nonce is whole
            raise KeyBroken(
                "A sealed secret in the database was changed or belongs to someone else; reconnect that rail."
            ) from None

    def follow(self) -> None:
        """Take over the keys as they are now; where they can't be read, go on with those we have."""
        if self._following is None:
            return
        with suppress(KeyBroken):
            now = self._following()
            self._openers, self.key_id = {**now._openers, **self._openers}, now.key_id


def key_id_of(sealed: bytes) -> bytes:
    """The id of the key that a value is sealed with."""
    return sealed[:KEY_ID_BYTES]


def decode_key(text: str) -> bytes:
    """A key from its base64 text, in either alphabet; ``KeyBroken`` for anything else."""
    try:
        # Strictly: a lenient decoder drops what it doesn't know, so a damaged key would pass for another one.
        return base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        raise KeyBroken("The secret key is not base64 text; restore the key file from its backup.") from None


def fingerprint(key: bytes) -> bytes:
    """A key's id: tells keys apart and says nothing about them."""
    digest = Hash(SHA256())
    digest.update(b"interlock key id\0" + key)
    return digest.finalize()[:KEY_ID_BYTES]


def new_key() -> str:
    """A fresh key as base64 text."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def write_key(path: Path, text: str) -> None:
    """Write a key file that only its owner may read, whole or not at all; ``FileExistsError`` rather than replace one."""
    _write(path, text, os.link)  # unlike a rename, refuses to replace


def replace_key(path: Path, text: str) -> None:
    """Put other keys into a key file, all at once: whoever reads it finds the old text or the new one, whole."""
    _write(path, text, os.replace)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write(path: Path, text: str, place: Callable[[Path, Path], None]) -> None:
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            place(beside, path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as trouble:
        if isinstance(trouble, FileExistsError) and path.exists():
            raise
        raise KeyBroken(f"The secret key at {path} can't be written: {trouble.strerror}.") from trouble
