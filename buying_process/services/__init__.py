"""Everything that changes a process, a version or what it holds."""

from buying_process.services.activities import (
    stage_activity_add,
    stage_activity_mark,
    stage_activity_move,
    stage_activity_remove,
    stage_activity_update,
)
from buying_process.services.derivation import derive_from_job, derive_start, version_derive
from buying_process.services.exchange import version_import
from buying_process.services.findings import finding_accept, finding_reopen
from buying_process.services.history import edit_redo, edit_undo
from buying_process.services.holding import holding_from_job, holding_start
from buying_process.services.needs import stage_need_add, stage_need_remove, stage_need_update
from buying_process.services.pins import pin_set
from buying_process.services.processes import process_create, process_delete, process_update
from buying_process.services.proposals import proposal_discard, proposal_keep, proposal_refuse, proposal_take
from buying_process.services.publishing import (
    hindrances,
    version_copy,
    version_delete,
    version_move_deals,
    version_publish,
    version_retire,
    version_settings,
)
from buying_process.services.repeating import repeat_from_job, repeat_start
from buying_process.services.segments import segments_from_job, segments_start
from buying_process.services.skills import skill_create, skill_delete, skill_update, skills_begin
from buying_process.services.stages import (
    stage_add,
    stage_merge,
    stage_move,
    stage_remove,
    stage_rename,
    stage_split,
)

__all__ = [
    "derive_from_job",
    "derive_start",
    "edit_redo",
    "edit_undo",
    "finding_accept",
    "finding_reopen",
    "hindrances",
    "holding_from_job",
    "holding_start",
    "pin_set",
    "process_create",
    "process_delete",
    "process_update",
    "proposal_discard",
    "proposal_keep",
    "proposal_refuse",
    "proposal_take",
    "repeat_from_job",
    "repeat_start",
    "segments_from_job",
    "segments_start",
    "skill_create",
    "skill_delete",
    "skill_update",
    "skills_begin",
    "stage_activity_add",
    "stage_activity_mark",
    "stage_activity_move",
    "stage_activity_remove",
    "stage_activity_update",
    "stage_add",
    "stage_merge",
    "stage_move",
    "stage_need_add",
    "stage_need_remove",
    "stage_need_update",
    "stage_remove",
    "stage_rename",
    "stage_split",
    "version_copy",
    "version_delete",
    "version_derive",
    "version_import",
    "version_move_deals",
    "version_publish",
    "version_retire",
    "version_settings",
]
