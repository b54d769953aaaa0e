"""The page about the money loop shows the code as it is."""

import pytest

from tests.money_loop.drawing import PAGE, redrawn

pytestmark = pytest.mark.xdist_group("money_loop")


def test_the_drawn_loop_is_the_code() -> None:
    page = PAGE.read_text()
    assert page == redrawn(page), "docs/money-loop.md shows another loop than the code has: `make loop` draws it anew"
