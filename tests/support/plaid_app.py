"""An app that uses Plaid: the calls it makes, and what a person does on the Hosted Link page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import requests

PRODUCTS = ["transactions", "auth", "identity"]


@dataclass
class PlaidApp:
    """``call`` answers the body of a 200 and asserts it was one; ``refused`` the status, type and code of a refusal."""

    url: str
    client_id: str
    secret: str

    def post(self, path: str, **body: Any) -> requests.Response:
        sent = {"client_id": self.client_id, "secret": self.secret, **body}
        return requests.post(f"{self.url}/plaid{path}", json=sent, timeout=20)

    def call(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.post(path, **body)
        assert answer.status_code == 200, f"{path} was refused: {answer.text}"
        found: dict[str, Any] = answer.json()
        return found

    def refused(self, path: str, **body: Any) -> tuple[int, str, str]:
        answer = self.post(path, **body)
        said = answer.json()
        assert answer.status_code != 200, f"{path} should have been refused and answered {said}"
        return answer.status_code, said["error_type"], said["error_code"]

    def begin(self, **more: Any) -> dict[str, Any]:
        """A Hosted Link session with the whole history."""
        usual: dict[str, Any] = {
            "client_name": "Interlock", "language": "en", "country_codes": ["US"], "user": {"client_user_id": "b-1"},
            "hosted_link": {}, "transactions": {"days_requested": 730},
        }  # fmt: skip
        if "access_token" not in more:
            usual["products"] = PRODUCTS
        return self.call("/link/token/create", **{**usual, **more})

    def agree(self, hosted: str, login: str) -> requests.Response:
        """Pick the login, leave the accounts ticked, agree."""
        page = requests.get(hosted, params={"login": login}, timeout=20)
        ticked = re.findall(r'name="account" value="([^"]+)" checked', page.text)
        form = [("decision", "agree"), ("login", login), *(("account", each) for each in ticked)]
        return requests.post(hosted, data=form, allow_redirects=False, timeout=20)

    def public_token(self, link_token: str) -> str:
        (session,) = self.call("/link/token/get", link_token=link_token)["link_sessions"]
        (added,) = session["results"]["item_add_results"]
        return str(added["public_token"])

    def link(self, login: str, **more: Any) -> tuple[str, str]:
        """A linked Item: access token and item id."""
        begun = self.begin(**more)
        self.agree(begun["hosted_link_url"], login)
        made = self.call("/item/public_token/exchange", public_token=self.public_token(begun["link_token"]))
        return made["access_token"], made["item_id"]

    def sync(
        self, access_token: str, cursor: str = "", count: int = 500
    ) -> tuple[list[dict[str, Any]], list[str], str]:
        """Every page after a cursor: what was added or modified, the ids removed, the cursor to keep."""
        added: list[dict[str, Any]] = []
        removed: list[str] = []
        while True:
            page = self.call("/transactions/sync", access_token=access_token, cursor=cursor, count=count)
            added += [*page["added"], *page["modified"]]
            removed += [each["transaction_id"] for each in page["removed"]]
            cursor = page["next_cursor"]
            if not page["has_more"]:
                return added, removed, cursor
