"""Forms are written the way Stripe reads them, whatever stands in the values."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domains.stripe.forms import Value, encoded, pairs

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def test_nesting_is_written_in_brackets() -> None:
    form: dict[str, Value] = {
        "metadata": {"interlock_key": "k-1", "qbo_doc_number": "1,034 & more"},
        "payment": {"type": "payment_intent", "payment_intent": "pi_1"},
        "expand": ["data.source", "data.payments"],
        "lines": [{"amount": 5}, {"amount": 7}],
        "auto_advance": False,
        "left_out": None,
        "cleared": "",
    }
    assert pairs(form) == (
        ("metadata[interlock_key]", "k-1"),
        ("metadata[qbo_doc_number]", "1,034 & more"),
        ("payment[type]", "payment_intent"),
        ("payment[payment_intent]", "pi_1"),
        ("expand[]", "data.source"),
        ("expand[]", "data.payments"),
        ("lines[0][amount]", "5"),
        ("lines[1][amount]", "7"),
        ("auto_advance", "false"),
        ("cleared", ""),
    )


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,12}", fullmatch=True), _TEXTS, max_size=5))
def test_any_text_comes_through_whole(metadata: dict[str, str]) -> None:
    body = encoded({"metadata": metadata}).decode("ascii")
    read = dict(parse_qsl(body, keep_blank_values=True, encoding="utf-8"))
    assert read == {f"metadata[{name}]": text for name, text in metadata.items()}, "a text was changed on its way"


def test_a_float_is_never_written() -> None:
    with pytest.raises(TypeError, match="amount"):
        pairs({"amount": 12.5})  # type: ignore[dict-item]
