"""Which stage of one version stands for a stage of another."""

from buying_process.choices import Actor
from buying_process.models import Stage, StageActivity


def stage_map(from_version_id: int, to_version_id: int) -> dict[int, Stage]:
    """Map each stage of a version to the stage of another that shares most of its customer activities.

    Ties go to the stage of the same name, then to the nearest place in line, as where nothing is shared.
    """
    before, after = _stages(from_version_id), _stages(to_version_id)
    old, new = _codes(from_version_id), _codes(to_version_id)
    if not after:
        return {}
    span = (len(after) - 1) / max(len(before) - 1, 1)
    return {
        stage.pk: min(
            after,
            key=lambda other, stage=stage, place=place: (  # type: ignore[misc]
                -len(old.get(stage.pk, set()) & new.get(other.pk, set())),
                other.name.lower() != stage.name.lower(),
                abs(other.position - place * span),
            ),
        )
        for place, stage in enumerate(before)
    }


def _stages(version_id: int) -> list[Stage]:
    return list(Stage.objects.filter(version_id=version_id).order_by("position"))


def _codes(version_id: int) -> dict[int, set[str]]:
    """Give the customer activities of each stage, by code or else by name."""
    found: dict[int, set[str]] = {}
    rows = StageActivity.objects.filter(stage__version_id=version_id, actor=Actor.CUSTOMER)
    for stage_id, code_id, name in rows.values_list("stage_id", "code_id", "name"):
        found.setdefault(stage_id, set()).add(f"code:{code_id}" if code_id else f"name:{name.lower()}")
    return found
