"""Conformance checking of pm4py on the paths in a file, in cases a second, as JSON. Run by `script/bench replay` alone,
with the Python of an environment of its own: pm4py is no part of SalesFlow.
"""

import json
import sys
import time
from pathlib import Path

import pandas as pd
import pm4py
from pm4py.algo.conformance.alignments.petri_net import algorithm as alignments

ALIGNED = 20
SECONDS = 2  # for one path; its search is given up then


def log_of(paths: list[list[str]]) -> pd.DataFrame:
    rows = [
        (str(case), activity, pd.Timestamp(2026, 1, 1, tz="UTC") + pd.Timedelta(hours=moment))
        for case, path in enumerate(paths)
        for moment, activity in enumerate(path)
    ]
    return pd.DataFrame(rows, columns=["case:concept:name", "concept:name", "time:timestamp"])


def main() -> None:
    paths = json.loads(Path(sys.argv[1]).read_text())
    log, few = log_of(paths), log_of(paths[:ALIGNED])
    net = pm4py.discover_petri_net_inductive(log, noise_threshold=0.2)
    began = time.perf_counter()
    replayed = pm4py.conformance_diagnostics_token_based_replay(log, *net)
    middle = time.perf_counter()
    aligned = alignments.apply(few, *net, parameters={"max_align_time_trace": SECONDS, "show_progress_bar": False})
    seconds = time.perf_counter() - middle
    ended = sum(each is not None for each in aligned)
    print(json.dumps({"replay": len(replayed) / (middle - began), "alignment": ended / seconds, "ended": ended}))


if __name__ == "__main__":
    main()
