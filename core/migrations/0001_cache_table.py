from django.db import migrations


class Migration(migrations.Migration):
    """The table of the database cache: limits of sign-in and API live here, so that they hold without Valkey."""

    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(
            sql="""
            CREATE UNLOGGED TABLE core_cache (
                cache_key varchar(255) PRIMARY KEY,
                value text NOT NULL,
                expires timestamp with time zone NOT NULL
            );
            CREATE INDEX core_cache_expires ON core_cache (expires);
            """,
            reverse_sql="DROP TABLE core_cache;",
        )
    ]
