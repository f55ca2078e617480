"""The scheduler: rings at the times that stand in the database, also on a machine whose clock is set back."""

import time
from datetime import datetime
from typing import Any

from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry


class Entry(ModelEntry):  # type: ignore[misc]  # the package has no types
    """A task that never ran later than now."""

    last_run_at: datetime

    def is_due(self) -> Any:
        """Tell whether it is due; a moment that the clock has yet to reach again is no reason to wait for it."""
        self.last_run_at = min(self.last_run_at, self._default_now())
        return super().is_due()


class Scheduler(DatabaseScheduler):  # type: ignore[misc]  # the same
    """Orders its tasks anew when the clock went back, for their order is one of moments."""

    Entry = Entry
    _looked_at = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; give the seconds until it is worth looking again."""
        now = time.time()
        if now < self._looked_at:
            self._heap = None
        self._looked_at = now
        return float(super().tick(*args, **kwargs))
