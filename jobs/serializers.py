"""How the API shows jobs."""

from typing import Any

from core import api_fields as serializers
from jobs.choices import JobState
from jobs.models import Job


class JobSerializer(serializers.Serializer[Job]):
    """A piece of background work: how far it is and what came of it."""

    id = serializers.CharField(source="pk", read_only=True)
    url = serializers.HyperlinkedIdentityField(view_name="job-detail", read_only=True)
    kind = serializers.CharField(read_only=True, help_text="What it does.")
    title = serializers.CharField(read_only=True)
    state = serializers.ChoiceField(choices=JobState.choices, read_only=True)
    done = serializers.IntegerField(read_only=True, help_text="Steps done.")
    total = serializers.IntegerField(read_only=True, help_text="Steps in all; 0 where nobody knows yet.")
    message = serializers.CharField(read_only=True, help_text="What it is at, or why it failed.")
    result = serializers.SerializerMethodField(help_text="What came of it, once it is done.")
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def get_result(self, job: Job) -> dict[str, Any]:
        """Give what the job left."""
        return dict(job.result)
