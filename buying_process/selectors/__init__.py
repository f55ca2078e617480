"""Reads of the buying process room, by subject."""

from buying_process.selectors.fits import FittedVersion, fit_of, fitted
from buying_process.selectors.looks import chaos, enough, looks
from buying_process.selectors.maps import journey_map
from buying_process.selectors.processes import (
    activities,
    found,
    live_version,
    needs,
    open_deals_on,
    processes,
    publication_job,
    running_job,
    shown_version,
    stages,
    transitions,
    versions,
    versions_in_use,
    waiting,
)
from buying_process.selectors.quotes import quotes_of_activity, quotes_of_stage, quotes_of_transition

__all__ = [
    "FittedVersion",
    "activities",
    "chaos",
    "enough",
    "fit_of",
    "fitted",
    "found",
    "journey_map",
    "live_version",
    "looks",
    "needs",
    "open_deals_on",
    "processes",
    "publication_job",
    "quotes_of_activity",
    "quotes_of_stage",
    "quotes_of_transition",
    "running_job",
    "shown_version",
    "stages",
    "transitions",
    "versions",
    "versions_in_use",
    "waiting",
]
