"""What the environment says, read once. No address is written anywhere else in the product."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from interlock.infra.mail import MailServer
from interlock.kernel.errors import SetupBroken
from interlock.kernel.unspoken import Unspoken

_PRODUCTION_API = "https://quickbooks.api.intuit.com"
_TOKENS = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
_AUTHORIZE = "https://appcenter.intuit.com/connect/oauth2"
_REVOKE = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"
_RAMP_API = "https://api.ramp.com"
_PLAID_API = "https://production.plaid.com"
_STRIPE_API = "https://api.stripe.com"
_FREE_READS = 500_000  # a month, on Intuit's free tier (qbo.md §7)


class NotConfigured(SetupBroken):
    """Something the command needs is not in the environment."""

    code = "not_configured"


@dataclass(frozen=True, repr=False)
class Settings(Unspoken):
    """Where everything is. ``secret_key`` is ``None`` when it lives in ``key_file``; ``old_secret_keys`` only open.

    ``qbo_monthly_reads``: metered reads that Intuit's plan allows this installation a month. ``stripe_platform_key``: for clients
    linked through Stripe Connect; others bring a key of their own. ``smtp_url``, ``mail_from``: for letters.
    """

    database_url: str
    key_file: Path
    secret_key: str | None
    public_url: str | None
    qbo_api_url: str
    qbo_token_url: str
    qbo_client_id: str | None
    qbo_client_secret: str | None
    qbo_authorize_url: str = _AUTHORIZE
    qbo_revoke_url: str = _REVOKE
    qbo_webhook_token: str | None = None
    qbo_monthly_reads: int = _FREE_READS
    old_secret_keys: tuple[str, ...] = ()
    ramp_api_url: str = _RAMP_API
    plaid_api_url: str = _PLAID_API
    plaid_client_id: str | None = None
    plaid_secret: str | None = None
    stripe_api_url: str = _STRIPE_API
    stripe_platform_key: str | None = None
    stripe_platform_hook_secret: str | None = None
    smtp_url: str | None = None
    mail_from: str | None = None

    def mail(self) -> tuple[MailServer, str]:
        """The mail server, and the address that mail comes from."""
        if not self.smtp_url or not self.mail_from:
            raise NotConfigured(
                "Mail is not set up: set INTERLOCK_SMTP_URL to your mail server and INTERLOCK_MAIL_FROM to the sender's address."
            )
        return MailServer.of(self.smtp_url), self.mail_from

    def plaid_app(self) -> tuple[str, str]:
        """Client id and secret of the installation's Plaid account."""
        if not self.plaid_client_id or not self.plaid_secret:
            raise NotConfigured(
                "Set INTERLOCK_PLAID_CLIENT_ID and INTERLOCK_PLAID_SECRET to your Plaid account's keys."
            )
        return self.plaid_client_id, self.plaid_secret

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
        qbo_authorize_url=environment.get("INTERLOCK_QBO_AUTHORIZE_URL") or _AUTHORIZE,
        qbo_revoke_url=environment.get("INTERLOCK_QBO_REVOKE_URL") or _REVOKE,
        qbo_webhook_token=environment.get("INTERLOCK_QBO_WEBHOOK_TOKEN") or None,
        qbo_monthly_reads=_reads(environment.get("INTERLOCK_QBO_MONTHLY_READS") or str(_FREE_READS)),
        ramp_api_url=environment.get("INTERLOCK_RAMP_API_URL") or _RAMP_API,
        plaid_api_url=environment.get("INTERLOCK_PLAID_API_URL") or _PLAID_API,
        plaid_client_id=environment.get("INTERLOCK_PLAID_CLIENT_ID") or None,
        plaid_secret=environment.get("INTERLOCK_PLAID_SECRET") or None,
        stripe_api_url=environment.get("INTERLOCK_STRIPE_API_URL") or _STRIPE_API,
        stripe_platform_key=environment.get("INTERLOCK_STRIPE_PLATFORM_KEY") or None,
        stripe_platform_hook_secret=environment.get("INTERLOCK_STRIPE_PLATFORM_HOOK_SECRET") or None,
        smtp_url=environment.get("INTERLOCK_SMTP_URL") or None,
        mail_from=environment.get("INTERLOCK_MAIL_FROM") or None,
        old_secret_keys=tuple(environment.get("INTERLOCK_OLD_SECRET_KEYS", "").replace(",", " ").split()),
    )


def _reads(text: str) -> int:
    """A number of reads, with or without thousands' separators."""
    digits = text.replace("_", "").replace(",", "")
    if not digits.isascii() or not digits.isdigit() or not int(digits):
        raise NotConfigured(f"INTERLOCK_QBO_MONTHLY_READS is how many reads a month, like 500000, not {text!r}.")
    return int(digits)


def _beside(database_url: str, home: Path) -> Path:
    """The key file: beside an SQLite database, else in the data folder."""
    prefix = "sqlite:///"
    if database_url.startswith(prefix) and len(database_url) > len(prefix):
        return Path(database_url[len(prefix) :]).with_suffix(".key")
    return home / "interlock.key"
