"""Interviews that tell a story, processes, and versions in every state."""

from datetime import date, timedelta

from buying_process import services
from buying_process.models import Process
from buying_process.services.derivation import Asked
from interviews.models import Answer, Code, Excerpt, Guide, GuideVersion, Interview, Moment, Question

RESAMPLES = 20  # few, to be quick; how sure a version is has tests of its own
HELD_ON = date(2026, 3, 2)
CHECK = [
    ("abcdef", "won"),
    ("abdcef", "won"),
    ("acbdf", "lost"),
    ("abcacdef", "no_decision"),
    ("bacdefe", "open"),
]
CHECK_JOBS = dict(zip("abcdef", ["recognise"] * 2 + ["solve"] * 2 + ["commit"] * 2, strict=True))


def guide_version(workspace):
    found = GuideVersion.objects.filter(workspace=workspace).first()
    if found:
        return found
    guide = Guide.objects.create(workspace=workspace, title="How they buy", is_default=True)
    version = GuideVersion.objects.create(workspace=workspace, guide=guide, number=1)
    Question.objects.create(workspace=workspace, version=version, position=1, text="What happened?", job="recognise")
    return version


def code(workspace, name, kind="activity", job="", channel=""):
    return Code.objects.get_or_create(
        workspace=workspace, kind=kind, name=name, defaults={"job": job, "channel": channel}
    )[0]


def tell(workspace, names, outcome="won", *, customer="Harbour Mills", jobs=None, days=None, **fields):
    """Store an interview whose story tells the activities `names`; `days` dates each moment, None where unknown."""
    version = guide_version(workspace)
    interview = Interview.objects.create(
        workspace=workspace,
        guide_version=version,
        customer=customer,
        role="Plant manager",
        held_on=HELD_ON,
        outcome=outcome,
        **fields,
    )
    answer = Answer(workspace=workspace, interview=interview, question=version.questions.get())
    excerpts, moments = [], []
    for position, name in enumerate(names):
        day = None if days is None or days[position] is None else HELD_ON + timedelta(days=days[position])
        told = code(workspace, name, job=(jobs or {}).get(name, ""))
        start = len(answer.text)
        answer.text += f"Then we came to {name}. "
        excerpt = Excerpt(
            workspace=workspace,
            answer=answer,
            code=told,
            start=start,
            end=len(answer.text) - 1,
            quote=answer.text[start:-1],
        )
        excerpts.append(excerpt)
        moments.append(
            Moment(
                workspace=workspace,
                interview=interview,
                code=told,
                position=position + 1,
                excerpt=excerpt,
                happened_on=day,
            )
        )
    answer.save()
    Excerpt.objects.bulk_create(excerpts)
    Moment.objects.bulk_create(moments)
    return interview


def beside(interview, name, kind, words, at=0, channel=""):
    """Add a span of another kind to the interview's answer, at a place of its text."""
    answer = interview.answers.get()
    return Excerpt.objects.create(
        workspace_id=interview.workspace_id,
        answer=answer,
        code=code(interview.workspace, name, kind, channel=channel),
        start=at,
        end=at + len(words),
        quote=words,
    )


def check_interviews(workspace):
    """Store the five interviews of the check example."""
    return [
        tell(workspace, list(story), outcome, customer=f"Customer {number}", jobs=CHECK_JOBS)
        for number, (story, outcome) in enumerate(CHECK, start=1)
    ]


def process(workspace, name="How plants buy", **fields):
    return Process.objects.create(workspace=workspace, name=name, **fields)


def draft(workspace, actor=None, *, name="How plants buy", stages=None):
    """Give the check example as a draft: {a b} {c d} {e f}."""
    if not Interview.objects.filter(workspace=workspace).exists():
        check_interviews(workspace)
    asked = Asked(stages=stages, resamples=RESAMPLES)
    return services.version_derive(
        process=process(workspace, name), interviews=Interview.objects.all(), asked=asked, actor=actor
    )


def published(workspace, actor, **fields):
    """Give the check example as the live version."""
    version = draft(workspace, actor, **fields)
    services.version_publish(version=version, actor=actor)
    return version
