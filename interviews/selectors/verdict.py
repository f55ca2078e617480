"""Whether there are enough interviews, in plain words."""

from interviews.selectors.heard import Heard

FEWEST = 3  # interviews under which nothing can be told
# new activities that the next interview is expected to bring
STILL_NEW = 0.7  # from here on, nearly every interview brings one
HARDLY_NEW = 0.3  # from here on, about every second or third does


def next_brings(interviews: int, expected: float) -> str:
    """Say what the next interview is likely to bring, where there are `interviews` by now."""
    brings = f"{expected:.1f} new activities" if expected >= 0.05 else "nothing new"  # noqa: PLR2004  rounds to 0.1
    return f"{_ordinal(interviews + 1)} interview is likely to bring {brings}."


def verdict(told: Heard, gaps: int) -> str:
    """Answer the question of the page in a few words. `gaps` kinds of customers have nobody who speaks for them."""
    expected = told.saturation.expected_new
    if expected is None or len(told.timed) < FEWEST:
        return "Too few to tell yet"
    if expected >= STILL_NEW:
        return "Not yet: nearly every further interview still brings something new"
    if expected >= HARDLY_NEW:
        return "Nearly: about every second or third interview still brings something new"
    if gaps:
        return "Yes for those whom you asked, but not for everybody"
    return "Yes: a further interview hardly brings anything new"


def _ordinal(number: int) -> str:
    teens = 10 <= number % 100 <= 20  # noqa: PLR2004  11th, 12th, 13th
    ending = "th" if teens else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    article = "An" if str(number).startswith("8") or number in {11, 18} else "A"
    return f"{article} {number}{ending}"
