"""Other people's CRMs: file import now; connections, sync and write-back in later releases."""
