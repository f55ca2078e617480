"""Brings the database to the present version, or loads the demo workspace; run in a process of its own.

`python -m stack.prepare migrate` migrates as the owner of the tables, one at a time on the whole database server;
`python -m stack.prepare demo FILE` loads the demo workspace into a database without any, and writes the demo people's
sign-ins to FILE.
"""

import io
import os
import sys
import time
from pathlib import Path
from typing import Any

MIGRATION_LOCK = 5_241_987_103
"""A number of our own for PostgreSQL's advisory lock."""


def _migrate() -> None:
    owner = os.environ.get("MIGRATION_DATABASE_URL")
    if owner:
        os.environ["DATABASE_URL"] = owner
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    with connection.cursor() as cursor:
        # asked for anew, not waited for: who makes an index while others write waits for every statement's end
        while not _locked(cursor):
            time.sleep(0.5)
    call_command("migrate", interactive=False, verbosity=1)
    connection.close()


def _locked(cursor: Any) -> bool:
    cursor.execute("SELECT pg_try_advisory_lock(%s)", [MIGRATION_LOCK])
    return bool(cursor.fetchone()[0])


def _demo(file: Path) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("load_demo", if_empty=True)
    shown = io.StringIO()
    call_command("load_demo", print_sign_ins=True, stdout=shown)
    file.write_text(shown.getvalue())


def main(arguments: list[str]) -> int:
    sys.path.insert(0, str(Path.cwd()))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesflow.settings")
    match arguments:
        case ["migrate"]:
            _migrate()
        case ["demo", file]:
            _demo(Path(file))
        case _:
            print("Usage: python -m stack.prepare migrate | demo FILE", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
