from django.db import migrations


class Migration(migrations.Migration):
    """The sweep counts the scores that it computed."""

    dependencies = [("deals", "0006_stretches")]
    operations = [
        migrations.RunSQL(
            sql="ALTER TABLE deals_heartbeat ADD COLUMN scored bigint NOT NULL DEFAULT 0;",
            reverse_sql="ALTER TABLE deals_heartbeat DROP COLUMN scored;",
        )
    ]
