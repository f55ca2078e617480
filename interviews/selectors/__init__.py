"""Reads of the interviews room, by subject."""

from interviews.selectors.codebook import CodeRow, activity_codes, code_options, code_rows, kind_counts, quotes_of_code
from interviews.selectors.coding import (
    AnswerView,
    Piece,
    answer_view,
    answer_views,
    example_quotes,
    excerpts_as_told,
    open_suggestion_count,
    suggestion_job,
)
from interviews.selectors.lists import (
    SORTS,
    Coverage,
    Group,
    coded_excerpts,
    coverage,
    found_interviews,
    guide_rows,
    interview_rows,
    waiting,
)
from interviews.selectors.stories import MomentView, moment_views, quotes

__all__ = [
    "SORTS",
    "AnswerView",
    "CodeRow",
    "Coverage",
    "Group",
    "MomentView",
    "Piece",
    "activity_codes",
    "answer_view",
    "answer_views",
    "code_options",
    "code_rows",
    "coded_excerpts",
    "coverage",
    "example_quotes",
    "excerpts_as_told",
    "found_interviews",
    "guide_rows",
    "interview_rows",
    "kind_counts",
    "moment_views",
    "open_suggestion_count",
    "quotes",
    "quotes_of_code",
    "suggestion_job",
    "waiting",
]
