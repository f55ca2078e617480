"""Places in a text, however the program that wrote them counted the ends of lines."""

from collections.abc import Sequence


def settle_positions(
    text: str, places: Sequence[tuple[int, int, str]], *, origin: str
) -> tuple[str, list[tuple[int, int] | None]]:
    r"""Give the text with \n alone, and the places in it; None for a place that is not in the text.

    Parameters
    ----------
    text
        As it stands in the file, without a byte order mark.
    places
        Start, end and the words quoted, if any, of each selection; code points, the end left out.
    origin
        The program that wrote it.

    Notes
    -----
    Where lines end in ``\r\n``, programs count them as one or as two. Whichever makes more selections quote the words
    at their place is what was meant; where that decides nothing, ATLAS.ti means one and all others two.
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    one = [_within(plain, start, end) for start, end, _ in places]
    if "\r\n" not in text:
        return plain, one
    lost = _lost_before(text)
    two = [
        _within(plain, lost[start], lost[end]) if 0 <= start < end <= len(text) else None for start, end, _ in places
    ]
    agree = [
        sum(_same(plain, place, words) for place, (_, _, words) in zip(found, places, strict=True) if words)
        for found in (one, two)
    ]
    counts_one = agree[0] > agree[1] or (agree[0] == agree[1] and "ATLAS" in origin.upper())
    return plain, one if counts_one else two


def _within(text: str, start: int, end: int) -> tuple[int, int] | None:
    return (start, end) if 0 <= start < end <= len(text) else None


def _lost_before(text: str) -> list[int]:
    r"""Give for each place in a text its place once ``\r\n`` is one character. O(n)."""
    places = []
    at = 0
    for index, character in enumerate(text):
        places.append(at)
        if not (character == "\r" and text[index + 1 : index + 2] == "\n"):
            at += 1
    places.append(at)
    return places


def _same(text: str, place: tuple[int, int] | None, words: str) -> bool:
    """Tell whether a selection quotes what stands at its place, white space aside; long quotes may be cut off."""
    if place is None:
        return False
    quoted = words.rstrip(".… ").split()
    return bool(quoted) and text[slice(*place)].split()[: len(quoted)] == quoted
