"""A person decides on the console by keys: the path moves as rows are ticked, an approval is undone, rows open in place."""

import re

from playwright.sync_api import Browser, Page, expect

from tests_more.browser.conftest import Firm, act_as
from tests_more.browser.watching import Watched

_FREE = "#picks tr[id^='bill']:has(input:not(:disabled)):has(td.why:not(:has-text('Proposed'))) .sel input"


def test_the_path_and_the_verdict_follow_the_ticks(page: Page, firm: Firm) -> None:
    act_as(page, firm, "iris")
    page.goto(f"/b/{firm.messy}/console")
    expect(page.locator("#verdict")).to_contain_text("Nothing selected")
    expect(page.locator(".chart.wide")).to_be_visible()
    page.locator(_FREE).first.check()
    expect(page.locator("#batch .big")).to_contain_text("1 selected")
    expect(page.locator("#impact h2")).to_contain_text("before and after 1 bill")
    expect(page.locator("#verdict")).not_to_contain_text("Nothing selected")
    page.locator(_FREE).first.uncheck()
    expect(page.locator("#verdict")).to_contain_text("Nothing selected")


def test_a_range_is_ticked_with_shift_x(page: Page, firm: Firm) -> None:
    act_as(page, firm, "iris")
    page.goto(f"/b/{firm.messy}/console")
    boxes = page.locator(_FREE)
    boxes.nth(0).check()
    boxes.nth(3).locator("xpath=ancestor::tr").locator("td.why").click()
    page.keyboard.press("Shift+X")
    expect(page.locator("#picks .sel input[name=bill]:checked")).to_have_count(4)
    expect(page.locator("#batch .big")).to_contain_text("4 selected")
    page.wait_for_load_state("networkidle")  # else closing the tab breaks a verdict off


def test_approved_by_key_and_undone_by_key(page: Page, firm: Firm) -> None:
    act_as(page, firm, "iris")
    slug = firm.slugs["clean"] if "clean" in firm.slugs else next(iter(firm.slugs.values()))
    page.goto(f"/b/{slug}/console")
    box = page.locator(_FREE).first
    name = box.locator("xpath=ancestor::tr").get_attribute("id")
    box.check()
    expect(page.locator("#batch .big")).to_contain_text("1 selected")
    expect(page.locator("#batch button[value=approve]")).not_to_have_attribute("aria-disabled", "true")
    if page.locator("input[name=acknowledge]").count():
        page.locator("input[name=acknowledge]").check()
    page.wait_for_load_state("networkidle")  # a verdict still asked for would be broken off by leaving the page
    page.keyboard.press("a")
    expect(page.locator("#batch .big")).to_contain_text("1 bill approved")
    expect(page.locator(f"#{name}")).to_contain_text("Approved by Iris Fenwick")
    page.wait_for_load_state("load")  # keys are heard once the page's script runs
    page.keyboard.press("z")
    expect(page.locator("#batch .big")).to_contain_text("1 bill undone")
    expect(page.locator(f"#{name}")).not_to_contain_text("Approved by")


def test_nobody_named_can_look_but_not_press(page: Page, firm: Firm) -> None:
    page.goto(f"/b/{firm.messy}/console")
    page.locator(_FREE).first.check()
    expect(page.locator("#batch .big")).to_contain_text("1 selected")
    expect(page.locator("#batch button[value=approve]")).to_have_attribute("aria-disabled", "true")
    expect(page.locator("#batch .reason")).to_contain_text("Choose at the top of the page who you are")


def test_a_part_is_asked_for_in_a_row_that_opens_in_place(page: Page, firm: Firm) -> None:
    act_as(page, firm, "wren")
    page.goto(f"/b/{firm.messy}/console")
    box = page.locator(_FREE).first
    row = box.locator("xpath=ancestor::tr")
    box.check()
    expect(page.locator("#batch .big")).to_contain_text("1 selected")
    page.keyboard.press("c")
    part = page.locator("tr.terms input[name=part_amount]")
    expect(part).to_be_focused()
    part.fill("1.00")
    part.blur()
    expect(page.locator("#batch .big")).to_have_text(re.compile(r"1 selected · \$1\.00"))
    page.locator("tr.terms textarea").fill("Only the deposit now")
    page.locator("tr.terms").get_by_role("button", name="Say it").click()
    expect(page.locator(f"#{row.get_attribute('id')}")).to_contain_text("1 comment: Only the deposit now")


def test_what_somebody_else_decides_appears_by_itself(chromium: Browser, page: Page, firm: Firm) -> None:
    act_as(page, firm, "wren")
    page.goto(f"/b/{firm.messy}/console")
    boxes = page.locator(_FREE)
    kept = boxes.nth(1).get_attribute("value")
    other = boxes.nth(2).locator("xpath=ancestor::tr").get_attribute("id")
    boxes.nth(1).check()
    with Watched(chromium, firm.url, width=1440) as theirs:
        act_as(theirs, firm, "iris")
        theirs.goto(f"/b/{firm.messy}/console")
        theirs.locator(f"#{other}").get_by_role("link", name=re.compile("^Hold")).click()
        theirs.get_by_label(re.compile("^Hold: why")).fill("Asked for the delivery note")
        theirs.get_by_role("button", name="Keep").click()
        expect(theirs.locator(f"#{other}")).to_contain_text("Asked for the delivery note")
    expect(page.locator(f"#{other}")).to_contain_text("Asked for the delivery note")
    expect(page.locator(f"#picks input[value='{kept}']")).to_be_checked()


def test_a_bill_edited_in_quickbooks_loses_its_approval_in_front_of_you(page: Page, firm: Firm) -> None:
    """Nobody touches the page: the edit, the sync that brings it, and the next look of the page are all it takes."""
    act_as(page, firm, "iris")
    slug = firm.slugs["tidy"]
    page.goto(f"/b/{slug}/console")
    before = page.locator("#say b").inner_text()
    box = page.locator(_FREE).first
    bill_id = box.get_attribute("value")
    row = page.locator(f"#bill{bill_id}")
    box.check()
    expect(page.locator("#batch .big")).to_contain_text("1 selected")
    page.locator("#batch button[value=approve]").click()
    expect(row).to_contain_text("Approved by Iris Fenwick")
    expect(page.locator("#batch .big")).to_contain_text("1 bill approved")
    expect(page.locator("#say b")).not_to_have_text(before)
    expect(page.locator("#news")).to_be_empty()
    firm.amend(slug, "Bill", {"Id": bill_id, "DueDate": "2027-01-15"})
    expect(row).to_contain_text(re.compile(r"Approval lost: Due date moved from .* to 15 Jan 2027\."))
    expect(row).not_to_contain_text("Approved by")
    expect(row.locator(".sel input")).to_be_enabled()
    expect(page.locator("#say b")).to_have_text(before)
    expect(page.locator("#news")).to_contain_text("Approval lost: Due date moved")
    expect(page.locator("#news a")).to_have_attribute("href", f"#bill{bill_id}")
    expect(page.locator("#batch .big")).to_contain_text("0 selected")
    column = page.locator("#rows thead th:nth-child(3)").bounding_box()
    day = row.locator("time").bounding_box()
    assert column and day and day["x"] + day["width"] < column["x"] + column["width"], (
        "a date with its year runs over the amount"
    )
