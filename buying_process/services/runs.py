"""A derivation's record: what it was made from, and whether the same gives the same again."""

from collections.abc import Sequence
from typing import Any

from buying_process.models import Run, Version
from buying_process.selectors.runs import digest, inputs_of, program


def run_store(
    *,
    version: Version,
    interview_ids: Sequence[int],
    asked: dict[str, Any],
    deals: dict[str, Any],
    result: dict[str, Any],
) -> Run:
    """Keep what a derivation was made from and a digest of what came of it."""
    inputs = inputs_of(interview_ids)
    return Run.objects.create(
        workspace_id=version.workspace_id,
        version=version,
        options=asked | {"codes": inputs.codes},
        interviews=inputs.interviews,
        deals=deals,
        program=program(),
        digest=digest(result),
    )
