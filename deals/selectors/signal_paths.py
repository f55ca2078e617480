"""Packed signal paths: what the bytes mean, and whether they still say what the signals say."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from django.db import connection

from deals.choices import WORD_WEIGHT, Word

# As the database's function `deals_signal_record` writes it; moments are microseconds since the year 2000, in UTC.
RECORD = np.dtype([("activity", ">i8"), ("at", ">i8"), ("word", "u1")])
WORD_WEIGHTS = np.array([np.nan, *(WORD_WEIGHT[word] for word in (Word.CONFIRMED, Word.OBSERVED, Word.REPORTED))])

CHECKED_AT_ONCE = 5000
NEXT = "SELECT max(id) FROM (SELECT id FROM deals_deal WHERE id > %s ORDER BY id LIMIT %s) AS ahead"
# One statement, so one snapshot: what is logged meanwhile is in both or in neither.
DIFFERING = """
SELECT deal_id FROM (
    SELECT deal_id, path FROM deals_signalpath WHERE deal_id > %(after)s AND deal_id <= %(last)s
) AS packed FULL JOIN (
    SELECT deal_id, string_agg(deals_signal_record(activity_id, occurred_at, word), ''::bytea ORDER BY occurred_at, id)
        AS path
    FROM deals_signal WHERE deal_id > %(after)s AND deal_id <= %(last)s AND retracted_at IS NULL GROUP BY deal_id
) AS told USING (deal_id)
WHERE md5(packed.path) IS DISTINCT FROM md5(told.path) ORDER BY deal_id
"""


def unpack(path: bytes) -> npt.NDArray[np.void]:
    """Give the records of a path, in order of time."""
    return np.frombuffer(path, dtype=RECORD)


def differing_paths() -> Iterator[list[int]]:
    """Compare every deal's path with its signals, some thousand deals at a time; give the ids that differ."""
    after = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(NEXT, [after, CHECKED_AT_ONCE])
            last = cursor.fetchone()[0]
            if last is None:
                return
            cursor.execute(DIFFERING, {"after": after, "last": last})
            yield [row[0] for row in cursor.fetchall()]
            after = last
