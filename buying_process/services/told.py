"""What customers told that a stage needs, counted anew where a person changed which activities a stage holds."""

from collections.abc import Mapping

from buying_process.choices import Actor
from buying_process.models import Stage, StageActivity, StageNeed, Version
from buying_process.selectors.told_needs import tellers_of_needs
from core.write import create

Tellers = dict[tuple[int, str, int], dict[str, set[int]]]  # by stage, kind and code: the interviews by channel


def needs_recount(*, draft: Version) -> None:
    """Count anew how many interviews tell each need of a draft. Four queries; needs that a person added have none."""
    tellers = tellers_of(draft)
    changed = []
    for need in StageNeed.objects.filter(stage__version=draft, code__isnull=False):
        count = len(_interviews(tellers, need.stage_id, need))
        if need.told != count:
            need.told = count
            changed.append(need)
    StageNeed.objects.bulk_update(changed, ["told"])


def needs_follow(*, draft: Version, left: Stage, into: Stage) -> None:
    """Have what was told beside activities that went from one stage to another be needed there.

    A need that is still told in the stage that they left stays there as well, and so does one that a person pinned.
    """
    tellers = tellers_of(draft)
    known = {need_key(need) for need in into.needs.all()}
    for need in left.needs.filter(code__isnull=False):
        there = _interviews(tellers, into.pk, need)
        if not there or need_key(need) in known:
            continue
        if need.pinned or _interviews(tellers, left.pk, need):
            create(
                StageNeed(
                    workspace_id=draft.workspace_id,
                    stage=into,
                    kind=need.kind,
                    code_id=need.code_id,
                    name=need.name,
                    channel=need.channel,
                    told=len(there),
                )
            )
        else:
            StageNeed.objects.filter(pk=need.pk).update(stage=into, told=len(there))


def tellers_of(draft: Version, homes: Mapping[int, int] | None = None) -> Tellers:
    """Give who tells each need in each stage. `homes` maps codes to stages other than those that are stored."""
    if homes is None:
        rows = StageActivity.objects.filter(stage__version=draft, actor=Actor.CUSTOMER, code__isnull=False)
        homes = dict(rows.values_list("code_id", "stage_id"))
    found: Tellers = {}
    interview_ids = draft.interviews.values_list("pk", flat=True)
    for (stage_id, kind, code_id, _, channel), interviews in tellers_of_needs(interview_ids, homes).items():
        found.setdefault((stage_id, str(kind), code_id), {})[channel] = interviews
    return found


def told_in(tellers: Tellers, stage_id: int, need: StageNeed) -> int:
    """Count the interviews that tell a need in a stage."""
    return len(_interviews(tellers, stage_id, need))


def need_key(need: StageNeed) -> tuple[str, str, str]:
    """Give what makes a need the same as another in a stage."""
    return need.kind, need.name.casefold(), need.channel


def _interviews(tellers: Tellers, stage_id: int, need: StageNeed) -> set[int]:
    """Give the interviews of the need's channel; of every channel where a person chose another than was told."""
    if need.code_id is None:
        return set()
    by_channel = tellers.get((stage_id, need.kind, need.code_id), {})
    if need.pinned and need.channel not in by_channel:
        return set().union(*by_channel.values())
    return by_channel.get(need.channel, set())
