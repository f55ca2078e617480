import tomllib
from pathlib import Path

from django.conf import settings

from core.release import RELEASE


def test_release_is_the_one_of_the_project_file():
    project = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text())
    assert project["project"]["version"] == RELEASE
