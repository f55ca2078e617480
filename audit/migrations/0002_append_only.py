from django.db import migrations


class Migration(migrations.Migration):
    """The database refuses to change or delete audit rows."""

    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.RunSQL(
            sql="""
            CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'audit rows are append-only' USING ERRCODE = 'restrict_violation';
            END $$;
            CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_auditevent
                FOR EACH ROW EXECUTE FUNCTION audit_refuse();
            """,
            reverse_sql="DROP TRIGGER audit_append_only ON audit_auditevent; DROP FUNCTION audit_refuse();",
        )
    ]
