"""Everything about one interview and the person who spoke: what hangs on it, and all of it for them to have."""

import io
import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.deletion import Collector

from audit.selectors import events_about
from interviews.models import Answer, Excerpt, Interview, Suggestion

LEFT_OUT = ("vector",)  # numbers that only a machine reads
PACKED_AT = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Dependents:
    """What goes with an interview, and in how many versions of processes it was counted."""

    words: int
    passages: int
    suggestions: int
    moments: int
    versions: int


def dependents(interview: Interview) -> Dependents:
    """Count what hangs on an interview. A query each."""
    answers = Answer.objects.filter(interview=interview)
    return Dependents(
        words=sum(len(text.split()) for text in answers.values_list("text", flat=True)),
        passages=Excerpt.objects.filter(answer__in=answers).count(),
        suggestions=Suggestion.objects.filter(answer__in=answers).count(),
        moments=interview.moments.count(),
        versions=sum(_counted_in(interview)),
    )


def _counted_in(interview: Interview) -> Iterable[int]:
    """Count the links of higher rooms to an interview: found by what is linked, so that no room is named here."""
    for relation in Interview._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToManyRel):
            rows: Any = relation.related_model
            yield rows.objects.filter(**{relation.field.name: interview}).count()


def everything_about(interview: Interview) -> dict[str, Any]:
    """Give every row that goes with an interview, by kind: what a deletion would find, so that nothing is forgotten."""
    collector = Collector(using="default", origin=interview)
    collector.collect([interview])
    rows: dict[str, list[models.Model]] = {}
    for model, found in collector.data.items():
        rows.setdefault(model._meta.label_lower, []).extend(found)
    for group in collector.fast_deletes:
        rows.setdefault(group.model._meta.label_lower, []).extend(group)
    if interview.source is not None:
        rows["interviews.source"] = [interview.source]
    told = {name: _plain(found) for name, found in sorted(rows.items())}
    told["audit.auditevent"] = _plain(events_about(interview))
    return told


def _plain(rows: Iterable[models.Model]) -> list[dict[str, Any]]:
    plain = json.loads(serializers.serialize("json", rows))
    for row in plain:
        for name in LEFT_OUT:
            row["fields"].pop(name, None)
    return list(plain)


def person_file(interview: Interview) -> bytes:
    """Give everything about an interview as a zip: a JSON, and the file that it came from while that is kept."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        told = json.dumps(everything_about(interview), indent=1, ensure_ascii=False, cls=DjangoJSONEncoder)
        archive.writestr(zipfile.ZipInfo("interview.json", PACKED_AT), told, zipfile.ZIP_DEFLATED)
        source = interview.source
        if source is not None and source.content and source.interviews.count() == 1:
            part = zipfile.ZipInfo(f"source/{source.name.replace('/', '_')}", PACKED_AT)
            archive.writestr(part, bytes(source.content), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
