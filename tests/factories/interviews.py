"""Interviews, their answers and their coding, for tests."""

from datetime import date

from interviews import services
from interviews.choices import Kind

STORY = (
    "At first each department measured something else. So we walked the line together with finance. "
    "Then our maintenance lead joined for good. We wrote down half the requirements. "
    "The numbers did not add up and we walked the line together again."
)


def interview(actor, customer="Harbour Mills", *, texts=None, **facts):
    """Record an interview of the workspace in context; `texts` by the position of their question."""
    facts = {"held_on": date(2026, 3, 2), "role": "plant manager", "outcome": "won", **facts}
    made = services.interview_create(actor=actor, customer=customer, **facts)
    services.answers_save(interview=made, texts={3: STORY} if texts is None else texts, actor=actor)
    return made


def answer(made, position=3):
    return made.answers.select_related("question", "interview").get(question__position=position)


def code(actor, name="Walk the line together", kind=Kind.ACTIVITY, **fields):
    found = services.code_find_or_create(actor=actor, kind=kind, name=name)
    for key, value in fields.items():
        setattr(found, key, value)
    found.save()
    return found


def coded(made, quote, name, *, actor, kind=Kind.ACTIVITY, position=3, nth=0):
    """Give the nth occurrence of `quote` in an answer a code."""
    place = answer(made, position)
    start = -1
    for _ in range(nth + 1):
        start = place.text.index(quote, start + 1)
    return services.excerpt_add(
        answer=place, code=code(actor, name, kind), start=start, end=start + len(quote), actor=actor
    )


def told_interview(actor, customer="Harbour Mills", **facts):
    """Record, code and order an interview: three activities, one of them twice."""
    made = interview(actor, customer, **facts)
    coded(made, "each department measured something else", "Measure it apart", actor=actor)
    coded(made, "walked the line together", "Walk the line together", actor=actor)
    coded(made, "our maintenance lead", "Maintenance lead", actor=actor, kind=Kind.ROLE)
    coded(made, "wrote down half the requirements", "Write down requirements", actor=actor)
    coded(made, "walked the line together", "Walk the line together", actor=actor, nth=1)
    services.moments_draft(interview=made, actor=actor)
    return made


def suggestion(made, quote, name, *, actor, score=0.8, position=3, kind=Kind.ACTIVITY):
    """Let the machine propose a code for a stretch of an answer."""
    from interviews.models import Suggestion

    place = answer(made, position)
    start = place.text.index(quote)
    return Suggestion.objects.create(
        workspace_id=made.workspace_id,
        answer=place,
        code=code(actor, name, kind),
        start=start,
        end=start + len(quote),
        quote=quote,
        score=score,
        likeness=score,
    )
