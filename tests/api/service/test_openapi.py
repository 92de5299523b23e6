"""Whatever a signed-in client sends, the service answers as it says, and never with a fault."""

from __future__ import annotations

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

EXAMPLES = settings(
    max_examples=5, deadline=None, phases=[Phase.generate], derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def test_no_request_is_a_fault(standing) -> None:
    admin = standing.user()
    schema = schemathesis.openapi.from_dict(standing.app.openapi())
    asked = set()

    def hold(case) -> None:
        body = case.body if isinstance(case.body, dict | list) else None
        params = {key: str(value) for key, value in (case.query or {}).items()}
        answer = admin.request(case.method, case.formatted_path, params=params, json=body, follow_redirects=False)
        asked.add((case.method.upper(), case.path))
        assert answer.status_code < 500, (case.method, case.path, answer.text)
        if answer.status_code >= 400 and answer.headers["content-type"].startswith("application/json"):
            assert {"zh", "en"} <= set(answer.json()["error"])

    for operation in schema.get_all_operations():
        EXAMPLES(given(operation.ok().as_strategy())(hold))()
    assert {("POST", "/api/v1/edits"), ("GET", "/api/v1/cells.geojson"), ("POST", "/api/v1/embeds")} <= asked
