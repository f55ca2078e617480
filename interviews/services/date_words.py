"""When something happened, by a customer's words: absolute dates, and those told against the interview's date."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from interviews.services.order_traps import NEGATION

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_SEASONS = {"spring": 4, "summer": 7, "autumn": 10, "fall": 10, "winter": 1}
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBERS = {word: number for number, word in enumerate(_WORDS, start=1)}
_NUMBERS |= {"a": 1, "an": 1, "a couple of": 2, "a few": 3, "several": 4}
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_NUMBER = r"\d{1,3}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True))
_ABOUT = r"(?:about|around|some|roughly|nearly|almost|maybe|perhaps)?\s*"
_YEAR = r"(?:19|20)\d\d"
_OR_YEAR = rf"{_YEAR}|last year|this year"
_UNIT = "day|week|month|year"
_PATTERNS = (
    rf"(?P<iso>{_YEAR}-\d\d-\d\d)\b",
    (
        rf"(?:on )?(?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<day_month>{_MONTH})\.?,?"
        rf"(?: (?P<day_year>{_YEAR}))?\b"
    ),
    rf"(?:on )?(?P<us_month>{_MONTH})\.? (?P<us_day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d)(?:,? (?P<us_year>{_YEAR}))?",
    (
        r"(?:in|since|by|around|last|during|early in|late in|early|late|mid-?)\s*"
        rf"(?P<month>{_MONTH})\b\.?,?(?: (?:of )?(?P<month_year>{_OR_YEAR}))?"
    ),
    rf"(?P<bare_month>{_MONTH})\.? (?P<bare_year>{_YEAR})\b",
    rf"(?:in |by |during )?(?:the )?Q(?P<quarter>[1-4])(?: (?:of )?(?P<quarter_year>{_OR_YEAR}))?\b",
    (
        r"(?:in |by |during |last |that )(?:the )?(?P<season>spring|summer|autumn|fall|winter)(?: of)?"
        rf"(?: (?P<season_year>{_OR_YEAR}))?\b"
    ),
    rf"{_ABOUT}(?P<ago>{_NUMBER}) (?P<ago_unit>{_UNIT})s? ago\b",
    rf"{_ABOUT}(?P<later>{_NUMBER}) (?P<later_unit>{_UNIT})s? (?:later|after (?:that|this)|afterwards?|on)\b",
    rf"(?:the )?(?P<following>next|following) (?P<following_unit>{_UNIT})\b",
    r"(?P<last>last) (?P<last_unit>week|month|year)\b(?! of)",
    r"(?P<yesterday>yesterday)\b",
    rf"in (?P<year>{_YEAR})\b",
)
_DATES = re.compile("|".join(rf"\b{pattern}" for pattern in _PATTERNS), re.IGNORECASE)
_NOT_YET = re.compile(
    r"\b(?:will|would|might|may|could|should|plan(?:ned)? (?:to|for)|hope to)\b[^.;]*$", re.IGNORECASE
)
_ASIDE = re.compile(r",?\s*(?:shortly |just |soon |long |right )?(?:after|before|following)\b[^,]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dated:
    """A date, or how long after the one told before; with the words."""

    on: date | None
    days_after: int | None  # from the date before it, where it is told against that
    words: str


def date_told(text: str, begin: int, start: int, end: int, held_on: date) -> Dated | None:
    """Give the first date told between `begin` and `end` of what begins at `start`.

    What is denied, or was only to come, is none, and so is “in December, after a week of talks” for the talks.
    """
    for match in _DATES.finditer(text, begin, end):
        before = text[begin : match.start()]
        if NEGATION.search(before) or _NOT_YET.search(before) or _ASIDE.match(text, match.end(), start):
            continue
        dated = _date_of(match, held_on)
        if dated is not None:
            return dated
    return None


def _date_of(match: re.Match[str], held_on: date) -> Dated | None:
    """Read a date. A month stands for its middle, a quarter and a season for theirs; none lies after the interview."""
    given = {name: value.lower() for name, value in match.groupdict().items() if value}
    words = " ".join(match.group().split()).rstrip(".,")
    for reader in (_calendar_day, _calendar_month, _span_ago, _longer):
        found = reader(given, held_on)
        if found is not None:
            return Dated(found, None, words) if found <= held_on else None
    if "later" in given:
        return Dated(None, _count(given["later"]) * _DAYS[given["later_unit"]], words)
    if "following" in given:
        return Dated(None, _DAYS[given["following_unit"]], words)
    return None


def _calendar_day(given: dict[str, str], held_on: date) -> date | None:
    try:
        if "iso" in given:
            return date.fromisoformat(given["iso"])
        if "day" in given:
            return _told_year(int(given["day"]), _MONTHS[given["day_month"]], given.get("day_year"), held_on)
        if "us_day" in given:
            return _told_year(int(given["us_day"]), _MONTHS[given["us_month"]], given.get("us_year"), held_on)
    except ValueError:
        return None
    return None


def _calendar_month(given: dict[str, str], held_on: date) -> date | None:
    if "month" in given:
        return _told_year(15, _MONTHS[given["month"]], given.get("month_year"), held_on)
    if "bare_month" in given:
        return _told_year(15, _MONTHS[given["bare_month"]], given["bare_year"], held_on)
    return None


def _longer(given: dict[str, str], held_on: date) -> date | None:
    if "quarter" in given:
        return _told_year(15, 3 * int(given["quarter"]) - 1, given.get("quarter_year"), held_on)
    if "season" in given:
        return _told_year(15, _SEASONS[given["season"]], given.get("season_year"), held_on)
    if "year" in given:
        return date(int(given["year"]), 7, 1) if int(given["year"]) < held_on.year else None
    return None


def _span_ago(given: dict[str, str], held_on: date) -> date | None:
    if "yesterday" in given:
        return held_on - timedelta(days=1)
    if "ago" in given:
        return held_on - timedelta(days=_count(given["ago"]) * _DAYS[given["ago_unit"]])
    if "last" in given:
        return held_on - timedelta(days=_DAYS[given["last_unit"]])
    return None


def _told_year(day: int, month: int, year: str | None, held_on: date) -> date:
    """Give the day in the year told, else in the latest year in which it does not lie after the interview."""
    if year == "last year":
        return date(held_on.year - 1, month, day)
    if year and year.isdigit():
        return date(int(year), month, day)
    this = date(held_on.year, month, day)
    begun = (held_on.year, held_on.month) >= (this.year, this.month)
    if this > held_on and begun:
        return held_on
    return this if this <= held_on else date(held_on.year - 1, month, day)


def _count(words: str) -> int:
    return int(words) if words.isdigit() else _NUMBERS[words]
