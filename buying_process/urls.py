"""Addresses of the buying_process room."""

from django.urls import path

from buying_process.views import (
    activities,
    comparing,
    deriving,
    fragments,
    needs,
    pins,
    processes,
    proposals,
    stages,
    versions,
)

app_name = "buying_process"
VERSION = "<int:process_id>/versions/<int:number>/"

urlpatterns = [
    path("", processes.process_list, name="list"),
    path("new/", processes.process_new, name="new"),
    path("compare/", comparing.version_compare, name="compare"),
    path("today/", fragments.today, name="today"),
    path("search/", fragments.search, name="search"),
    path("<int:process_id>/", processes.process_detail, name="process"),
    path("<int:process_id>/edit/", processes.process_edit, name="edit"),
    path("<int:process_id>/delete/", processes.process_remove, name="delete"),
    path("<int:process_id>/derive/", deriving.process_derive, name="derive"),
    path("<int:process_id>/segments/", deriving.process_segments, name="segments"),
    path(VERSION, versions.version_detail, name="version"),
    path(f"{VERSION}settings/", versions.version_settings, name="settings"),
    path(f"{VERSION}publish/", versions.version_publish, name="publish"),
    path(f"{VERSION}retire/", versions.version_retire, name="retire"),
    path(f"{VERSION}copy/", versions.version_copy, name="copy"),
    path(f"{VERSION}delete/", versions.version_delete, name="version_delete"),
    path(f"{VERSION}run/", deriving.version_run, name="run"),
    path(f"{VERSION}proposal/", proposals.proposal_detail, name="proposal"),
    path(f"{VERSION}proposal/take/", proposals.proposal_take, name="proposal_take"),
    path(f"{VERSION}proposal/refuse/", proposals.proposal_refuse, name="proposal_refuse"),
    path(f"{VERSION}proposal/keep/", proposals.proposal_keep, name="proposal_keep"),
    path(f"{VERSION}proposal/discard/", proposals.proposal_discard, name="proposal_discard"),
    path(f"{VERSION}undo/<str:token>/", versions.edit_undo, name="undo"),
    path(f"{VERSION}stages/add/", stages.stage_add, name="stage_add"),
    path(f"{VERSION}stages/<int:stage_id>/", stages.stage_detail, name="stage"),
    path(f"{VERSION}stages/<int:stage_id>/rename/", stages.stage_rename, name="stage_rename"),
    path(f"{VERSION}stages/<int:stage_id>/move/", stages.stage_move, name="stage_move"),
    path(f"{VERSION}stages/<int:stage_id>/merge/", stages.stage_merge, name="stage_merge"),
    path(f"{VERSION}stages/<int:stage_id>/remove/", stages.stage_remove, name="stage_remove"),
    path(f"{VERSION}stages/<int:stage_id>/pin/", pins.stage_pin, name="stage_pin"),
    path(f"{VERSION}stages/<int:stage_id>/needs/add/", needs.need_add, name="need_add"),
    path(f"{VERSION}transitions/<int:transition_id>/", stages.transition_detail, name="transition"),
    path(f"{VERSION}activities/add/", activities.activity_add, name="activity_add"),
    path(f"{VERSION}activities/move/", activities.activity_move, name="activity_move"),
    path(f"{VERSION}activities/<int:activity_id>/", activities.activity_detail, name="activity"),
    path(f"{VERSION}activities/<int:activity_id>/mark/", activities.activity_mark, name="activity_mark"),
    path(f"{VERSION}activities/<int:activity_id>/pin/", pins.activity_pin, name="activity_pin"),
    path(f"{VERSION}activities/<int:activity_id>/remove/", activities.activity_remove, name="activity_remove"),
    path(f"{VERSION}needs/<int:need_id>/", needs.need_edit, name="need"),
    path(f"{VERSION}needs/<int:need_id>/pin/", pins.need_pin, name="need_pin"),
    path(f"{VERSION}needs/<int:need_id>/remove/", needs.need_remove, name="need_remove"),
]
