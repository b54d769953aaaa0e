"""What is greyed out on pages, refused by the API and listed at a terminal is one computation."""

from tests.journeys.conftest import Journey


def test_pages_and_api_say_the_same_of_a_client_and_follow_its_connection(journey: Journey) -> None:
    company = journey.companies[0]
    journey.connect(company.name, company)
    (listed,) = journey.api("/businesses")["businesses"]  # type: ignore[index]
    slug = listed["slug"]

    def states() -> dict[str, str]:
        answer = journey.api(f"/businesses/{slug}/capabilities")
        return {each["key"]: each["state"] for each in answer["features"]}  # type: ignore[index]

    def one(key: str) -> tuple[int, str, str]:
        answer = journey.desk.ask("GET", f"/api/v1/businesses/{slug}/capabilities/{key}")
        said = answer.json()
        return answer.status, said.get("code", said.get("state")), said.get("message", "")

    before = states()
    assert (before["payables"], before["recording-bills"], before["cash-path"]) == (
        "live", "off:recording", "parked:ReadsBankBalances",
    )  # fmt: skip
    page = journey.open(f"/b/{slug}/capabilities")
    assert "Waits for a rail that reads bank balances" in page.said
    assert "cash path, waits for a rail that reads bank balances" in journey.open(f"/b/{slug}/tray").text
    assert one("payables")[:2] == (200, "live")
    status, code, message = one("pay")
    assert (status, code) == (409, "capability_parked")
    assert "Waits for a rail that pays bills" in message
    assert one("recording-bills")[1] == "capability_parked"
    assert one("flying")[0] == 404
    switched = journey.desk.ask(
        "PUT", f"/api/v1/businesses/{slug}/recording", headers=journey.desk.bearer(), body='{"on": true}'
    )
    assert switched.status == 200, switched.text
    assert states()["recording-bills"] == "live"
    journey.desk.ask("POST", f"/api/v1/businesses/{slug}/disconnect", headers=journey.desk.bearer(), body="")
    after = states()
    assert after["payables"] == "connect:qbo"
    assert after["cash-path"] == before["cash-path"]
