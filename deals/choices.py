"""Outcomes of a deal, whose word a fact is, and why a deal has no score."""

from django.db.models import TextChoices

from buying_process.choices import Need


class Outcome(TextChoices):
    """How a deal stands."""

    OPEN = "open", "Open"
    WON = "won", "Won"
    LOST = "lost", "Lost"
    NO_DECISION = "no_decision", "No decision"


ENDINGS = (Outcome.WON, Outcome.LOST, Outcome.NO_DECISION)


class Word(TextChoices):
    """Whose word a fact is."""

    CONFIRMED = "confirmed", "The customer confirmed it"
    OBSERVED = "observed", "We saw it happen"
    REPORTED = "reported", "The rep says so"


WORD_WEIGHT = {Word.CONFIRMED: 1.0, Word.OBSERVED: 0.8, Word.REPORTED: 0.5}
# Only the customer's own side settles evidence: what a rep merely believes does not.
SETTLING_WORDS = (Word.CONFIRMED, Word.OBSERVED)


def settles(kind: str, word: str) -> bool:
    """Tell whether a need of this kind is settled by this word."""
    return kind != Need.EVIDENCE or word in SETTLING_WORDS


class Reason(TextChoices):
    """Why a deal has no score."""

    NO_EVIDENCE = "no buyer evidence", "No buyer evidence yet"
    NO_PROCESS = "no process", "No process to compare with"
    NOTHING_TO_MEASURE = "nothing to measure", "Nothing to measure yet"


class FactKind(TextChoices):
    """What can be logged on a deal, as addresses and the history name it."""

    STAGE = "stage", "Stage"
    SIGNAL = "signal", "Signal"
    EFFORT = "effort", "Effort"
    NEED = "need", "Need"
    OUTCOME = "outcome", "Outcome"


# After so many failures a score is given up until somebody says *Retry*.
MAX_ATTEMPTS = 5
# Ahead of the customer or behind: half a stage and more, as stages are counted.
APART = 0.5
# Going in circles: more than one return, and so many times as many as customers make on such a path.
CIRCLES_FROM = 1.5


class AlertKind(TextChoices):
    """What an owner is told of."""

    AHEAD = "ahead", "We run ahead"
    SILENT = "silent", "Gone silent"
    CIRCLES = "circles", "Going in circles"
