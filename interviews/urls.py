"""Addresses of the interviews room."""

from django.urls import path

from interviews.views import code_changes, codes, coding, fragments, guides, record, segments, stories, timeline

app_name = "interviews"
urlpatterns = [
    path("", stories.interview_list, name="list"),
    path("export/", stories.export, name="export"),
    path("new/", record.interview_add, name="add"),
    path("today/", fragments.today, name="today"),
    path("search/", fragments.search, name="search"),
    path("<int:pk>/", record.interview, name="interview"),
    path("<int:pk>/facts/", record.facts, name="facts"),
    path("answers/<int:pk>/", record.answer, name="answer"),
    path("<int:pk>/coding/", coding.page, name="coding"),
    path("<int:pk>/coding/suggest/", coding.suggest, name="suggest"),
    path("answers/<int:pk>/excerpts/", coding.excerpt_add, name="excerpt_add"),
    path("excerpts/<int:pk>/remove/", coding.excerpt_remove, name="excerpt_remove"),
    path("excerpts/restore/<str:token>/", coding.excerpt_restore, name="excerpt_restore"),
    path("suggestions/<int:pk>/accept/", coding.suggestion_accept, name="suggestion_accept"),
    path("suggestions/<int:pk>/refuse/", coding.suggestion_refuse, name="suggestion_refuse"),
    path("suggestions/<int:pk>/reopen/", coding.suggestion_reopen, name="suggestion_reopen"),
    path("<int:pk>/timeline/", timeline.page, name="timeline"),
    path("<int:pk>/timeline/draft/", timeline.draft, name="timeline_draft"),
    path("<int:pk>/timeline/move/", timeline.move, name="timeline_move"),
    path("<int:pk>/timeline/add/", timeline.add, name="timeline_add"),
    path("<int:pk>/timeline/restore/<str:token>/", timeline.restore, name="timeline_restore"),
    path("moments/<int:pk>/date/", timeline.date, name="moment_date"),
    path("moments/<int:pk>/remove/", timeline.remove, name="moment_remove"),
    path("codes/", codes.code_list, name="codes"),
    path("codes/options/", coding.options, name="code_options"),
    path("codes/starter/", codes.starter, name="codes_starter"),
    path("codes/drop/", code_changes.drop, name="code_drop"),
    path("codes/merges/<int:pk>/undo/", code_changes.merge_undo, name="code_merge_undo"),
    path("codes/<int:pk>/", codes.code, name="code"),
    path("codes/<int:pk>/move/", code_changes.move, name="code_move"),
    path("codes/<int:pk>/merge/", code_changes.merge, name="code_merge"),
    path("codes/<int:pk>/split/", code_changes.split, name="code_split"),
    path("segments/", segments.segment_list, name="segments"),
    path("segments/<int:pk>/", segments.segment, name="segment"),
    path("guides/", guides.guide_list, name="guides"),
    path("guides/<int:pk>/", guides.guide, name="guide"),
    path("guides/<int:pk>/versions/<int:number>/", guides.version, name="guide_version"),
]
