"""`script/manage COMMAND...`: manage.py beside the running stack, with its database, broker and key."""

import subprocess
import sys

from .runtime import PROJECT, Record, environment_of_programs, project_python, secret_key

MIGRATING = {"migrate", "sqlflush", "flush", "dbshell"}
"""Commands that need the rights of the tables' owner."""


def main(arguments: list[str]) -> int:
    environment = environment_of_programs()
    environment.pop("PYTHONPATH", None)
    if not environment.get("DATABASE_URL"):
        told = Record(PROJECT / ".data").read().get("environment")
        if not isinstance(told, dict):
            print("The stack does not run: start script/server first, or set DATABASE_URL.", file=sys.stderr)
            return 1
        environment.update(told)
        environment.setdefault("SECRET_KEY", secret_key(PROJECT / ".data"))
    owner = environment.get("MIGRATION_DATABASE_URL")
    if owner and arguments and arguments[0] in MIGRATING:
        environment["DATABASE_URL"] = owner
    command = [project_python(), str(PROJECT / "manage.py"), *arguments]
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
