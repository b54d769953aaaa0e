"""Requests nobody thought of, made from the API's own description: no fault of ours, and every answer as described."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.web.conftest import Site

_CHECKS: list[Callable[..., Any]] = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
_EXAMPLES = 12


def test_every_operation_answers_as_described(stand_in: Site) -> None:
    schema = schemathesis.openapi.from_url(f"{stand_in.url}/api/v1/openapi.json")
    operations: list[Any] = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) > 15, "the description must hold the whole API"
    statuses: Counter[int] = Counter()
    for operation in operations:
        _examine(stand_in, operation, statuses)
    assert statuses[200] > len(operations), f"too few requests were granted to prove anything: {statuses}"
    assert statuses[422], f"no request was refused for what it held: {statuses}"


def _examine(site: Site, operation: Any, statuses: Counter[int]) -> None:
    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(case=operation.as_strategy())
    def answers(case: schemathesis.Case[Any]) -> None:
        if "business" in case.path_parameters:
            case.path_parameters["business"] = site.client.slug
        answer = case.call_and_validate(checks=_CHECKS, headers={"Authorization": f"Bearer {site.token}"})
        statuses[answer.status_code] += 1

    answers()


def test_the_description_names_every_error_body(site: Site) -> None:
    described = site.ask("GET", "/api/v1/openapi.json").json()
    assert described["info"]["title"] == "Interlock"
    for path, methods in described["paths"].items():
        assert path.startswith("/api/v1/"), "pages don't stand in the API's description"
        for method, operation in methods.items():
            refused = operation["responses"]["422"]["content"]["application/json"]["schema"]
            assert refused == {"$ref": "#/components/schemas/Problem"}, f"{method} {path}"
