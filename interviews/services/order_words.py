"""What a customer's words say about order: which activity came first, again, at the same time, and when.

A pure function over texts: spans of activities in the order told go in; the same activities in the order in which they
happened come out, each with the words that told its place and its date. English alone is read; words that it does not
know leave an activity where it was told.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from interviews.services.date_words import Dated, date_told
from interviews.services.order_traps import NEGATION, TRAPS

_BACK = (
    r"(?:went|go|going|gone|came|come|coming|got|circled|stepped|looped|moved|were sent|was sent|sent us) "
    r"(?:all the way )?back (?:to|and|again)|back to square one|back to the drawing board|"
    r"returned to|revisit(?:ed|ing)?|"
    r"reopened|redid|re-?did|once more|once again|(?:start(?:ed)?|began) (?:all )?over|over again|"
    r"(?:a|the|for the) (?:second|third|fourth) time|another round of|yet again"
)
_EARLIER = (
    r"before (?:that|this|then|all (?:of )?(?:that|this)|any of (?:that|this))|prior to (?:that|this)|"
    r"earlier(?: on)?(?=,| we| they| i )|"
    r"previously|beforehand|by then,? (?:we|they|i|it)\b(?:'d| had)|(?:we|they|i|it) had already|had already|"
    r"already(?= \w+ed\b)"
)
_BEGINNING = r"it (?:all )?(?:began|started) (?:with|when)|at the very (?:beginning|start|outset)|in the very beginning"
_FIRST = (
    r"at first|at the (?:beginning|start|outset)|in the beginning|initially|originally|to begin with|to start with|"
    r"to start off|first of all|first off|firstly|(?:the )?first thing|first"
)
_TOGETHER = (
    r"meanwhile|in the meantime|at the same time|at that same time|in parallel|simultaneously|alongside (?:that|this)|"
    r"side by side|while (?:that|this) (?:was )?(?:went on|going on|ran|running|happened|happening)|concurrently|"
    r"all the while|during (?:that|this)(?: time)?"
)
_LATER = (
    r"(?:and |but |only |just )?then|after (?:that|this|which)|afterwards?|next|later(?: on)?|subsequently|from there|"
    r"eventually|finally|in the end|at last|lastly|thereafter|once that was (?:done|settled)|ultimately|soon after"
)
_KINDS = (
    ("back", _BACK),
    ("earlier", _EARLIER),
    ("together", _TOGETHER),
    ("beginning", _BEGINNING),
    ("first", _FIRST),
    ("later", _LATER),
)
_WORDS = re.compile("|".join(rf"(?P<{kind}>\b(?:{words})\b)" for kind, words in _KINDS), re.IGNORECASE)
_HINGE = re.compile(
    r"\b(?P<hinge>before|after|while|until|once|as soon as)\b(?! (?:that|this|all|then|which)\b)", re.IGNORECASE
)

LONGEST_SENTENCE = 2_000  # code points; words further away are not about it
_OPENING = frozenset({"beginning", "first"})
_MOVING = _OPENING | {"earlier", "together"}
_NOT_BEFORE = re.compile(r"\bnot $", re.IGNORECASE)
# a line that wraps ends no sentence; a blank line and the next item of a list do
_SENTENCE_END = re.compile(r"[.!?](?=[\s\"'”’)]|$)|;|\n(?=\s*(?:\n|[-*•]\s|\d+[.)]\s))")


@dataclass(frozen=True, slots=True)
class Span:
    """An activity where it is told: `start` to `end` of text number `text`, in code points."""

    text: int
    start: int
    end: int
    activity: int


@dataclass(frozen=True, slots=True)
class Drafted:
    """An activity at its place in what happened; `span` is its number among those given.

    `is_moved` where words told of another place than that in the telling.
    """

    span: int
    together: bool = False
    place_words: str = ""
    happened_on: date | None = None
    date_words: str = ""
    is_moved: bool = False


@dataclass(frozen=True, slots=True)
class _Told:
    span: int
    kind: str  # "", beginning, first, later, earlier, together, back
    words: str
    anchor: int | None  # the span that the kind is about, None the one told before
    dated: Dated | None


def timeline_of(texts: Sequence[str], spans: Sequence[Span], held_on: date) -> list[Drafted]:
    """Put the activities in the order in which they happened.

    `spans` stand in the order told. The same activity told on end is one; told again after another, it is a return.
    `held_on` is the interview's date, against which “last March” is read. O(n^2) in the spans.
    """
    read: list[_Told] = []
    while len(read) < len(spans):
        read.append(_read(texts, spans, read, held_on))
    told = _joined(spans, read)
    order: list[_Told] = []
    for one in told:
        order.insert(_place(texts, spans, order, one), one)
    return _dated(order, held_on)


def _joined(spans: Sequence[Span], told: Sequence[_Told]) -> list[_Told]:
    """Keep the first of an activity told on end, unless words say that they came back to it."""
    kept: list[_Told] = []
    for one in told:
        same = bool(kept) and spans[kept[-1].span].activity == spans[one.span].activity
        if not same or one.kind == "back":
            kept.append(one)
    return kept


def _place(texts: Sequence[str], spans: Sequence[Span], order: Sequence[_Told], one: _Told) -> int:
    if not order:
        return 0
    known = {other.span: place for place, other in enumerate(order)}
    anchor = known.get(one.anchor, known[_latest(order)]) if one.anchor is not None else known[_latest(order)]
    if one.kind in _OPENING:
        return _opening(texts, spans, order, one)
    if one.kind == "earlier":
        while anchor > 0 and order[anchor].kind == "together":
            anchor -= 1
        return anchor
    if one.kind == "together":
        return anchor + 1
    return len(order)


def _opening(texts: Sequence[str], spans: Sequence[Span], order: Sequence[_Told], one: _Told) -> int:
    """Give the place at the front of what “first” is first of, behind what was told to be first there already."""
    group = _opened(texts, spans[one.span], one.kind)
    for place, other in enumerate(order):
        if other.kind not in _OPENING and _opened(texts, spans[other.span], one.kind) == group:
            return place
    return len(order)


def _opened(texts: Sequence[str], span: Span, kind: str) -> tuple[int, ...]:
    """Name what an activity is first of: the whole story, or a paragraph, where “first” begins a row of steps."""
    if kind == "beginning":
        return ()
    return span.text, texts[span.text].count("\n\n", 0, span.start)


def _latest(order: Sequence[_Told]) -> int:
    """Give the span told last among those placed."""
    return max(one.span for one in order)


def _read(texts: Sequence[str], spans: Sequence[Span], read: Sequence[_Told], held_on: date) -> _Told:
    """Read the words before an activity, in its clause, and after the one that stands before it, as those `read` do."""
    number = len(read)
    span = spans[number]
    text = texts[span.text]
    begin = _clause_start(text, span, spans[number - 1] if number else None)
    lead = text[begin : span.start]
    inside = text[span.start : min(span.end, span.start + 60)]
    kind, words, anchor = _order_words(lead, inside, number)
    if not kind and number and spans[number - 1].text == span.text:
        kind, words, anchor = _hinge(text, spans, number)
    sentence_end = _sentence_end(text, span.end)
    until = min(sentence_end, _next_start(spans, number, sentence_end))
    dateless = number > 0 and spans[number - 1].text == span.text and read[-1].dated is None
    dated = date_told(text, _sentence_start(text, span.start) if dateless else begin, span.start, until, held_on)
    return _Told(number, kind, words, anchor, dated)


def _next_start(spans: Sequence[Span], number: int, otherwise: int) -> int:
    if number + 1 < len(spans) and spans[number + 1].text == spans[number].text:
        return max(spans[number + 1].start, spans[number].end)
    return otherwise


def _clause_start(text: str, span: Span, before: Span | None) -> int:
    begin = _sentence_start(text, span.start)
    if before is not None and before.text == span.text and before.start < span.start:
        begin = max(begin, min(before.end, span.start))
    return begin


def _sentence_start(text: str, place: int) -> int:
    begin = max(place - LONGEST_SENTENCE, 0)
    return max((end.end() for end in _SENTENCE_END.finditer(text, begin, place)), default=begin)


def _sentence_end(text: str, start: int) -> int:
    end = _SENTENCE_END.search(text, start)
    return end.start() if end else len(text)


def _order_words(lead: str, inside: str, number: int) -> tuple[str, str, int | None]:
    """Give what the words before an activity (or its own first words) say, the last of them; traps say nothing."""
    whole = lead + inside
    traps = [(match.start(), match.end()) for match in TRAPS.finditer(whole)]
    found: tuple[str, str] | None = None
    for match in _WORDS.finditer(whole):
        if match.start() >= len(lead) and not (match.lastgroup == "back" or match.start() <= len(lead) + 1):
            continue
        if any(start < match.end() and match.start() < end for start, end in traps):
            continue
        if NEGATION.search(whole[: match.start()]):
            continue
        kind = match.lastgroup or ""
        if found is None or kind in ("back", "earlier", "together") or found[0] in ("later", *_OPENING):
            found = (kind, match.group())
    if found is None:
        return "", "", None
    kind, words = found
    return kind, " ".join(words.split()), (number - 1 if kind in ("earlier", "together") and number else None)


def _hinge(text: str, spans: Sequence[Span], number: int) -> tuple[str, str, int | None]:
    """Read “A before B”, “A after B”, “A while B”, where B is this activity and A the one before it in the sentence."""
    before, here = spans[number - 1], spans[number]
    between = text[before.end : here.start]
    if len(between) > 40 or _SENTENCE_END.search(between):  # noqa: PLR2004  further apart they are not one thought
        return "", "", None
    found = next((match for match in _HINGE.finditer(between) if _plain(between, match)), None)
    if found is None:
        return "", "", None
    word = found.group("hinge").lower()
    negated = _NOT_BEFORE.search(between[: found.start()]) is not None
    if word in ("after", "once", "as soon as") or (word == "before" and negated):
        return "earlier", "not before" if negated else word, number - 1
    if word == "while":
        return "together", word, number - 1
    return "later", word, None


def _plain(between: str, hinge: re.Match[str]) -> bool:
    """Tell whether a hinge is meant as it stands; “not before” says something too."""
    lead = between[: hinge.start()]
    return not NEGATION.search(lead) or (hinge.group("hinge").lower() == "before" and bool(_NOT_BEFORE.search(lead)))


def _dated(order: Sequence[_Told], held_on: date) -> list[Drafted]:
    """Date what is told against the moment before it, where that one has a date."""
    drafted: list[Drafted] = []
    last: date | None = None
    for place, one in enumerate(order):
        on, words = None, ""
        if one.dated is not None and one.dated.on is not None:
            on, words = one.dated.on, one.dated.words
        elif one.dated is not None and one.dated.days_after is not None and last is not None:
            on, words = last + timedelta(days=one.dated.days_after), one.dated.words
        if on is not None and on > held_on:
            on, words = None, ""
        last = on or last
        together = one.kind == "together" and place > 0
        drafted.append(Drafted(one.span, together, one.words, on, words, one.kind in _MOVING))
    return drafted
