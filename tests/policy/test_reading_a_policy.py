"""A policy as somebody writes it: what is understood, and what is said of each line that can't be."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domains.firm.policy.inherit import in_force, must_agree, origins
from interlock.domains.firm.policy.keys import BY_PATH, KEYS
from interlock.domains.firm.policy.text import TEXT_BYTES, PolicyBroken, PolicyPart, read_policy
from interlock.domains.firm.policy.values import Policy

DOCUMENT = Path(__file__).parents[2] / "docs" / "policy.md"

WHOLE = """\
shape = 1

[floor]
absolute = "25000.00"   # what the owner wants to see
buffer_days = 14
covenant = 10000

[limits]
payment = "40,000"
week = "none"

[pay_runs]
days = ["Tue", "thursday"]
decide_by = "15:30"

[essential]
order = ["payroll", "rent", "supplier"]

[essential.vendors]
"Foundry Lane Properties" = "rent"

[duplicates]
fuzzy_percent = "1.25"
"""


def faults(text: str, currency: str = "USD") -> list[tuple[int, str, str]]:
    with pytest.raises(PolicyBroken) as broken:
        read_policy(text, currency)
    return [(each.line, each.key, each.words) for each in broken.value.faults]


def test_what_is_written_is_what_is_in_force_and_the_rest_is_the_default() -> None:
    policy = in_force(None, read_policy(WHOLE, "USD"))
    assert (policy.floor.absolute_minor, policy.floor.buffer_days, policy.floor.covenant_minor) == (
        2_500_000,
        14,
        1_000_000,
    )
    assert (policy.limits.payment_minor, policy.limits.week_minor, policy.limits.day_minor) == (4_000_000, None, None)
    assert (policy.pay_runs.days, policy.pay_runs.decide_by) == ((1, 3), "15:30")
    assert policy.essential.order == ("payroll", "rent", "supplier")
    assert policy.essential.vendors == (("Foundry Lane Properties", "rent"),)
    assert policy.duplicates.fuzzy_basis_points == 125
    assert policy.freshness == Policy().freshness


def test_an_empty_text_says_nothing_and_leaves_everything_to_the_firm() -> None:
    assert read_policy("# ours is the firm's\n", "USD").values == {}
    assert in_force(None, None) == Policy()


def test_every_fault_is_named_at_once_with_its_line_and_what_to_write() -> None:
    text = (
        "[floor]\nabsolute = 25000.5\nbuffer_dayz = 14\nbuffer_days = 900\n\n"
        '[pay_runs]\ndays = [\n  "tue",\n  "sunday",\n]\ndecide_by = 16:00:00\nautomatic_release = "yes"\n\n'
        '[limit]\nday = "1"\n\n[limits]\none_person = "5000"\npayment = "12.345"\n'
        '\n[essential.vendors]\n"Foundry Lane" = "food"\n'
    )
    assert faults(text) == [
        (2, "floor.absolute", 'is 25000.5 without quotes; write amounts in quotes: "25000.50"'),
        (3, "floor.buffer_dayz", "is no key; did you mean buffer_days?"),
        (4, "floor.buffer_days", "is 900; 0 to 365 days can be kept"),
        (7, "pay_runs.days", 'names "sunday"; banks move no money at weekends, so a pay run is on a weekday'),
        (11, "pay_runs.decide_by", 'is 16:00:00; write a time of day in quotes: "16:00"'),
        (12, "pay_runs.automatic_release", 'is "yes"; write true or false, without quotes'),
        (14, "limit", "is no section; did you mean [limits]?"),
        (18, "limits.one_person", "belongs under [approvals]"),
        (19, "limits.payment", "can't be kept: 12.345 has more decimals than USD allows"),
        (
            22,
            "essential.vendors.Foundry Lane",
            'is "food"; the categories are payroll, tax, rent, utilities, debt, supplier, other, or "none" to take it out',
        ),
    ]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[floor]\nabsolute = \n", 2, "invalid value"),
        ("[floor]\nbuffer_days = 1\nbuffer_days = 2\n", 3, "overwrite"),
        ('[pay_runs]\ndays = ["tue"\n', 3, "unclosed array"),
        ("[floor\n", 1, "expected"),
    ],
)
def test_what_is_no_toml_is_said_with_its_line(text: str, line: int, said: str) -> None:
    [(at, key, words)] = faults(text)
    assert (at, key) == (line, "")
    assert said in words.lower()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("inf", "without quotes"),
        ("true", "no amount"),
        ('"a lot"', "which is no amount"),
        ('"NaN"', "amount"),
        ('"-5"', "between 0"),
        ('"1e30"', "between 0"),
        ("99999999999999999999", "between 0"),
    ],
)
def test_an_amount_that_is_none_is_refused(value: str, said: str) -> None:
    [(line, key, words)] = faults(f"[floor]\nabsolute = {value}\n")
    assert (line, key) == (2, "floor.absolute")
    assert said in words


def test_amounts_are_of_the_clients_own_currency() -> None:
    assert read_policy('[floor]\nabsolute = "25000"', "JPY").values == {"floor.absolute": 25_000}
    assert faults('[floor]\nabsolute = "25000.50"', "JPY")[0][1] == "floor.absolute"


def test_a_text_too_long_or_without_end_is_refused_before_it_costs_anything() -> None:
    assert "longer than 64 KiB" in faults("#" * (TEXT_BYTES + 1))[0][2]
    endless = "[pay_runs]\ndays = [\n" + '"tue",\n' * 300 + "]\n"
    assert faults(endless) == [(2, "", "one value goes on for more than a hundred lines")]
    assert "nests too deep" in faults("shape = " + "[" * 30_000)[0][2]


def test_keys_written_with_dots_or_in_one_line_have_their_lines_too() -> None:
    assert faults('floor.buffer_days = "x"\n')[0][:2] == (1, "floor.buffer_days")
    assert faults("\nfloor = { buffer_days = -1 }\n")[0][:2] == (2, "floor.buffer_days")
    assert faults("\n\nfloor = 3\n")[0] == (3, "floor", "is a section; write [floor] and its keys below")


def test_keys_that_contradict_each_other_are_named_with_the_line_of_the_one_that_is_written() -> None:
    part = read_policy('[approvals]\nclient_side = "1000"\n', "USD")
    with pytest.raises(PolicyBroken) as broken:
        must_agree(None, part, part)
    [fault] = broken.value.faults
    assert (fault.line, fault.key) == (2, "approvals.client_side")
    assert "below approvals.one_person" in fault.words


def test_a_client_overrides_its_firm_key_by_key() -> None:
    firm = read_policy(
        '[floor]\nabsolute = "10000"\nbuffer_days = 7\n[limits]\npayment = "5000"\n'
        '[essential.vendors]\n"City Water" = "utilities"\n"Northwind" = "supplier"\n',
        "USD",
    )
    client = read_policy(
        '[floor]\nbuffer_days = 21\n[limits]\npayment = "none"\n'
        '[essential.vendors]\n"Northwind" = "none"\n"Foundry Lane" = "rent"\n',
        "USD",
    )
    policy = in_force(firm, client)
    assert (policy.floor.absolute_minor, policy.floor.buffer_days) == (1_000_000, 21)
    assert policy.limits.payment_minor is None
    assert policy.essential.vendors == (("City Water", "utilities"), ("Foundry Lane", "rent"))
    whose = origins(firm, client)
    assert (whose["floor.absolute"], whose["floor.buffer_days"], whose["horizon.path_days"]) == (
        "firm",
        "client",
        "default",
    )
    assert (whose["essential.vendors.City Water"], whose["essential.vendors.Foundry Lane"]) == ("firm", "client")


def test_every_key_of_the_values_can_be_written() -> None:
    fields = {
        (section, name) for section in Policy.__struct_fields__ if section != "shape" for name in _fields(section)
    }
    assert {(key.section, key.field) for key in KEYS} == fields


def _fields(section: str) -> tuple[str, ...]:
    return tuple(getattr(Policy(), section).__struct_fields__)


@given(st.text(alphabet=st.sampled_from("[]{}\"'=.,\n #abfloorlimits0123456789-_:\\"), max_size=120))
def test_any_text_is_read_or_refused_with_lines(text: str) -> None:
    said: PolicyPart | PolicyBroken
    try:
        said = read_policy(text, "USD")
    except PolicyBroken as broken:
        said = broken
    if isinstance(said, PolicyBroken):
        assert said.faults
        assert all(1 <= each.line <= text.count("\n") + 1 for each in said.faults)
    else:
        assert set(said.values) == set(said.lines)


def test_the_examples_of_the_manual_are_policies() -> None:
    examples = [block.split("```")[0] for block in DOCUMENT.read_text().split("```toml\n")[1:]]
    assert len(examples) >= 2
    for text in examples:
        part = read_policy(text, "USD")
        assert must_agree(None, part, part) != Policy()


def test_a_letters_day_hour_and_readers_are_read_and_said() -> None:
    text = '[digest]\nday = "Sunday"\nhour = "17:30"\nto = ["odell@alder.example", "mara.finch+cash@alder.example"]\n'
    policy = in_force(None, read_policy(text, "USD")).digest
    assert (policy.day, policy.hour) == (6, "17:30")
    assert policy.to == ("odell@alder.example", "mara.finch+cash@alder.example")
    assert BY_PATH["digest.day"].kind.spoken(6, "USD") == "Sunday"
    assert BY_PATH["digest.to"].kind.spoken([], "USD") == "nobody"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ('day = "payday"', "no weekday"),
        ("day = 1", "no weekday"),
        ('to = "odell@alder.example"', "write a list"),
        ('to = ["odell"]', "no e-mail address"),
        ('to = ["a@b.example", "A@B.example"]', "twice"),
        ('to = ["odell@alder.example\\r\\nBcc: x@y.example"]', "no e-mail address"),
        (f"to = {[f'p{n}@alder.example' for n in range(21)]}", "20 are the most"),
    ],
)
def test_what_is_no_day_or_no_address_is_refused(said: str, why: str) -> None:
    with pytest.raises(PolicyBroken, match=why):
        read_policy(f"[digest]\n{said}\n", "USD")
