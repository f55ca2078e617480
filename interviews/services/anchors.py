"""Spans of an answer that follow their words when the text changes."""

from django.utils import timezone

from interviews.choices import SuggestionState
from interviews.models import Answer, Excerpt, Moment, Passage, Ruling, Suggestion


def _common_prefix(old: str, new: str) -> int:
    limit = min(len(old), len(new))
    low, high = 0, limit
    while low < high:  # comparing halves is a memory comparison, faster than walking by characters
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _nearest(text: str, quote: str, wanted: int) -> int | None:
    """Give the occurrence of `quote` that starts nearest to `wanted`."""
    best: int | None = None
    at = text.find(quote)
    while at >= 0:
        if best is None or abs(at - wanted) < abs(best - wanted):
            best = at
        at = text.find(quote, at + 1)
    return best


def reanchor(*, old: str, new: str, start: int, end: int) -> tuple[int, int] | None:
    """Give the place of `old[start:end]` in `new`, or None where those words are gone.

    Parameters
    ----------
    old, new
        The text before and after the change.
    start, end
        The span in `old`, in code points.

    Returns
    -------
    tuple of int or None
        Words before or after the change keep their place relative to it. Words that the change touches are looked for
        as they were, nearest to where they stood; if they stand nowhere, a change inside them (a corrected typing
        error) keeps the span around it, and a change at an edge keeps what is left if that is half or more.

    Notes
    -----
    O(len(old) + len(new)): the change is what lies between the longest common prefix and suffix.
    """
    head = _common_prefix(old, new)
    tail = _common_prefix(old[head:][::-1], new[head:][::-1])
    old_stop, new_stop = len(old) - tail, len(new) - tail
    shift = len(new) - len(old)
    if end <= head:
        return start, end
    if start >= old_stop:
        return start + shift, end + shift
    quote = old[start:end]
    found = _nearest(new, quote, start if start <= head else start + shift)
    if found is not None:
        return found, found + len(quote)
    return _left_over(new, (start, end), (head, old_stop), (head, new_stop))


def _left_over(new: str, span: tuple[int, int], gone: tuple[int, int], come: tuple[int, int]) -> tuple[int, int] | None:
    """Give what is left of a span when `gone` (in the old text) became `come` (in the new one)."""
    start, end = span
    before, after = max(0, gone[0] - start), max(0, end - gone[1])
    if 2 * (before + after) < end - start:
        return None
    left = start if before else come[1]
    right = come[1] + after if after else come[0]
    words = new[left:right]
    if not words.strip():
        return None
    return left + len(words) - len(words.lstrip()), right - (len(words) - len(words.rstrip()))


def spans_follow(answer: Answer, before: str) -> int:
    """Move excerpts and suggestions of an answer whose text was `before`; give how many excerpts were lost."""
    lost = _excerpts_follow(answer, before)
    _passages_follow(answer, before)
    _suggestions_follow(answer, before)
    _rulings_follow(answer, before)
    return lost


def _excerpts_follow(answer: Answer, before: str) -> int:
    kept: dict[tuple[int, int, int], Excerpt] = {}
    gone: list[Excerpt] = []
    for excerpt in answer.excerpts.all():
        span = reanchor(old=before, new=answer.text, start=excerpt.start, end=excerpt.end)
        twin = kept.get((excerpt.code_id, *span)) if span else None
        if span is None or twin is not None:
            gone.append(excerpt)
            if twin is not None:
                Moment.objects.filter(excerpt=excerpt).update(excerpt=twin)
                Suggestion.objects.filter(excerpt=excerpt).update(excerpt=twin)
            continue
        excerpt.start, excerpt.end = span
        excerpt.quote = answer.text[slice(*span)]
        excerpt.updated_at = timezone.now()
        kept[excerpt.code_id, excerpt.start, excerpt.end] = excerpt
    Excerpt.objects.filter(pk__in=[excerpt.pk for excerpt in gone]).delete()
    Excerpt.objects.bulk_update(kept.values(), ["start", "end", "quote", "updated_at"], batch_size=1000)
    return len(gone)


def _suggestions_follow(answer: Answer, before: str) -> None:
    kept: dict[tuple[int, int, int], Suggestion] = {}
    gone: list[int] = []
    # decided ones first: they outlive an open twin
    order = {SuggestionState.ACCEPTED: 0, SuggestionState.REFUSED: 1, SuggestionState.OPEN: 2}
    for suggestion in sorted(answer.suggestions.all(), key=lambda row: order[SuggestionState(row.state)]):
        span = reanchor(old=before, new=answer.text, start=suggestion.start, end=suggestion.end)
        if span is None or (suggestion.code_id, *span) in kept:
            gone.append(suggestion.pk)
            continue
        suggestion.start, suggestion.end = span
        words = answer.text[slice(*span)]
        suggestion.vector = suggestion.vector if words == suggestion.quote else None
        suggestion.quote = words
        kept[suggestion.code_id, suggestion.start, suggestion.end] = suggestion
    Suggestion.objects.filter(pk__in=gone).delete()
    Suggestion.objects.bulk_update(kept.values(), ["start", "end", "quote", "vector"], batch_size=1000)


def _rulings_follow(answer: Answer, before: str) -> None:
    """Keep what was settled where its words still stand as they were; other words are another passage."""
    moved, gone = [], []
    for ruling in answer.rulings.all():
        span = reanchor(old=before, new=answer.text, start=ruling.start, end=ruling.end)
        if span is None or answer.text[slice(*span)] != ruling.quote:
            gone.append(ruling.pk)
            continue
        ruling.start, ruling.end = span
        moved.append(ruling)
    Ruling.objects.filter(pk__in=gone).delete()
    Ruling.objects.bulk_update(moved, ["start", "end"], batch_size=1000)


def _passages_follow(answer: Answer, before: str) -> None:
    """Move what came from a file; a passage whose words are gone is part of the talk only."""
    moved = list(answer.passages.defer("text"))
    for passage in moved:
        span = reanchor(old=before, new=answer.text, start=passage.start or 0, end=passage.end or 0)
        if span is None:
            passage.answer = passage.start = passage.end = None
        else:
            passage.start, passage.end = span
    Passage.objects.bulk_update(moved, ["answer", "start", "end"], batch_size=1000)
