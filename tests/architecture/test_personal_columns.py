"""Each column of text is known as personal or not, so that erasing a person forgets none."""

from collections import Counter

from django.apps import apps
from django.conf import settings
from django.db import models

from tests.architecture.personal import INTERVIEWEE, NOBODY, OTHERS

TEXTS = (models.CharField, models.TextField, models.JSONField, models.BinaryField)


def columns():
    """Give "room.Model.column" for each column of ours that holds what somebody wrote."""
    ours = {name.partition(".")[0] for name in settings.INSTALLED_APPS}
    for model in apps.get_models(include_auto_created=True):
        room = model._meta.app_config.name
        if room in ours and "site-packages" not in model._meta.app_config.path:
            for field in model._meta.concrete_fields:
                if isinstance(field, TEXTS) and not field.choices:
                    yield f"{model._meta.label}.{field.name}"


def test_every_column_of_text_is_in_one_list():
    listed = Counter(
        f"{model}.{column}" for group in (INTERVIEWEE, OTHERS, NOBODY) for model in group for column in group[model]
    )
    assert [name for name, times in listed.items() if times > 1] == []
    assert set(columns()) == set(listed)
