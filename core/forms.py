"""How forms are rendered: labels, help, errors and an error summary, by the templates in `templates/django/forms/`."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Renders forms, formsets and fields by our templates, and widgets with the classes of our controls."""

    form_template_name = "django/forms/form.html"
    formset_template_name = "django/forms/formset.html"
    field_template_name = "django/forms/field.html"
