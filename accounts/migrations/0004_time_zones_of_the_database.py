from django.db import migrations

# Names that only the programs knew, such as localtime: with them no point of the history could be stored.
KNOWN = """
UPDATE accounts_workspace SET time_zone = 'UTC' WHERE time_zone NOT IN (SELECT name FROM pg_timezone_names);
UPDATE accounts_user SET time_zone = 'UTC' WHERE time_zone NOT IN (SELECT name FROM pg_timezone_names);
"""


class Migration(migrations.Migration):
    """Time zones are those that the database knows too."""

    dependencies = [("accounts", "0003_workspace_time_zone")]
    operations = [migrations.RunSQL(sql=KNOWN, reverse_sql=migrations.RunSQL.noop, elidable=True)]
