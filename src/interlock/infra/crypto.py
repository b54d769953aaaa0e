"""Secrets at rest: AES-256-GCM with the tenant as associated data, so that a sealed token opens for its owner only."""

import base64
import binascii
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, Hash

from interlock.kernel.errors import SetupBroken

_KEY_BYTES = 32
_NONCE_BYTES = 12
_KEY_ID_BYTES = 4


class KeyBroken(SetupBroken):
    """The secret key is missing, malformed, or not the one this database was sealed with."""

    code = "secret_key_broken"


class Vault:
    """Seals and opens small secrets. A sealed value starts with the id of its key, so that keys can be rotated."""

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY_BYTES:
            raise KeyBroken(f"The secret key must be {_KEY_BYTES} bytes in base64; this one has {len(key)}.")
        self._aead = AESGCM(key)
        self.key_id = _fingerprint(key)

    @classmethod
    def from_text(cls, text: str) -> "Vault":
        """From the base64 text of INTERLOCK_SECRET_KEY or a key file."""
        try:
            # Strictly: a lenient decoder drops what it doesn't know, so a damaged key would pass for another one.
            key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
        except (binascii.Error, ValueError):
            raise KeyBroken("The secret key is not base64 text; restore the key file from its backup.") from None
        return cls(key)

    def seal(self, secret: bytes, owner: str) -> bytes:
        """Key id, nonce, ciphertext; ``owner`` is bound in and must be given again to open."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self.key_id + nonce + self._aead.encrypt(nonce, secret, owner.encode())

    def open(self, sealed: bytes, owner: str) -> bytes:
        """The secret; ``KeyBroken`` when the key or the owner is another, or the bytes were changed."""
        key_id, nonce = sealed[:_KEY_ID_BYTES], sealed[_KEY_ID_BYTES : _KEY_ID_BYTES + _NONCE_BYTES]
        if key_id != self.key_id:
            raise KeyBroken(
                "The secret key is not the one this database was sealed with; set INTERLOCK_SECRET_KEY or restore the key file."
            )
        try:
            return self._aead.decrypt(nonce, sealed[_KEY_ID_BYTES + _NONCE_BYTES :], owner.encode())
        except (InvalidTag, ValueError):  # ValueError: cut so short that not even the nonce is whole
            raise KeyBroken(
                "A sealed secret in the database was changed or belongs to someone else; reconnect that rail."
            ) from None


def new_key() -> str:
    """A fresh key as base64 text."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def write_key(path: Path, text: str) -> None:
    """Write a key file that only its owner may read, whole or not at all; ``FileExistsError`` rather than replace one."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.link(beside, path)  # unlike a rename, refuses to replace
        finally:
            beside.unlink()
    except OSError as trouble:
        if isinstance(trouble, FileExistsError) and path.exists():
            raise
        raise KeyBroken(f"The secret key at {path} can't be written: {trouble.strerror}.") from trouble


def _fingerprint(key: bytes) -> bytes:
    digest = Hash(SHA256())
    digest.update(b"interlock key id\0" + key)
    return digest.finalize()[:_KEY_ID_BYTES]
