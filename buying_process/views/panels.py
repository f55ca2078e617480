"""What stands behind a stage, a transition or an activity: a panel beside the map, or a page."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import HttpResponse

from accounts.access import MemberRequest
from buying_process import policies, selectors
from buying_process.choices import Actor, Need, Purpose
from buying_process.forms import (
    ActivityForm,
    ActivityNameForm,
    NeedForm,
    StageNameForm,
)
from buying_process.models import Stage, StageActivity, StageNeed
from buying_process.selectors.information import reach
from buying_process.selectors.journey_map import LANES
from buying_process.services.activities import as_seen, lane_of
from buying_process.services.stages import FEWEST_TO_SPLIT
from buying_process.views.answers import may_shape
from core.http import render_page
from interviews.choices import Channel


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two people changed one name: what it is called now, what this person wrote, and what happened in a sentence."""

    theirs: str
    yours: str
    sentence: str
    need: StageNeed | None = None  # of the stage, where the name is that of a need
    channel: str = ""  # that this person chose for it


def stage_panel(
    request: MemberRequest, stage: Stage, *, need_form: NeedForm | None = None, conflict: Conflict | None = None
) -> HttpResponse:
    """Render a stage with the words, needs and ways behind it."""
    version = stage.version
    needs = {
        kind: list(rows) for kind, rows in groupby(stage.needs.order_by("kind", "-told", "name"), lambda n: n.kind)
    }
    moves = list(stage.exits.select_related("to_stage").order_by("-share"))
    shapes = may_shape(request, version)
    siblings = list(version.stages.order_by("position"))
    context: dict[str, Any] = {
        "stage": stage,
        "version": version,
        "process": version.process,
        "interviews": version.derivation.get("interviews", 0),
        "quotes": selectors.quotes_of_stage(stage),
        "visits": selectors.visits_of_stage(stage),
        "needs": [(kind, kind.label, needs.get(kind.value, [])) for kind in Need],
        "moves": [move for move in moves if move.to_stage_id != stage.pk],
        "stays": next((move for move in moves if move.to_stage_id == stage.pk), None),
        "shapes": shapes,
        "names_customers": policies.reads_interviews(request.membership),
        "channels": Channel.choices,
        "is_last": stage.position == len(siblings) - 1,
    }
    if shapes:
        adds = request.GET.get("add", "")  # the kind of need that a link asks for
        context |= {
            "name_form": StageNameForm(initial={"name": stage.name, "seen": stage.name}, auto_id="stage_%s"),
            "need_form": need_form or NeedForm(initial={"kind": adds}, auto_id="need_%s"),
            "adds": adds,
            "may_merge": len(siblings) > 1,
            "may_split": stage.activities.filter(actor=Actor.CUSTOMER).count() >= FEWEST_TO_SPLIT,
            "held": stage.activities.count(),
            "conflict": conflict,
        }
    status = 422 if conflict or (need_form and need_form.errors) else 200
    return render_page(request, "buying_process/stage.html", context, fragment="panel", status=status)


def activity_panel(
    request: MemberRequest,
    activity: StageActivity,
    *,
    form: ActivityForm | ActivityNameForm | None = None,
    conflict: Conflict | None = None,
) -> HttpResponse:
    """Render an activity: the customer's with their words and who helps, ours with what it helps."""
    version = activity.stage.version
    theirs = activity.actor == Actor.CUSTOMER
    shapes = may_shape(request, version)
    context: dict[str, Any] = {
        "activity": activity,
        "stage": activity.stage,
        "version": version,
        "process": version.process,
        "theirs": theirs,
        "not_relevant": activity.purpose == Purpose.NOT_RELEVANT,
        "interviews": version.derivation.get("interviews", 0),
        "quotes": selectors.quotes_of_activity(activity) if theirs else [],
        "skills": list(activity.skills.all()),
        "channels": [Channel(channel).label for channel in reach(activity)],
        "helpers": activity.helped_by.select_related("stage").order_by("stage__position", "position"),
        "shapes": shapes,
        "names_customers": policies.reads_interviews(request.membership),
    }
    if shapes:
        context |= {
            "form": form or _form(activity),
            "stages": version.stages.order_by("position"),
            "lanes": [lane for lane in LANES if (lane[0] == "customer") == theirs],
            "lane": lane_of(activity),
            "conflict": conflict,
        }
    status = 422 if conflict or (form and form.errors) else 200
    return render_page(request, "buying_process/activity.html", context, fragment="panel", status=status)


def _form(activity: StageActivity) -> ActivityForm | ActivityNameForm:
    seen = {"name": activity.name, "seen": activity.name}
    if activity.actor == Actor.CUSTOMER:
        return ActivityNameForm(initial=seen, auto_id="activity_%s")
    return ActivityForm(
        version=activity.stage.version,
        initial=seen
        | {
            "actor_kind": activity.actor,
            "purpose": activity.purpose,
            "facilitates": activity.facilitates_id,
            "channels": activity.channels,
            "skills": activity.skills.all(),
            "saw": as_seen(activity),
        },
        auto_id="activity_%s",
    )
