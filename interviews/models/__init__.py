"""What customers told us, and where it came from."""

from interviews.models.codebook import CodeMerge, ExchangeFile
from interviews.models.coders import AlsoCoded, Lesson, Reading, Ruling
from interviews.models.sources import LONGEST_PASSAGE, Intake, Passage, Source, Survey, SurveyError
from interviews.models.told import (
    BETWEEN_NAMES,
    LONGEST_NAMES,
    LONGEST_NOTE,
    LONGEST_TEXT,
    Answer,
    Code,
    Excerpt,
    Guide,
    GuideVersion,
    Interview,
    LeftOut,
    Moment,
    Question,
    Segment,
    Suggestion,
)

__all__ = [
    "BETWEEN_NAMES",
    "LONGEST_NAMES",
    "LONGEST_NOTE",
    "LONGEST_PASSAGE",
    "LONGEST_TEXT",
    "AlsoCoded",
    "Answer",
    "Code",
    "CodeMerge",
    "Excerpt",
    "ExchangeFile",
    "Guide",
    "GuideVersion",
    "Intake",
    "Interview",
    "LeftOut",
    "Lesson",
    "Moment",
    "Passage",
    "Question",
    "Reading",
    "Ruling",
    "Segment",
    "Source",
    "Suggestion",
    "Survey",
    "SurveyError",
]
