"""A version as the journey map shows it."""

from collections.abc import Collection, Mapping

from django.urls import reverse

from buying_process.models import StageActivity, Version
from buying_process.selectors.journey_map import JourneyMap, MapActivity, MapReturn, MapStage, Mode


def journey_map(
    version: Version,
    *,
    mode: Mode = "view",
    probabilities: Mapping[int, float] | None = None,
    seller_stage_id: int | None = None,
    done_activity_ids: Collection[int] = (),
) -> JourneyMap:
    """Give the map of a version; three queries.

    Parameters
    ----------
    version
        With its process selected, for the title.
    mode
        "design" for the designer's page, "view" to read, "deal" beside a deal.
    probabilities
        From a stage's id to the probability that the buyer is there, 0 to 1; on a deal.
    seller_stage_id
        The stage that the rep logged.
    done_activity_ids
        Activities that were seen or done on the deal.
    """
    stages = list(version.stages.order_by("position"))
    activities: dict[int, list[MapActivity]] = {stage.pk: [] for stage in stages}
    rows = StageActivity.objects.filter(stage__version=version).select_related("facilitates")
    done = set(done_activity_ids)
    for activity in rows.order_by("stage", "position", "pk"):
        activities[activity.stage_id].append(_activity(version, activity, done=activity.pk in done))
    interviews = int(version.derivation.get("interviews", 0))
    return JourneyMap(
        stages=tuple(
            MapStage(
                id=stage.pk,
                name=stage.name,
                position=stage.position,
                told=stage.told,
                interviews=interviews,
                probability=None if probabilities is None else float(probabilities.get(stage.pk, 0.0)),
                seller_here=stage.pk == seller_stage_id,
                pinned=stage.pinned,
                url=_address("stage", version, stage.pk),
                activities=tuple(activities[stage.pk]),
            )
            for stage in stages
        ),
        returns=_returns(version),
        mode=mode,
        title=version.process.name,
    )


def _activity(version: Version, activity: StageActivity, *, done: bool) -> MapActivity:
    return MapActivity(
        id=activity.pk,
        name=activity.name,
        actor=activity.actor,  # type: ignore[arg-type]  # a choice of the model, so one of the literals
        purpose=activity.purpose,  # type: ignore[arg-type]  # the same
        done=done,
        url=_address("activity", version, activity.pk),
        helps=activity.facilitates.name if activity.facilitates else "",
        pinned=activity.pinned and activity.code_id is not None,
    )


def _returns(version: Version) -> tuple[MapReturn, ...]:
    rows = version.transitions.filter(to_stage__isnull=False, seen__gt=0).values_list(
        "pk", "from_stage__position", "to_stage__position", "share", "seen"
    )
    return tuple(
        MapReturn(start, end, share, round(seen), _address("transition", version, pk))
        for pk, start, end, share, seen in rows
        if end < start
    )


def _address(name: str, version: Version, pk: int) -> str:
    return reverse(f"buying_process:{name}", args=[version.process_id, version.number, pk])
