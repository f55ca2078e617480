"""Writes of the deals room: one function a change, keyword-only; `actor` is a membership, or None for the system."""

from deals.services.adoption import deals_adopt_version
from deals.services.alerts import alerts_choose, alerts_settle
from deals.services.alignment import (
    alignment_retry,
    alignments_mark_silent,
    alignments_recompute_stale,
    alignments_retry,
)
from deals.services.contacts import contact_add, contact_update
from deals.services.deals import (
    deal_change,
    deal_close,
    deal_create,
    deal_move_version,
    deal_put,
    deal_reopen,
    deal_share,
    deal_update,
)
from deals.services.digests import digest_end, digests_send, member_of_token
from deals.services.editing import EditConflictError, deal_edit
from deals.services.facts import (
    deal_log_effort,
    deal_log_signal,
    deal_log_stage,
    fact_restore,
    fact_retract,
    need_meet,
)
from deals.services.history import alignments_backfill, days_sum_between_hours, history_keep
from deals.services.list_views import (
    list_view_change,
    list_view_delete,
    list_view_restore,
    list_view_save,
    list_view_use,
)
from deals.services.outlooks import outlook_refit, outlooks_refit
from deals.services.rescoring import (
    alignments_rescore,
    alignments_rescore_old,
    bulk_jobs_work_off,
    deals_rescore,
)
from deals.services.signal_paths import signal_paths_verify

__all__ = [
    "EditConflictError",
    "alerts_choose",
    "alerts_settle",
    "alignment_retry",
    "alignments_backfill",
    "alignments_mark_silent",
    "alignments_recompute_stale",
    "alignments_rescore",
    "alignments_rescore_old",
    "alignments_retry",
    "bulk_jobs_work_off",
    "contact_add",
    "contact_update",
    "days_sum_between_hours",
    "deal_change",
    "deal_close",
    "deal_create",
    "deal_edit",
    "deal_log_effort",
    "deal_log_signal",
    "deal_log_stage",
    "deal_move_version",
    "deal_put",
    "deal_reopen",
    "deal_share",
    "deal_update",
    "deals_adopt_version",
    "deals_rescore",
    "digest_end",
    "digests_send",
    "fact_restore",
    "fact_retract",
    "history_keep",
    "list_view_change",
    "list_view_delete",
    "list_view_restore",
    "list_view_save",
    "list_view_use",
    "member_of_token",
    "need_meet",
    "outlook_refit",
    "outlooks_refit",
    "signal_paths_verify",
]
