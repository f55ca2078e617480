"""Outcomes of a deal and whose word a signal is."""

from django.db.models import TextChoices


class Outcome(TextChoices):
    """How a deal stands."""

    OPEN = "open", "Open"
    WON = "won", "Won"
    LOST = "lost", "Lost"
    NO_DECISION = "no_decision", "No decision"


class Word(TextChoices):
    """Whose word a fact is."""

    CONFIRMED = "confirmed", "The customer confirmed it"
    OBSERVED = "observed", "We saw it happen"
    REPORTED = "reported", "The rep says so"


WORD_WEIGHT = {Word.CONFIRMED: 1.0, Word.OBSERVED: 0.8, Word.REPORTED: 0.5}
