"""Forms of the deals' pages. Rules live in the services and validators; forms find rows and shape input."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.choices import Role
from accounts.models import Membership
from buying_process.models import Stage, StageActivity
from core.exceptions import ApplicationError
from core.forms import show_errors
from deals.choices import ENDINGS, AlertKind, Outcome, Word
from deals.models import Contact, Deal, ListView
from deals.policies import may_change_view, may_share_views
from deals.selectors.alerts import ANY, HEARD
from deals.selectors.deals import members_to_share_with, members_who_own
from deals.selectors.facts import activity_in_process, roles_among, stage_as_it_is_now, stages_in_process
from deals.selectors.listing import BANDS, CHANCES, CHAOS, DEFAULT_SORT, GAPS, NO_STAGE, SORTS, Choices, DealFilters
from deals.services.alerts import AHEAD, CIRCLES, SILENT_DAYS
from interviews.choices import Channel
from interviews.models import Code
from interviews.selectors.rows import segments

WORDS = ((Word.CONFIRMED, "They said so"), (Word.OBSERVED, "We saw it"), (Word.REPORTED, "I think so"))


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class FactForm(forms.Form):
    """What everything that is logged may carry; both fields stand behind *More…*."""

    at = forms.DateTimeField(
        label="When", required=False, widget=MomentInput(), help_text="Now, where nothing is said."
    )
    note = forms.CharField(label="Note", required=False, max_length=500)

    def __init__(self, *args: Any, deal: Deal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deal = deal
        self.auto_id = f"{type(self).__name__.lower()}_%s"

    def refuse(self, error: ApplicationError) -> None:
        """Show what a service refused; the moment, whatever a service calls it, at *When*."""
        show_errors(self, error, names={"occurred_at": "at", "closed_at": "at"})

    def details(self) -> dict[str, Any]:
        """Give what the services take beside the thing itself."""
        return {"at": self.cleaned_data.get("at"), "note": self.cleaned_data.get("note", "")}


class StageForm(FactForm):
    """A stage of the deal's process; the button that is pressed names it."""

    stage: forms.Field = forms.ModelChoiceField(None, error_messages={"required": "Choose a stage."})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stage_field().queryset = stages_in_process(self.deal)

    def clean_stage(self) -> Stage:
        """Give the stage of the deal's version, to which a publication may have moved the deal since."""
        stage = stage_as_it_is_now(self.cleaned_data["stage"], self.deal)
        if stage is None:
            raise ValidationError("Choose a stage.")
        return stage

    def stage_field(self) -> Any:
        """Give the field with its queryset."""
        return self.fields["stage"]


class BackForm(StageForm):
    """A move back says why."""

    note = forms.CharField(
        label="Why does it go back?", max_length=500, error_messages={"required": "Say why it goes back."}
    )


class SignalForm(FactForm):
    """One press says what was seen and whose word it is: `choice` is "activity:word"."""

    choice = forms.CharField(error_messages={"required": "Choose what they did."})

    def clean_choice(self) -> tuple[StageActivity, str]:
        """Find the customer's activity and the word."""
        pk, _, word = self.cleaned_data["choice"].partition(":")
        if word not in Word.values:
            raise ValidationError("Say whose word it is.")
        activity = activity_in_process(self.deal, pk, ours=False)
        if activity is None:
            raise ValidationError("Choose what they did.")
        return activity, word


class EffortForm(FactForm):
    """Something that we did."""

    activity = forms.CharField(error_messages={"required": "Choose what we did."})

    def clean_activity(self) -> StageActivity:
        """Find our activity."""
        found = activity_in_process(self.deal, self.cleaned_data["activity"], ours=True)
        if found is None:
            raise ValidationError("Choose what we did.")
        return found


class NeedForm(FactForm):
    """By whose word a need is settled and, for an information, on which channel."""

    channel = forms.ChoiceField(label="On which channel", choices=[("", "Not said"), *Channel.choices], required=False)
    word = forms.ChoiceField(choices=Word.choices, error_messages={"required": "Say whose word it is."})


class CloseForm(FactForm):
    """How a deal ended."""

    outcome = forms.ChoiceField(
        choices=[(ending, ending.label) for ending in ENDINGS], error_messages={"required": "Choose how it ended."}
    )


class ContactForm(forms.Form):
    """A person on their side."""

    name = forms.CharField(label="Name", max_length=120)
    role: forms.Field = forms.ModelChoiceField(
        None,
        label="Role in buying",
        required=False,
        empty_label="Not known",
        help_text="As your customers called it in the interviews.",
    )
    engaged = forms.BooleanField(label="Takes part and answers", required=False, initial=True)

    def __init__(self, *args: Any, roles: list[Code], contact: Contact | None = None, **kwargs: Any) -> None:
        if contact is not None:
            kwargs["initial"] = {"name": contact.name, "role": contact.role_id, "engaged": contact.engaged}
        super().__init__(*args, **kwargs)
        field: Any = self.fields["role"]
        field.queryset = roles_among(roles)
        field.choices = [("", "Not known"), *((role.pk, role.name) for role in roles)]


class DealForm(forms.Form):
    """What a deal says of itself."""

    name = forms.CharField(label="Name", max_length=160, help_text="The customer, and what it is about.")
    account = forms.CharField(label="Account", max_length=160, required=False)
    amount = forms.DecimalField(
        label="Amount",
        max_digits=14,
        decimal_places=2,
        min_value=0,
        required=False,
        error_messages=dict.fromkeys(
            ("max_digits", "max_whole_digits", "max_decimal_places"), "At most twelve digits, and two after the point."
        ),
    )
    currency = forms.RegexField(
        r"^[A-Z]{3}$", label="Currency", required=False, error_messages={"invalid": "Three letters, like EUR."}
    )
    owner: forms.Field = forms.ModelChoiceField(None, label="Owner", required=False, empty_label="Nobody yet")
    segment: forms.Field = forms.ModelChoiceField(None, label="Segment", required=False, empty_label="Not said")
    channels = forms.MultipleChoiceField(
        label="Channels that they use",
        choices=Channel.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: any of them counts.",
    )
    shared_with: forms.Field = forms.ModelMultipleChoiceField(
        None, label="Shared with", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, membership: Membership, deal: Deal | None = None, **kwargs: Any) -> None:
        if deal is not None:
            names = ("name", "account", "amount", "currency", "owner", "segment", "channels")
            kwargs["initial"] = {name: getattr(deal, name) for name in names} | {
                "shared_with": list(deal.shared_with.values_list("pk", flat=True))
            }
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = dict(self.fields)
        # The owner that a deal has may stay, also where the person may not choose them.
        owners = members_who_own(membership)
        held = deal.owner_id if deal and deal.owner_id else 0
        fields["owner"].queryset = members_who_own(membership, held=held)
        if membership.role != Role.DESIGNER and (deal is None or held):
            fields["owner"].required = True
        fields["owner"].label_from_instance = fields["shared_with"].label_from_instance = _person
        fields["segment"].queryset = segments(membership)
        fields["shared_with"].queryset = members_to_share_with(membership, held=self.initial.get("shared_with", ()))
        if deal is None and not self.is_bound:
            self.initial.setdefault("owner", membership.pk if owners.filter(pk=membership.pk).exists() else None)
            self.initial.setdefault("currency", membership.workspace.currency)

    def details(self) -> dict[str, Any]:
        """Give what the deal's services take."""
        return {name: value for name, value in self.cleaned_data.items() if name != "shared_with"}


def _person(membership: Membership) -> str:
    return str(membership.user)


def _any(bands: dict[str, Any]) -> list[tuple[str, str]]:
    return [("", "Any"), *((key, label) for key, (label, _) in bands.items())]


def _orders() -> list[tuple[str, str]]:
    """Give every order of the list in words, the usual one as no choice at all."""
    usual = SORTS[DEFAULT_SORT.removeprefix("-")]
    orders = [("", f"{usual.label}, {usual.falling}")]
    for key, sort in SORTS.items():
        orders += [(key, f"{sort.label}, {sort.rising}"), (f"-{key}", f"{sort.label}, {sort.falling}")]
    return [order for order in orders if order[0] != DEFAULT_SORT]


class ListForm(forms.Form):
    """The filters of the list, as its address keeps them. What is wrong in it is left out."""

    q = forms.CharField(label="Search", required=False, max_length=100, widget=forms.TextInput({"type": "search"}))
    outcome = forms.ChoiceField(label="Outcome", required=False, choices=[*Outcome.choices, ("all", "All")])
    band = forms.ChoiceField(label="Alignment", required=False, choices=_any(BANDS))
    gap = forms.ChoiceField(label="Ahead or behind", required=False, choices=_any(GAPS))
    alert = forms.ChoiceField(
        label="Alert",
        required=False,
        choices=[
            ("", "Any or none"),
            (ANY, "Some alert"),
            (HEARD, "Some that the owner wants"),
            *AlertKind.choices,
        ],
    )
    chaos = forms.ChoiceField(label="How chaotic", required=False, choices=_any(CHAOS))
    chance = forms.ChoiceField(label="Chance to win", required=False, choices=_any(CHANCES))
    owner = forms.TypedChoiceField(label="Owner", required=False, coerce=int, empty_value=None)
    segment = forms.TypedChoiceField(label="Segment", required=False, coerce=int, empty_value=None)
    stage = forms.TypedChoiceField(label="We are at", required=False, coerce=int, empty_value=None)
    likely = forms.TypedChoiceField(label="They are probably at", required=False, coerce=int, empty_value=None)
    version = forms.TypedChoiceField(label="Process", required=False, coerce=int, empty_value=None)
    team = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput())
    view = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput())
    sort = forms.ChoiceField(label="Sort by", required=False, choices=_orders)

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = dict(self.fields)
        for name, options in (
            ("owner", choices.owners),
            ("segment", choices.segments),
            ("stage", [(NO_STAGE, "No stage logged"), *choices.stages]),
            ("likely", choices.stages),
            ("version", choices.versions),
        ):
            fields[name].choices = [("", "Any"), *options]

    def filters(self) -> DealFilters:
        """Give the filters that hold."""
        self.is_valid()
        values = {name: value for name, value in self.cleaned_data.items() if value not in {None, ""}}
        values.pop("view", None)
        if values.get("outcome") == "all":
            values["outcome"] = ""
        return DealFilters(**values)


class ListViewForm(forms.Form):
    """A view of the list: its name, who may use it, and whether one's own list opens with it."""

    name = forms.CharField(label="Name", max_length=60)
    is_shared = forms.BooleanField(label="Everybody here may use it", required=False)
    is_usual = forms.BooleanField(label="Open my Deals page with it", required=False)
    query = forms.CharField(required=False, max_length=600, widget=forms.HiddenInput())

    def __init__(self, *args: Any, membership: Membership, view: ListView | None = None, **kwargs: Any) -> None:
        if view is not None:
            kwargs["initial"] = {"name": view.name, "is_shared": view.is_shared, "is_usual": view.is_usual}  # type: ignore[attr-defined]
        kwargs["auto_id"] = "view_%s"
        super().__init__(*args, **kwargs)
        if view is not None:
            del self.fields["query"]
        if view is not None and not may_change_view(membership, view):
            del self.fields["name"], self.fields["is_shared"]
        elif not may_share_views(membership):
            del self.fields["is_shared"]


class AlertChoiceForm(forms.Form):
    """Which alerts one wants, and whether by mail."""

    ahead = forms.BooleanField(
        label="We run ahead of the customer",
        required=False,
        help_text=f"We are {AHEAD[0]:g} or more stages ahead of where they probably are.",
    )
    silent = forms.BooleanField(
        label="The customer has gone silent", required=False, help_text=f"No sign of theirs for {SILENT_DAYS[0]} days."
    )
    circles = forms.BooleanField(
        label="The customer goes round in circles",
        required=False,
        help_text=f"They went back more than {CIRCLES[0]:g} times as often as is usual.",
    )
    digest = forms.BooleanField(
        label="Send me one mail in the morning when there is something new",
        required=False,
        help_text="Of the kinds chosen above; on a day without news there is none.",
    )
