"""Buying jobs, kinds of codes, outcomes of a purchase, states of a suggestion."""

from django.db.models import TextChoices


class Job(TextChoices):
    """The six buying jobs; each question of the default guide asks about one."""

    RECOGNISE = "recognise", "Recognise"
    MOBILISE = "mobilise", "Mobilise"
    SOLVE = "solve", "Solve"
    ALIGN = "align", "Align"
    LEARN = "learn", "Learn"
    COMMIT = "commit", "Commit"


class Kind(TextChoices):
    """What a code stands for."""

    ACTIVITY = "activity", "Activity"
    ROLE = "role", "Role"
    INFORMATION = "information", "Information"
    CHANNEL = "channel", "Channel"
    OBSTACLE = "obstacle", "Obstacle"
    EVIDENCE = "evidence", "Evidence"


class Channel(TextChoices):
    """Where a customer gets what they need to know."""

    ONLINE = "online", "Online"
    TRADITIONAL = "traditional", "Traditional"
    PARTNER = "partner", "Partner"
    SALES = "sales", "Sales"


class PurchaseOutcome(TextChoices):
    """How the customer's purchase ended."""

    WON = "won", "Bought from us"
    LOST = "lost", "Bought from another"
    NO_DECISION = "no_decision", "No decision"
    OPEN = "open", "Still open"


class SuggestionState(TextChoices):
    """What a person made of a machine's suggestion."""

    OPEN = "open", "Waiting"
    ACCEPTED = "accepted", "Accepted"
    REFUSED = "refused", "Refused"


class SourceState(TextChoices):
    """How far a file is."""

    WAITING = "waiting", "Waiting to be read"
    COLUMNS = "columns", "Say what its columns are"
    SORTED = "sorted", "Look through it"
    DONE = "done", "Brought in"
    KNOWN = "known", "Here already"
    REFUSED = "refused", "Not read"


class PlacedBy(TextChoices):
    """Who said which question a passage answers."""

    ASKED = "asked", "It follows the question"
    MEANING = "meaning", "By what it says"
    PERSON = "person", "By one of us"


class ExchangeState(TextChoices):
    """How far a file of another program is."""

    PREVIEW = "preview", "Look through it"
    RUNNING = "running", "Being brought in"
    DONE = "done", "Brought in"
    FAILED = "failed", "Not brought in"


class SurveyField(TextChoices):
    """The facts of an interview that a column of a survey can fill; the questions of the guide come beside them."""

    EXTERNAL_ID = "external_id", "ID of the answer"
    CUSTOMER = "customer", "Customer"
    ROLE = "role", "Role of the person"
    SEGMENT = "segment", "Segment"
    HELD_ON = "held_on", "Date"
    OUTCOME = "outcome", "How the purchase ended"
    WEIGHT = "weight", "Weight"
    CONSENT = "consent", "Consent"
    NOTES = "notes", "Notes of our own"
