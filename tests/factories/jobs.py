"""Jobs for tests."""

import factory

from jobs.models import Job
from tests.factories.accounts import MembershipFactory, ScopedFactory


class JobFactory(ScopedFactory):
    class Meta:
        model = Job

    workspace = factory.LazyAttribute(lambda job: job.started_by.workspace)
    started_by = factory.SubFactory(MembershipFactory)
    kind = "count"
    task = "tests.count"
    title = factory.Sequence(lambda n: f"Count to {n}")
