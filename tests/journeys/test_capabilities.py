"""What is greyed out on pages, refused by the API and listed at a terminal is one computation."""

from tests.journeys.conftest import Journey


def test_pages_and_api_say_the_same_of_a_client_and_follow_its_connection(journey: Journey) -> None:
    company = journey.companies[0]
    journey.connect(company.name, company)
    (listed,) = journey.api("/businesses")["businesses"]  # type: ignore[index]
    slug = listed["slug"]

    def states() -> dict[str, str]:
        answer = journey.api(f"/businesses/{slug}/capabilities")
        return {each["key"]: each["state"] for each in (*answer["features"], *answer["parked"])}  # type: ignore[index]

    def one(key: str) -> tuple[int, str, str]:
        answer = journey.desk.ask("GET", f"/api/v1/businesses/{slug}/capabilities/{key}")
        said = answer.json()
        return answer.status, said.get("code", said.get("state")), said.get("message", "")

    before = states()
    assert (before["payables"], before["recording-bills"], before["bank-balances"], before["approve-in-ramp"]) == (
        "live", "off:recording", "connect:plaid", "parked:ApprovesBills",
    )  # fmt: skip
    page = journey.open(f"/b/{slug}/capabilities")
    assert "Connect Plaid to have it" in page.said
    unparks = "An operation in Ramp’s API that answers a bill’s approval"
    assert unparks in page.said and unparks in journey.open(f"/b/{slug}/console").said
    assert "verifying a vendor’s account without a login" in journey.open(f"/b/{slug}/tray").said.lower()
    assert one("payables")[:2] == (200, "live")
    for key, would_help in (
        ("approve-in-ramp", unparks),
        ("bank-lines", "Connect Plaid"),
        ("mail-from-quickbooks", "declined"),
    ):
        status, code, message = one(key)
        assert (status, code) == (409, "capability_parked") and would_help in message
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
    assert after["bank-balances"] == before["bank-balances"]


def test_the_build_answers_before_there_is_a_client_and_for_one(journey: Journey) -> None:
    build = journey.api("/capabilities")
    assert build["business"] is None and build["declined"], build  # type: ignore[index]
    assert {each["state"] for each in build["features"] if each["key"] == "payables"} == {"connect:qbo"}  # type: ignore[index]
    company = journey.companies[0]
    journey.connect(company.name, company)
    (listed,) = journey.api("/businesses")["businesses"]  # type: ignore[index]
    of_client = journey.api(f"/businesses/{listed['slug']}/capabilities")
    assert journey.api(f"/capabilities?business={listed['slug']}") == of_client
    assert journey.desk.ask("GET", "/api/v1/capabilities?business=nobody").status == 404
