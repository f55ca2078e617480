"""Writes of the interviews room, by subject."""

from interviews.services.agreeing import reading_mark, reading_unmark, ruling_make, ruling_undo
from interviews.services.anchors import reanchor
from interviews.services.code_tree import code_move, code_split
from interviews.services.coding import (
    code_create,
    code_find_or_create,
    code_update,
    excerpt_add,
    excerpt_remove,
    excerpt_restore,
    excerpt_undo,
    starter_codebook_add,
)
from interviews.services.erasing import interview_delete, interview_erase
from interviews.services.exchange import Told, interview_change, interview_put
from interviews.services.guides import MOST_QUESTIONS, QuestionInput, guide_create, guide_ensure_default, guide_save
from interviews.services.learning import lesson_learn
from interviews.services.merging import code_merge, code_merge_undo
from interviews.services.recording import (
    answer_save,
    answers_save,
    interview_create,
    interview_update,
    segment_create,
    segment_update,
)
from interviews.services.refi.files import (
    codebook_export,
    exchange_forget,
    exchange_hand_in,
    exchange_look_again,
    exchange_run,
    exchange_start,
    project_export,
)
from interviews.services.story import (
    MOST_MOMENTS,
    MomentInput,
    moment_add,
    moment_date,
    moment_move,
    moment_remove,
    moments_draft,
    moments_restore,
    moments_set,
    moments_snapshot,
)
from interviews.services.suggesting import (
    interview_suggest,
    suggest_run,
    suggest_start,
    suggestion_accept,
    suggestion_refuse,
    suggestion_reopen,
    suggestions_accept_over,
)

__all__ = [
    "MOST_MOMENTS",
    "MOST_QUESTIONS",
    "MomentInput",
    "QuestionInput",
    "Told",
    "answer_save",
    "answers_save",
    "code_create",
    "code_find_or_create",
    "code_merge",
    "code_merge_undo",
    "code_move",
    "code_split",
    "code_update",
    "codebook_export",
    "excerpt_add",
    "excerpt_remove",
    "excerpt_restore",
    "excerpt_undo",
    "exchange_forget",
    "exchange_hand_in",
    "exchange_look_again",
    "exchange_run",
    "exchange_start",
    "guide_create",
    "guide_ensure_default",
    "guide_save",
    "interview_change",
    "interview_create",
    "interview_delete",
    "interview_erase",
    "interview_put",
    "interview_suggest",
    "interview_update",
    "lesson_learn",
    "moment_add",
    "moment_date",
    "moment_move",
    "moment_remove",
    "moments_draft",
    "moments_restore",
    "moments_set",
    "moments_snapshot",
    "project_export",
    "reading_mark",
    "reading_unmark",
    "reanchor",
    "ruling_make",
    "ruling_undo",
    "segment_create",
    "segment_update",
    "starter_codebook_add",
    "suggest_run",
    "suggest_start",
    "suggestion_accept",
    "suggestion_refuse",
    "suggestion_reopen",
    "suggestions_accept_over",
]
