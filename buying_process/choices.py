"""Who does an activity and what for, states of a version, kinds of need."""

from django.db.models import TextChoices

from interviews.choices import Channel


class Status(TextChoices):
    """Where a version stands; once it leaves draft it is immutable."""

    DRAFT = "draft", "Draft"
    PILOT = "pilot", "In pilot"
    LIVE = "live", "Live"
    RETIRED = "retired", "Retired"


class Actor(TextChoices):
    """Who does an activity."""

    CUSTOMER = "customer", "Customer"
    MARKETING = "marketing", "Marketing"
    SALES = "sales", "Sales"
    PARTNER = "partner", "Partner"
    INTERNAL = "internal", "Internal"


class Purpose(TextChoices):
    """What an activity is for."""

    OWN = "own", "The customer's own"
    FACILITATES = "facilitates", "Helps the customer"
    INDEPENDENT = "independent", "Ours alone"
    NOT_RELEVANT = "not_relevant", "Not relevant to us"


class Need(TextChoices):
    """What a stage needs, or what stalls it."""

    ROLE = "role", "Role"
    INFORMATION = "information", "Information"
    EVIDENCE = "evidence", "Exit evidence"
    OBSTACLE = "obstacle", "Obstacle"


class Finding(TextChoices):
    """What the checks of a version find."""

    EMPTY = "empty", "empty"
    MISSING = "missing", "ours is missing"
    UNHELPED = "unhelped", "nobody helps"
    HELPS_NOBODY = "helps_nobody", "helps nobody"
    HAND_OVER = "hand_over", "hand-over"
    NO_EVIDENCE = "no_evidence", "no exit evidence"
    OUR_WORD = "our_word", "our word alone"
    WASTES_TIME = "wastes_time", "wastes their time"


WHERE = {  # a channel as a sentence says it
    Channel.ONLINE: "online",
    Channel.TRADITIONAL: "on paper or in person",
    Channel.PARTNER: "with partners",
    Channel.SALES: "with sales",
}
