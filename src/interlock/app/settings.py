"""What the environment says, read once. No address is written anywhere else in the product."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from interlock.kernel.errors import SetupBroken

_PRODUCTION_API = "https://quickbooks.api.intuit.com"
_TOKENS = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"


class NotConfigured(SetupBroken):
    """Something the command needs is not in the environment."""

    code = "not_configured"


@dataclass(frozen=True)
class Settings:
    """Where everything is. ``secret_key`` is ``None`` when it lives in ``key_file``."""

    database_url: str
    key_file: Path
    secret_key: str | None
    public_url: str | None
    qbo_api_url: str
    qbo_token_url: str
    qbo_client_id: str | None
    qbo_client_secret: str | None

    def qbo_app(self) -> tuple[str, str]:
        """Client id and secret of the installation's Intuit app."""
        if not self.qbo_client_id or not self.qbo_client_secret:
            raise NotConfigured(
                "Set INTERLOCK_QBO_CLIENT_ID and INTERLOCK_QBO_CLIENT_SECRET to your Intuit app's keys."
            )
        return self.qbo_client_id, self.qbo_client_secret


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """From ``INTERLOCK_*``; data lives in the user's data folder unless said otherwise."""
    home = (
        Path(environment.get("XDG_DATA_HOME") or Path(environment.get("HOME", ".")) / ".local" / "share") / "interlock"
    )
    database_url = environment.get("INTERLOCK_DATABASE_URL") or f"sqlite:///{home / 'interlock.db'}"
    return Settings(
        database_url=database_url,
        key_file=_beside(database_url, home),
        secret_key=environment.get("INTERLOCK_SECRET_KEY") or None,
        public_url=environment.get("INTERLOCK_PUBLIC_URL") or None,
        qbo_api_url=environment.get("INTERLOCK_QBO_API_URL") or _PRODUCTION_API,
        qbo_token_url=environment.get("INTERLOCK_QBO_TOKEN_URL") or _TOKENS,
        qbo_client_id=environment.get("INTERLOCK_QBO_CLIENT_ID") or None,
        qbo_client_secret=environment.get("INTERLOCK_QBO_CLIENT_SECRET") or None,
    )


def _beside(database_url: str, home: Path) -> Path:
    """The key file: beside an SQLite database, else in the data folder."""
    prefix = "sqlite:///"
    if database_url.startswith(prefix) and len(database_url) > len(prefix):
        return Path(database_url[len(prefix) :]).with_suffix(".key")
    return home / "interlock.key"
