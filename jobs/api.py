"""Jobs over the API."""

from django.db.models import QuerySet
from rest_framework import mixins, viewsets

from accounts.models import Membership
from jobs.models import Job
from jobs.selectors import jobs
from jobs.serializers import JobSerializer


class JobViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Job]):
    """Background work: whoever starts a job may ask how far it is; sales ops may ask for every job."""

    serializer_class = JobSerializer

    def get_queryset(self) -> QuerySet[Job]:
        """Give the jobs that the token may see."""
        membership: Membership = self.request._request.membership  # type: ignore[attr-defined]
        return jobs(membership).defer(None).defer("arguments")


router_entries = [("jobs", JobViewSet, "job")]
