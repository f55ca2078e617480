"""How forms are rendered, by the templates in `templates/django/forms/`, and how they show what a service refused."""

from collections.abc import Mapping
from types import MappingProxyType

from django.forms import BaseForm
from django.forms.renderers import TemplatesSetting

from core.exceptions import ApplicationError


class Renderer(TemplatesSetting):
    """Renders forms, formsets and fields by our templates, and widgets with the classes of our controls."""

    form_template_name = "django/forms/form.html"
    formset_template_name = "django/forms/formset.html"
    field_template_name = "django/forms/field.html"


def show_errors(form: BaseForm, error: ApplicationError, *, names: Mapping[str, str] = MappingProxyType({})) -> None:
    """Put each sentence of a refusal beside its field, the rest above the form.

    `names` gives the form's fields that a service knows by another name.
    """
    for name, sentences in (error.fields or {"": [error.message]}).items():
        field = names.get(name, name)
        for sentence in sentences:
            form.add_error(field if field in form.fields else None, sentence)
