"""The page that a person is sent to: Plaid names its address, and only an address of the web is followed."""

from datetime import UTC, datetime

import pytest

from interlock.domains.plaid import linking, wire
from interlock.rails.errors import ContractBroken

_UNTIL = datetime(2026, 11, 24, 16, tzinfo=UTC)


def test_an_address_of_the_web_is_followed() -> None:
    assert linking.hosted(wire.LinkToken("link-1", _UNTIL, "https://secure.example/link/1")).url.startswith("https://")


@pytest.mark.parametrize("address", [None, "javascript:alert(1)", "//elsewhere.example", "data:text/html,x"])
def test_nothing_else_becomes_a_link_of_ours(address: str | None) -> None:
    with pytest.raises(ContractBroken):
        linking.hosted(wire.LinkToken("link-1", _UNTIL, address))
