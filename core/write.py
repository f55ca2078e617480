"""How services write: validated, with the fields named, and with one audit row."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models

from core.exceptions import ApplicationError

ModelT = TypeVar("ModelT", bound=models.Model)


def validated(instance: models.Model, *, exclude: Iterable[str] = ()) -> None:
    """Do what `full_clean` does and raise its findings as an ApplicationError that names the fields.

    A relation whose object is at hand is not looked up once more; the database's own constraint holds it. What may be
    null may be None: `blank` is about what a form leaves out.
    """
    left_out = set(exclude)
    relations = [item for item in instance._meta.concrete_fields if isinstance(item, models.ForeignKey)]
    at_hand = {item.name for item in relations if item.is_cached(instance)}
    empty = {item.name for item in instance._meta.fields if item.null and getattr(instance, item.attname) is None}
    try:
        instance.clean_fields(exclude=left_out | at_hand | empty)
        instance.clean()
        instance.validate_unique(exclude=left_out)
        instance.validate_constraints(exclude=left_out)
    except ValidationError as error:
        fields = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
        first = next(iter(fields.values()))[0]
        raise ApplicationError(str(first), fields=fields) from error


def create(instance: ModelT, *, exclude: Iterable[str] = ()) -> ModelT:
    """Validate and insert a new row; what is excluded is beyond doubt, and held by the database."""
    validated(instance, exclude=exclude)
    instance.save(force_insert=True)
    return instance


def change(instance: models.Model, **values: Any) -> dict[str, list[Any]]:
    """Set the fields named, validate, save just those, and give what changed as {field: [before, after]}."""
    changes = {
        name: [getattr(instance, name), value] for name, value in values.items() if getattr(instance, name) != value
    }
    if not changes:
        return {}
    for name, (_, value) in changes.items():
        setattr(instance, name, value)
    validated(instance)
    stamps = ["updated_at"] if any(field.name == "updated_at" for field in instance._meta.fields) else []
    instance.save(update_fields=[*changes, *stamps])
    return changes
