"""Files that were brought in, for tests."""

from interviews.services.intake import Given, intake_confirm, intake_read, intake_start
from interviews.services.surveys import survey_run
from jobs.models import Job
from jobs.services import job_run

CALL = """WEBVTT

00:00:01.000 --> 00:00:04.000
<v Ida Sand>How did it begin for you?

00:00:05.500 --> 00:00:09.000
<v Tom Berg>The old system broke down three times, and everybody complained.

00:01:10.000 --> 00:01:13.000
<v Ida Sand>And then?

00:01:14.000 --> 00:01:20.000
<v Tom Berg>The board approved the budget and the contract was signed.
"""
SURVEY = """Response ID,Company,Role,Industry,Submitted,Result,How did you see that you must change?,Who had a stake
r-1,Harbour Mills,buyer,food,2026-02-03,Bought from you,The pumps failed.,The nurses.
r-2,Osier,owner,food,03.02.2026,Went with another,The law changed.,
r-3,,owner,food,2026-02-05,Nothing,Nobody cared.,The board.
r-4,Quay Mill,owner,steel,soon,Nothing,Nobody cared.,The board.
"""
WORK = {
    "interviews.read_sources": intake_read,
    "interviews.confirm_sources": intake_confirm,
    "interviews.load_survey": survey_run,
}


def work(job):
    """Do a job here, as a worker would."""
    job_run(job_id=job.pk, work=WORK[job.task])
    return Job.objects.get(pk=job.pk)


def brought(actor, *files):
    """Bring files in, read them, and give their intake."""
    given = [Given(name, text if isinstance(text, bytes) else text.encode()) for name, text in files]
    intake = intake_start(actor=actor, files=given)
    work(intake.job)
    return intake


def call(actor, name="Harbour Mills 2026-03-02.vtt", text=CALL):
    """Bring one conversation in and give its source."""
    return brought(actor, (name, text)).sources.get()
