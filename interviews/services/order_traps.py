"""Words that look as if they told an order, and do not."""

import re

_PHRASES = (
    r"after all",
    r"first (?:class|name|aid|hand|half|quarter|line|rate|of its kind|impression)",
    r"second(?:-| )hand",
    r"(?:even|if not|not|no) (?:first|then)",
    r"next to",
    r"next (?:year|month|week|quarter|time)",
    r"back (?:office|up|end)",
    r"(?:now|every now|since|until|till|by|back) (?:and )?then",
    r"if\b[^.;]*?\bthen",
    r"(?:than|not) before",
    r"sooner or later",
    r"more often than not",
    r"before and after",
    r"at first (?:sight|glance|hand)",
    r"first and foremost",
    r"(?:as|like) never before",
    r"once and for all",
    r"not until later",
    r"time and again",
)
_DENIALS = (
    r"never|not|no|n't|without|instead of|rather than|nobody|no one|did not|"
    r"didn.t|don.t|wouldn.t|couldn.t|haven.t|hadn.t"
)
TRAPS = re.compile("|".join(rf"\b{phrase}\b" for phrase in _PHRASES), re.IGNORECASE)
NEGATION = re.compile(rf"\b(?:{_DENIALS})\b[^.,;:]{{0,24}}$", re.IGNORECASE)  # right before the words in question
