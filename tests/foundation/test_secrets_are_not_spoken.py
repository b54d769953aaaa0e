"""What holds a secret prints without it: a value in a log line or a traceback gives nothing away."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from interlock.app.settings import Settings
from interlock.domains.stripe.client import Access
from interlock.infra.transport import Reply, Request
from interlock.rails.connections import Grant, Keys
from interlock.rails.links import HostedLink, LinkedBank

_SECRET = "sk_test_willow-and-brass"
_AT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        Keys("name", _SECRET, _SECRET, _SECRET),
        Grant(_SECRET, _SECRET),
        Access(_SECRET),
        LinkedBank("item-1", _SECRET, None, "Larkfield Bank", None),
        HostedLink(_SECRET, f"https://hosted.example/{_SECRET}", _AT),
        Request("GET", "https://api.example/v1", (), {"Authorization": f"Bearer {_SECRET}"}, _SECRET.encode()),
        Reply(200, {}, _SECRET.encode()),
        Settings("sqlite:///x.db", Path("key"), _SECRET, None, "", "", None, _SECRET),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_with_a_secret_prints_its_kind_alone(value: object) -> None:
    for said in (repr(value), str(value), f"{[value]}"):
        assert "willow" not in said, f"mix kernel.unspoken.Unspoken into {type(value).__name__}"
        assert type(value).__name__ in said


def test_it_is_kept_whole_all_the_same() -> None:
    keys = Keys("name", _SECRET)
    assert msgspec.json.decode(msgspec.json.encode(keys), type=Keys) == keys
