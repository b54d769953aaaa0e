"""Only the accounting scope is ever asked for: with it no call of anybody can move money."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from interlock.domains.qbo import consent

ACCOUNTING = "com.intuit.quickbooks.accounting"
_SCOPES = re.compile(r"com\.intuit\.[a-z.\-]+|\bopenid\b|app-foundations|indirect-tax|project-management\.project")


def test_no_other_scope_stands_in_the_product(files: list[Path], root: Path) -> None:
    product = [path for path in files if path.is_relative_to(root / "src" / "interlock")]
    assert len(product) > 100, "look where the product is"
    named = {
        (str(path.relative_to(root)), scope)
        for path in product
        if path.suffix in {".py", ".html", ".js"}
        for scope in _SCOPES.findall(path.read_text())
    }
    assert named == {("src/interlock/domains/qbo/consent.py", ACCOUNTING)}, (
        "another scope would let us do more than read"
    )


def test_the_address_asks_for_it_alone_and_says_where_to_come_back() -> None:
    for page in (
        "https://appcenter.intuit.com/connect/oauth2",
        "http://127.0.0.1:1/connect/oauth2?locale=en&scope=openid",
    ):
        url = consent.authorize_url(page, "client", redirect_uri="https://desk.example.com/cb?x=1&y", state="a b&c")
        asked = parse_qs(urlsplit(url).query, strict_parsing=True)
        assert asked["scope"] == [ACCOUNTING]
        assert asked["response_type"] == ["code"]
        assert asked["redirect_uri"] == ["https://desk.example.com/cb?x=1&y"]
        assert asked["state"] == ["a b&c"]
