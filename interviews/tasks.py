"""Background work of the interviews room."""

from celery import shared_task

from interviews.services import lesson_learn, suggest_run


@shared_task(name="interviews.suggest_codes")
def suggest_codes(job_id: int) -> None:
    """Look for suggestions in an interview."""
    suggest_run(job_id=job_id)


@shared_task(name="interviews.learn_from_decisions")
def learn_from_decisions(workspace_id: int) -> None:
    """Learn from what people decided on suggestions."""
    lesson_learn(workspace_id=workspace_id)
