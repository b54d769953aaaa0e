"""The demo's walk: bills approved, released and followed to their end, the clock moved on through its control calls."""

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from interlock.app.cli.demo import _bring_in
from interlock.app.demo import Wish, opened, staged
from interlock.app.local_token import local_token
from interlock.app.web import create_app
from tests.web.serving import Served, served

CLIENTS = 6  # the sixth has bills created in Ramp
OUTSIDE, ALONE, HANDS_OFF, CREATES = (
    ("harbor-finch-studio", "iris"),
    ("pellworth-joinery", "ida"),
    ("copperline-brewing", "gus"),
    ("goosefeather-bakery", "dora"),
)
ONE_PERSON = Decimal(2_000)
BROKEN = "tumbledown-couriers"  # whose bank asks for a new login; it pays nothing here
_DAY_MINUTES = 24 * 60
_SECONDS = 60
_BILLS_MOST = 12
_DAYS_MOST = 8
_OVERRIDE_DAYS = 2


@dataclass
class Walk:
    """A person at the demo's API."""

    at: Served
    world: str
    """Where the world out there is told what to do, beside what the demo's page has."""

    def tell_world(self, path: str) -> None:
        asked = urllib.request.Request(f"{self.world}/{path}", b"{}", {"Content-Type": "application/json"})
        urllib.request.urlopen(asked, timeout=_SECONDS).close()

    def bank_login_of(self, name: str) -> str:
        """The id of a client's one bank login, by the client's name."""
        clients = json.load(urllib.request.urlopen(f"{self.world}/clients", timeout=_SECONDS))["clients"]
        realm = next(each["realm_id"] for each in clients if each["name"] == name)
        logins = json.load(urllib.request.urlopen(f"{self.world}/plaid", timeout=_SECONDS))["items"]
        (login,) = [each["item_id"] for each in logins if each["realm_id"] == realm]
        return str(login)

    def ask(self, method: str, path: str, body: Any = None, who: str | None = None) -> tuple[int, Any]:
        headers = self.at.bearer() | ({"Interlock-Person": who} if who else {})
        answer = self.at.ask(method, f"/api/v1{path}", headers=headers, body=None if body is None else json.dumps(body))
        return answer.status, answer.json()

    def done(self, method: str, path: str, body: Any = None, who: str | None = None) -> Any:
        status, said = self.ask(method, path, body, who)
        assert status < 400, f"{method} {path}: {said}"
        return said

    def pay(self, client: tuple[str, str]) -> tuple[str, str]:
        """On the morning of the client's next run: its owner approves one bill of a size one person may, and releases it."""
        slug, owner = client
        today = self.done("POST", "/demo/clock", {"to_run_of": slug})["now"][:10]
        if client != ALONE:
            self.done("POST", f"/businesses/{slug}/balances/refresh")
        refused: dict[str, str] = {}
        while len(refused) < _BILLS_MOST:  # one that Ramp holds already is released there
            bill_id, intent_id = self._approved(slug, owner, today, set(refused))
            self.done("POST", "/demo/clock", {"minutes": 5})  # the time to undo is over
            wish = {"intents": [intent_id], "acknowledge_warning": True}
            (row,) = self.done("POST", f"/businesses/{slug}/payments/release", wish, owner)["rows"]
            if row["outcome"] == "released":
                self.done("POST", "/demo/catch-up", {"business": slug})
                return bill_id, intent_id
            refused[bill_id] = row["why"]
            assert "Ramp" in row["why"], row["why"]
        raise AssertionError(f"Ramp has every bill of {slug} already: {refused}")

    def _approved(self, slug: str, owner: str, today: str, passed: set[str]) -> tuple[str, str]:
        bills = self.done("GET", f"/businesses/{slug}/console")["bills_ready"]
        until = f"{today[:8]}{int(today[8:]) + _OVERRIDE_DAYS:02}"
        refused = []
        small = [each for each in bills if Decimal(each["balance"]["amount"]) < ONE_PERSON and each["id"] not in passed]
        for bill in sorted(small, key=lambda each: str(each["due"]), reverse=True):
            wish = {"bills": [{"bill_id": bill["id"], "pay_on": today}], "acknowledge_warning": True}
            over = wish | {"override": {"reason": "What the bank shows is explained", "until": until}}
            for asked in (wish, over):
                status, said = self.ask("POST", f"/businesses/{slug}/approvals", asked, owner)
                if status == 201 and said["subjects"][0]["intent_id"] and self._whole(slug, said):
                    return str(bill["id"]), str(said["subjects"][0]["intent_id"])
                refused.append(said.get("message"))
        raise AssertionError(f"no bill of {slug} could be approved: {refused[-3:]}")

    def _whole(self, slug: str, said: Any) -> bool:
        """Approved by everybody who has to."""
        payment = self.done("GET", f"/businesses/{slug}/payments?stage=approved")
        return said["subjects"][0]["intent_id"] in json.dumps(payment)

    def decidable(self, client: tuple[str, str]) -> set[str]:
        """Bills that somebody may decide on now, ready or blocked with what blocks them."""
        console = self.done("GET", f"/businesses/{client[0]}/console")
        return {str(each["id"]) for each in (*console["bills_ready"], *console["bills_blocked"])}

    def row(self, intent_id: str) -> Any:
        return next(each for each in self.done("GET", "/demo")["payments"] if each["intent_id"] == intent_id)

    def happens(self, client: tuple[str, str], intent_id: str, act: str) -> str:
        """Somebody out there does it; where the payment stands then."""
        self.done("POST", "/demo/acts", {"business": client[0], "intent_id": intent_id, "act": act})
        return str(self.row(intent_id)["place"])

    def ends(self, intent_id: str, place: str) -> None:
        """Days pass until it stands there."""
        stood = []
        for _ in range(_DAYS_MOST):
            stood.append(self.row(intent_id)["place"])
            if stood[-1] == place:
                return
            self.done("POST", "/demo/clock", {"minutes": _DAY_MINUTES})
        raise AssertionError(f"it never was {place}: day by day it was {stood}")


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    folder = tmp_path_factory.mktemp("demo")
    with staged(Wish(CLIENTS, 7, folder)) as scene, opened(scene) as house:
        _bring_in(house, scene)
        with served(create_app(house), local_token(house.settings.key_file)) as at:
            yield Walk(at, f"{scene.url}/control")


def test_each_client_pays_its_own_way(walk: Walk) -> None:
    ways = {each["slug"]: each["way"] for each in walk.done("GET", "/demo")["clients"]}
    assert [ways[slug] for slug, _ in (OUTSIDE, ALONE, HANDS_OFF, CREATES)] == [
        "Paid outside",
        "Paid outside",
        "Handed to Ramp",
        "Created in Ramp",
    ]


def test_without_a_bank_it_ends_as_recorded_and_unproven(walk: Walk) -> None:
    _, intent_id = walk.pay(ALONE)
    assert walk.happens(ALONE, intent_id, "books_enter") == "Recorded, bank unproven"


def test_paid_outside_it_closes_on_the_banks_line_and_the_books_entry(walk: Walk) -> None:
    _, intent_id = walk.pay(OUTSIDE)
    assert walk.row(intent_id)["place"] == "To be paid outside"
    assert walk.happens(OUTSIDE, intent_id, "bank_posts") != "Closed", "the books haven't spoken"
    assert walk.happens(OUTSIDE, intent_id, "books_enter") == "Closed"


def test_handed_to_ramp_its_people_pay_and_it_closes(walk: Walk) -> None:
    _, intent_id = walk.pay(HANDS_OFF)
    assert walk.happens(HANDS_OFF, intent_id, "ramp_pay") != "Closed", "the bank hasn't spoken"
    walk.ends(intent_id, "Closed")


def test_created_in_ramp_it_is_recorded_by_us_and_closes(walk: Walk) -> None:
    _, intent_id = walk.pay(CREATES)
    assert walk.happens(CREATES, intent_id, "ramp_pay") != "Closed", "the bank hasn't spoken"
    walk.ends(intent_id, "Closed")


def test_what_can_not_happen_is_refused_in_words(walk: Walk) -> None:
    status, said = walk.ask("POST", "/demo/acts", {"business": ALONE[0], "intent_id": "int_none", "act": "ramp_pay"})
    assert status == 404, said
    status, said = walk.ask("POST", "/demo/acts", {"business": ALONE[0], "intent_id": "int_none", "act": "burn"})
    assert status == 404, said
    assert "ramp_pay" in said["message"], "it says which acts there are"


def test_a_bank_that_wants_a_new_login_stops_no_act_and_is_named(walk: Walk) -> None:
    login = walk.bank_login_of("Tumbledown Couriers")
    walk.tell_world(f"plaid/items/{login}/trouble")
    before = walk.done("GET", "/demo")["now"]
    gone = walk.done("POST", "/demo/clock", {"to_run_of": BROKEN})
    assert gone["now"] > before, "the clock didn’t go on"
    assert "Tumbledown Couriers: Plaid could not be read" in gone["said"]
    books = walk.done("GET", f"/businesses/{BROKEN}/balances")
    assert books["last_sync"] >= gone["now"][:16], "its books are read all the same"
    read = walk.done("POST", "/demo/catch-up", {"business": BROKEN})
    assert "Plaid could not be read" in read["said"]
    page = walk.at.page("/demo")
    assert page.status == 200 and "Plaid could not be read" in page.text, "the page says what was done last"
    walk.tell_world(f"plaid/items/{login}/repair")
    mended = walk.done("POST", "/demo/catch-up", {"business": BROKEN})
    assert mended["said"] == "Tumbledown Couriers was read again."


def test_what_comes_back_opens_its_bill_again(walk: Walk) -> None:
    bill_id, intent_id = walk.pay(OUTSIDE)
    walk.happens(OUTSIDE, intent_id, "bank_posts")
    assert walk.happens(OUTSIDE, intent_id, "books_enter") == "Closed"
    assert walk.happens(OUTSIDE, intent_id, "bank_returns") == "Returned"
    assert bill_id not in walk.decidable(OUTSIDE), "the books still show it paid"
    walk.happens(OUTSIDE, intent_id, "books_void")
    assert walk.row(intent_id)["place"] == "Returned"
    assert bill_id in walk.decidable(OUTSIDE)


def test_what_ramps_vendor_sends_back_opens_its_bill_again(walk: Walk) -> None:
    bill_id, intent_id = walk.pay(CREATES)
    walk.happens(CREATES, intent_id, "ramp_pay")
    walk.ends(intent_id, "Closed")
    walk.happens(CREATES, intent_id, "ramp_return")
    walk.ends(intent_id, "Returned")
    assert bill_id not in walk.decidable(CREATES), "the books still show it paid"
    walk.happens(CREATES, intent_id, "books_void")
    assert bill_id in walk.decidable(CREATES)
