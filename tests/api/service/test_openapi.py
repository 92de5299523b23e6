"""Whatever a signed-in client sends, the service answers as it says, and never with a fault."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error

schema = schemathesis.pytest.from_fixture("described")


@pytest.fixture(scope="module")
def described(standing):
    """Give the description of the service to Schemathesis."""
    return schemathesis.openapi.from_dict(standing.app.openapi())


@pytest.fixture(scope="module")
def admin(standing):
    return standing.user()


@schema.parametrize()
@settings(
    max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate], derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_no_request_is_a_fault(case, admin) -> None:
    sent = admin.request(
        case.method, case.formatted_path, params=case.query or None, follow_redirects=False,
        json=case.body if isinstance(case.body, dict | list) else None,
    )  # fmt: skip
    assert sent.status_code < 500, sent.text
    assert not_a_server_error is not None
