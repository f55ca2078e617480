"""Forms of a file import."""

from typing import Any

from django import forms

from accounts.models import Membership
from buying_process.models import Version
from core.columns import DATE_ORDERS
from core.files import MAX_BYTES
from crm.choices import Field
from crm.models import DealImport
from crm.selectors import members_of, versions_for_deals
from crm.services.mapping import OUTCOME, STAGE
from deals.choices import Outcome


class UploadForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label="A file of deals", help_text="CSV or XLSX, up to 25 MB. Its first row names the columns.", max_length=200
    )

    def clean_file(self) -> Any:
        """Refuse what is too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError("This file is larger than 25 MB. Split it and import the parts.")
        return file


class VersionField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """Names a version by its process."""

    def label_from_instance(self, obj: Version) -> str:
        """Give the label of an option."""
        return f"{obj.process} (version {obj.number})"


class ColumnsForm(forms.Form):
    """Which column fills which field."""

    version = VersionField(queryset=None, required=False, label="They run against", empty_label="No process yet")
    dates = forms.ChoiceField(
        label="Dates such as 03/04/2026 are",
        choices=DATE_ORDERS,
        help_text="2026-04-03 is always read right.",
    )
    account_in_name = forms.BooleanField(
        required=False, label="Put the account before the name", help_text="Harbour Mills – Line 3 filtration"
    )

    def __init__(self, data: Any = None, *, deal_import: DealImport, membership: Membership) -> None:
        mapping = deal_import.mapping
        initial = {f"column_{name}": column for name, column in mapping["columns"].items()}
        initial |= {"version": deal_import.version_id, "dates": mapping["dates"]}
        initial["account_in_name"] = mapping["account_in_name"]
        super().__init__(data, initial=initial)
        zone = membership.workspace.time_zone.replace("_", " ")
        self.fields["dates"].help_text += f" Times that name no zone are read in the workspace’s, {zone}."
        self.fields["version"].queryset = versions_for_deals(membership)  # type: ignore[attr-defined]
        columns = [("", "Leave empty"), *((header, header) for header in deal_import.headers)]
        for field in Field:
            self.fields[f"column_{field.value}"] = forms.ChoiceField(
                label=field.label, choices=columns, required=field == Field.EXTERNAL_ID
            )
        self.order_fields([f"column_{field.value}" for field in Field])

    def columns(self) -> dict[str, str]:
        """Give {field: column}."""
        return {field.value: self.cleaned_data[f"column_{field.value}"] for field in Field}


class ValuesForm(forms.Form):
    """What the values of the stage column mean, and who the owners are. One select a value."""

    def __init__(
        self, data: Any = None, *, deal_import: DealImport, membership: Membership, counts: dict[Field, dict[str, int]]
    ) -> None:
        super().__init__(data)
        self.values: dict[str, tuple[str, str]] = {}
        self._add("stage", counts[Field.STAGE], deal_import.stage_mapping, _meanings(deal_import))
        members = [("", "Nobody here: keep the name"), *((str(one.pk), str(one)) for one in members_of(membership))]
        self._add("owner", counts[Field.OWNER], deal_import.owner_mapping, members)

    def _add(self, kind: str, counts: dict[str, int], settled: dict[str, Any], choices: Any) -> None:
        for index, (value, count) in enumerate(counts.items()):
            name = f"{kind}_{index}"
            self.values[name] = (kind, value)
            self.fields[name] = forms.ChoiceField(
                label=f"{value} ({count:,})", choices=choices, required=False, initial=settled.get(value) or ""
            )

    def stages(self) -> list[forms.BoundField]:
        """Give the fields of stage values."""
        return [self[name] for name, (kind, _) in self.values.items() if kind == "stage"]

    def owners(self) -> list[forms.BoundField]:
        """Give the fields of owners."""
        return [self[name] for name, (kind, _) in self.values.items() if kind == "owner"]

    def settled(self, kind: str) -> dict[str, str]:
        """Give {value: what was chosen}."""
        return {value: self.cleaned_data[name] for name, (of, value) in self.values.items() if of == kind}


def _meanings(deal_import: DealImport) -> list[tuple[str, Any]]:
    outcomes = [(OUTCOME + outcome.value, outcome.label) for outcome in Outcome]
    groups: list[tuple[str, Any]] = [("", "Not settled: refuse the row"), ("Outcome", outcomes)]
    if deal_import.version:
        stages = [(f"{STAGE}{stage.pk}", stage.name) for stage in deal_import.version.stages.all()]
        groups.append(("Open, in the stage", stages))
    return groups
