import pytest
from django.db import IntegrityError, connection, transaction

from buying_process.models import Stage
from tests.factories import buying_process as make

IMMUTABLE = "a published version is immutable"
EDITS = [
    ("UPDATE buying_process_version SET weight_position = 60 WHERE id = %(version)s", IMMUTABLE),
    ("UPDATE buying_process_version SET status = 'draft' WHERE id = %(version)s", IMMUTABLE),
    ("UPDATE buying_process_version SET cyclic_share = 0.5 WHERE id = %(version)s", IMMUTABLE),
    ("DELETE FROM buying_process_version WHERE id = %(version)s", IMMUTABLE),
    ("UPDATE buying_process_stage SET name = 'x' WHERE version_id = %(version)s", IMMUTABLE),
    ("DELETE FROM buying_process_stage WHERE version_id = %(version)s", IMMUTABLE),
    (
        (
            "INSERT INTO buying_process_stage (version_id, workspace_id, position, name, told) "
            "VALUES (%(version)s, %(workspace)s, 9, 'x', 0)"
        ),
        IMMUTABLE,
    ),
    ("UPDATE buying_process_stageactivity SET name = 'x' WHERE stage_id = %(stage)s", IMMUTABLE),
    ("DELETE FROM buying_process_stageactivity WHERE stage_id = %(stage)s", IMMUTABLE),
    (
        (
            "INSERT INTO buying_process_stageneed (stage_id, workspace_id, kind, name, channel, told) "
            "VALUES (%(stage)s, %(workspace)s, 'role', 'x', '', 0)"
        ),
        IMMUTABLE,
    ),
    ("UPDATE buying_process_transition SET share = 0.5 WHERE version_id = %(version)s", IMMUTABLE),
    ("DELETE FROM buying_process_transition WHERE version_id = %(version)s", IMMUTABLE),
    ("DELETE FROM buying_process_version_interviews WHERE version_id = %(version)s", IMMUTABLE),
    ("UPDATE buying_process_fit SET matrix = '{1}' WHERE version_id = %(version)s", "a fit never changes"),
    ("DELETE FROM buying_process_fit WHERE version_id = %(version)s", "a fit never changes"),
]


@pytest.mark.parametrize(("statement", "words"), EDITS)
def test_database_refuses_to_change_a_published_version(in_workspace, designer, statement, words):
    version = make.published(in_workspace, designer)
    ids = {"version": version.pk, "stage": version.stages.first().pk, "workspace": in_workspace.pk}
    with pytest.raises(IntegrityError, match=words), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, ids)


def test_stage_of_a_draft_cannot_slip_into_a_published_version(in_workspace, designer):
    version = make.published(in_workspace, designer)
    other = make.draft(in_workspace, designer, name="Another")
    with pytest.raises(IntegrityError, match=IMMUTABLE), transaction.atomic():
        Stage.objects.filter(version=other).update(version=version)


def test_database_lets_a_published_version_retire(in_workspace, designer):
    version = make.published(in_workspace, designer)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE buying_process_version SET status = 'retired', retired_at = now() WHERE id = %s", [version.pk]
        )
        assert cursor.rowcount == 1


def test_erasing_service_may_forget_an_interview_of_a_published_version(in_workspace, designer):
    version = make.published(in_workspace, designer)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL salesflow.erase = 'on'")
        version.interviews.first().delete()
    assert version.interviews.count() == 4
