"""How a form shows what a service refused."""

from django import forms

from core.exceptions import ApplicationError


def show_errors(form: forms.BaseForm, error: ApplicationError) -> None:
    """Put each refusal beside its field, the rest above the form."""
    for name, found in (error.fields or {"": [error.message]}).items():
        for message in found:
            form.add_error(name if name in form.fields else None, message)
