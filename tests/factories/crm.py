"""Files of deals for tests."""

from crm.services.imports import import_map_columns, import_map_values, import_run, import_start, import_upload
from jobs.services import job_run

EXPORT = """Deal ID,Deal name,Company,Sales agent,Stage,Created,Close date,Amount
A-1,Line 3,Harbour Mills,Rolf Rep,Talking,2026-03-01,,"12,500.00"
A-2,Line 4,Harbour Mills,Nobody Known,Won,2026-01-10,2026-02-20,900
A-3,Dust hall,Osier,Rolf Rep,Gone quiet,2026-01-12,2026-05-01,
"""


def upload(actor, text=EXPORT, name="deals.csv"):
    return import_upload(actor=actor, name=name, content=text.encode())


def run(deal_import, actor, *, dry_run):
    """Start the job and do it here, as a worker would."""
    job = import_start(deal_import=deal_import, actor=actor, dry_run=dry_run)
    job_run(job_id=job.pk, work=import_run)
    deal_import.refresh_from_db()
    job.refresh_from_db()
    return job


__all__ = ["EXPORT", "import_map_columns", "import_map_values", "run", "upload"]
