"""Who owes and whom to chase first: page and API say the same, to the cent, and one customer is found whole."""

import html
from decimal import Decimal
from typing import Any

from interlock.runway.routes.rendering import figure
from interlock.runway.services.views import Amount
from tests.web.conftest import Site


def get(site: Site, path: str) -> Any:
    answer = site.ask("GET", f"/api/v1{path}", headers=site.bearer())
    assert answer.status == 200, answer.text
    return answer.json()


def test_the_page_says_what_the_api_says(site: Site) -> None:
    for business in site.businesses:
        view = get(site, f"/businesses/{business.slug}/receivables")
        page = site.page(f"/b/{business.slug}/receivables")
        assert page.status == 200, page.text
        assert html.escape(view["ask"]) in page.text
        assert [each["key"] for each in view["figures"]][:2] == ["dso", "dso_countback"]
        for each in view["figures"]:
            row = page.text.split(f'<tr id="f-{each["key"]}"')[1].split("</tr>")[0]
            assert html.escape(each["words"]) in row, f"{business.name}: {each['name']} {each['words']}"
        for each in view["queue"]:
            row = page.text.split(f'<tr id="q{each["invoice_id"]}"')[1].split("</tr>")[0]
            assert f">{figure(Amount.model_validate(each['expected']))}<" in row.replace("</span>", ">")


def test_the_queue_is_of_what_is_past_due_most_expected_first_and_the_aging_sums_to_its_foot(site: Site) -> None:
    for business in site.businesses:
        view = get(site, f"/businesses/{business.slug}/receivables")
        assert view["queue_count"] == len(view["queue"]) > 0, f"{business.name} has nobody who is late"
        expected = [Decimal(each["expected"]["amount"]) for each in view["queue"]]
        assert expected == sorted(expected, reverse=True)
        assert all(each["days_late"] > 0 and 0 <= each["chance"] < 100 for each in view["queue"])
        rows = view["aging"]["rows"]
        assert sum(Decimal(row["total"]["amount"]) for row in rows) == Decimal(
            view["aging"]["total"]["total"]["amount"]
        )


def test_dso_is_what_is_owed_over_the_sales_of_ninety_days(site: Site) -> None:
    view = get(site, f"/businesses/{site.client.slug}/receivables")
    by_key = {each["key"]: each for each in view["figures"]}
    owed, _, rest = by_key["dso"]["formula"].partition(" owed ÷ ")
    sales = rest.split(" sales")[0]
    wanted = Decimal(owed.replace(",", "")) / Decimal(sales.replace(",", "")) * 90
    assert Decimal(str(by_key["dso"]["value"])) == round(wanted, 1)
    best, late = by_key["best_possible_dso"]["value"], by_key["average_days_delinquent"]["value"]
    assert abs(Decimal(str(best)) + Decimal(str(late)) - Decimal(str(by_key["dso"]["value"]))) <= Decimal("0.1")


def test_a_customer_is_whole_on_a_page_of_its_own(site: Site) -> None:
    slug = site.client.slug
    row = get(site, f"/businesses/{slug}/receivables")["queue"][0]
    view = get(site, f"/businesses/{slug}/customers/{row['customer_id']}")
    page = site.page(f"/b/{slug}/customers/{row['customer_id']}")
    assert page.status == 200 and html.escape(view["ask"]) in page.text
    assert row["invoice_id"] in [each["invoice_id"] for each in view["open"]]
    assert page.text.count('class="paid"') == view["payments_count"] == view["habit"]["payments"]
    again = get(site, f"/businesses/{slug}/customers/{row['customer_id']}")
    assert again["chart"] == view["chart"], "the same payments are drawn in the same bytes"


def test_a_customer_that_there_is_not_is_told_in_a_sentence(site: Site) -> None:
    for id_ in ("nobody", "9" * 300, "%00", "../tray"):
        answer = site.ask("GET", f"/api/v1/businesses/{site.client.slug}/customers/{id_}", headers=site.bearer())
        assert answer.status in {404, 422}, f"{id_!r} answered {answer.status}: {answer.text[:200]}"
