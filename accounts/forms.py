"""Forms of the settings' pages. Choices come from what the member may see."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.db.models import Q

from accounts.choices import Role
from accounts.models import Membership, Team, User
from accounts.selectors import people, teams
from core.zones import time_zones

ANY = ("", "Any role")
NEWCOMERS = {"autocomplete": "new-password"}


def _time_zones() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(time_zones())]


class ProfileForm(forms.Form):
    full_name = forms.CharField(label="Your name", max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    time_zone = forms.ChoiceField(label="Time zone", help_text="Dates and times are shown in it.", choices=_time_zones)


class WorkspaceForm(forms.Form):
    time_zone = forms.ChoiceField(
        label="Time zone",
        help_text="A day of a deal's history begins and ends by it, wherever the person is who looks. Times in a file "
        "that name no zone are read in it.",
        choices=_time_zones,
    )


class PeopleFilterForm(forms.Form):
    q = forms.CharField(label="Name or e-mail", required=False, widget=forms.SearchInput)
    role = forms.ChoiceField(label="Role", required=False, choices=[ANY, *Role.choices])
    ended = forms.BooleanField(label="Those who left", required=False)


class WithTeam(forms.Form):
    """A form with a role, and a team of the workspace."""

    role = forms.ChoiceField(label="Role", choices=Role.choices)
    team: "forms.ModelChoiceField[Team]" = forms.ModelChoiceField(
        label="Team",
        queryset=None,
        required=False,
        empty_label="No team",
        help_text="The team's manager sees this person's deals.",
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = teams(membership)  # type: ignore[attr-defined]


class PersonForm(WithTeam):
    pass


class InvitationForm(WithTeam):
    email = forms.EmailField(label="E-mail address", widget=forms.EmailInput({"autocomplete": "off"}))
    field_order = ["email", "role", "team"]


class ManagerChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes none when it runs
    def label_from_instance(self, obj: Membership) -> str:
        return str(obj.user)


class MembersChoiceField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # takes none when it runs
    def label_from_instance(self, obj: Membership) -> str:
        return f"{obj.user} ({obj.get_role_display()}{f', now in {obj.team}' if obj.team else ''})"


class TeamForm(forms.Form):
    name = forms.CharField(label="Name", max_length=120)
    manager = ManagerChoiceField(
        label="Manager", queryset=None, required=False, empty_label="Nobody yet", help_text="Sees the team's deals."
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["manager"].queryset = people(membership, role=Role.MANAGER)  # type: ignore[attr-defined]


class TeamMembersForm(TeamForm):
    members = MembersChoiceField(label="Members", queryset=None, required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, membership: Membership, team: Team, **kwargs: Any) -> None:
        initial = {
            "name": team.name,
            "manager": team.manager_id,
            "members": [member.pk for member in people(membership).filter(team=team)],
        }
        super().__init__(*args, membership=membership, initial=initial, **kwargs)
        # whoever is in the team stays to be chosen, also in a role that owns no deals
        chosen = Q(role__in=[Role.REP, Role.MANAGER]) | Q(team=team)
        self.fields["members"].queryset = people(membership).filter(chosen)  # type: ignore[attr-defined]


class TokenForm(forms.Form):
    name = forms.CharField(
        label="What it is for", max_length=80, widget=forms.TextInput({"placeholder": "Nightly export"})
    )
    expires_on = forms.DateField(
        label="Expires on", required=False, widget=forms.DateInput({"type": "date"}), help_text="Leave empty for never."
    )


class JoinForm(forms.Form):
    """A new person's name and password."""

    full_name = forms.CharField(label="Your name", max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    password = forms.CharField(
        label="Password", strip=False, widget=forms.PasswordInput(NEWCOMERS), help_text="At least 12 characters."
    )
    password_again = forms.CharField(label="Password, again", strip=False, widget=forms.PasswordInput(NEWCOMERS))

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        password = cleaned.get("password")
        if not password:
            return cleaned
        if password != cleaned.get("password_again"):
            self.add_error("password_again", "The two passwords differ.")
        person = User(email=self.email, full_name=cleaned.get("full_name", ""))
        try:
            password_validation.validate_password(password, person)
        except forms.ValidationError as error:
            self.add_error("password", error)
        return cleaned
