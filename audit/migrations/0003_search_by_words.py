from django.db import migrations

# The words of what an event was done to and of who did it, whatever stands between them.
WORDS = r"""
CREATE FUNCTION audit_words(object_label text, actor_label text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT to_tsvector('simple'::regconfig,
        regexp_replace(object_label || ' ' || actor_label, '[^[:alnum:]]+', ' ', 'g')) $$;
CREATE INDEX audit_by_words ON audit_auditevent USING gin (audit_words(object_label, actor_label));
"""


class Migration(migrations.Migration):
    """The search of the record has an index."""

    dependencies = [("audit", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            sql=WORDS,
            reverse_sql="DROP INDEX audit_by_words; DROP FUNCTION audit_words(text, text);",
        )
    ]
