"""Reads of the buying process room, by subject."""

from buying_process.selectors.chaos import explained
from buying_process.selectors.deriving import closed_count, segment_choices, shaped_draft, told_interviews
from buying_process.selectors.documents import document_of
from buying_process.selectors.findings import checks_of
from buying_process.selectors.fits import FittedVersion, fit_of, fitted
from buying_process.selectors.history import edit_since, history_of
from buying_process.selectors.holding import stages_held
from buying_process.selectors.information import information_map
from buying_process.selectors.looks import chaos, enough
from buying_process.selectors.maps import journey_map
from buying_process.selectors.picture import picture_of
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
    with_deals_elsewhere,
)
from buying_process.selectors.proposals import Proposal, proposal_for, proposal_of
from buying_process.selectors.quotes import (
    quotes_of_activity,
    quotes_of_stage,
    quotes_of_transition,
    visits_of_stage,
)
from buying_process.selectors.readiness import rung_of, rungs
from buying_process.selectors.runs import interviews_of_run, latest_repetition, run_of
from buying_process.selectors.side_by_side import comparable, side_by_side
from buying_process.selectors.skills import activities_that_take, skills

__all__ = [
    "FittedVersion",
    "Proposal",
    "activities",
    "activities_that_take",
    "chaos",
    "checks_of",
    "closed_count",
    "comparable",
    "document_of",
    "edit_since",
    "enough",
    "explained",
    "fit_of",
    "fitted",
    "found",
    "history_of",
    "information_map",
    "interviews_of_run",
    "journey_map",
    "latest_repetition",
    "live_version",
    "needs",
    "open_deals_on",
    "picture_of",
    "processes",
    "proposal_for",
    "proposal_of",
    "publication_job",
    "quotes_of_activity",
    "quotes_of_stage",
    "quotes_of_transition",
    "run_of",
    "rung_of",
    "rungs",
    "running_job",
    "segment_choices",
    "shaped_draft",
    "shown_version",
    "side_by_side",
    "skills",
    "stages",
    "stages_held",
    "told_interviews",
    "transitions",
    "versions",
    "versions_in_use",
    "visits_of_stage",
    "waiting",
    "with_deals_elsewhere",
]
