"""The next number of a process's versions, safe against two people at once."""

from django.db.models import Max

from buying_process.models import Process, Version


def next_number(process: Process) -> int:
    """Give the number of the next version; holds the process's row until the transaction ends."""
    Process.objects.select_for_update(of=["self"]).get(pk=process.pk)
    last = Version.objects.filter(process=process).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
