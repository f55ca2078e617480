"""What a column of a file of deals can hold."""

from django.db.models import TextChoices


class Field(TextChoices):
    """The fields of a deal that a column can fill."""

    EXTERNAL_ID = "external_id", "Deal ID in the CRM"
    NAME = "name", "Name"
    ACCOUNT = "account", "Account"
    OWNER = "owner", "Owner"
    AMOUNT = "amount", "Amount"
    CURRENCY = "currency", "Currency"
    SEGMENT = "segment", "Segment"
    STAGE = "stage", "Stage or outcome"
    OPENED_AT = "opened_at", "Opened on"
    CLOSED_AT = "closed_at", "Closed on"
