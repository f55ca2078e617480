"""Every operation of the schema, called with what the schema allows and with what it forbids. All checks are on."""

from io import StringIO

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, reject, settings

from core import scope
from salesflow.wsgi import application
from tests.factories.accounts import ApiTokenFactory

SECRET = {"Authorization": "Bearer sfl_secret-of-the-schema-test"}
THOROUGH = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": list(HealthCheck),
    "phases": [Phase.explicit, Phase.generate],
}


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    if not isinstance(value, str | bytes):
        reject()  # whatever is sent as lines is text: no body can break that part of the schema
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")


schema = schemathesis.openapi.from_wsgi("/api/schema/", application)


@pytest.fixture
def existing(world, designer):
    """Give the ids that exist; one token for all examples of an operation, which share the test's transaction."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    ApiTokenFactory(membership=designer, secret="sfl_secret-of-the-schema-test")
    yield world
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@schema.parametrize()
@settings(max_examples=8, **THOROUGH)
def test_operation_keeps_its_schema(case, existing):
    with scope.nowhere():
        case.call_and_validate(headers=SECRET)


@schema.include(path_regex=r"\{").parametrize()
@settings(max_examples=8, **THOROUGH)
def test_operation_on_what_exists_keeps_its_schema(case, existing):
    for name in case.path_parameters:
        case.path_parameters[name] = existing[case.path]
    with scope.nowhere():
        case.call_and_validate(headers=SECRET)


def test_schema_generates_without_a_warning():
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO(), stderr=StringIO())
