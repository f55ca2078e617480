"""Addresses of the deals room."""

from django.urls import path

from deals.views import alerts, boards, deal, edit, fragments, list_views, lists, log, team

app_name = "deals"
urlpatterns = [
    path("", lists.deal_list, name="list"),
    path("export.csv", lists.export, name="export"),
    path("retry/", lists.retry_all, name="retry_all"),
    path("views/new/", list_views.new, name="view_new"),
    path("views/<int:view_id>/", list_views.edit, name="view_edit"),
    path("views/<int:view_id>/keep/", list_views.keep, name="view_keep"),
    path("views/<int:view_id>/delete/", list_views.delete, name="view_delete"),
    path("views/<int:view_id>/restore/", list_views.restore, name="view_restore"),
    path("alerts/", alerts.choose, name="alerts"),
    path("alerts/today/", alerts.today, name="alerts_today"),
    path("digest/<str:token>/", alerts.digest_off, name="digest_off"),
    path("board/", boards.board, name="board"),
    path("team/", team.team, name="team"),
    path("new/", edit.new, name="new"),
    path("today/", fragments.today, name="today"),
    path("search/", fragments.search, name="search"),
    path("delay/", fragments.delay, name="delay"),
    path("<int:deal_id>/", deal.detail, name="deal"),
    path("<int:deal_id>/state/", deal.state, name="state"),
    path("<int:deal_id>/explained/", deal.explained, name="explained"),
    path("<int:deal_id>/edit/", edit.edit, name="edit"),
    path("<int:deal_id>/stage/", log.stage, name="log_stage"),
    path("<int:deal_id>/signals/", log.signal, name="log_signal"),
    path("<int:deal_id>/efforts/", log.effort, name="log_effort"),
    path("<int:deal_id>/needs/", log.need, name="meet_need"),
    path("<int:deal_id>/contacts/", edit.contact, name="contact_add"),
    path("<int:deal_id>/contacts/<int:contact_id>/", edit.contact, name="contact"),
    path("<int:deal_id>/close/", log.close, name="close"),
    path("<int:deal_id>/reopen/", log.reopen, name="reopen"),
    path("<int:deal_id>/facts/<slug:kind>/<int:fact_id>/retract/", log.retract, name="retract"),
    path("<int:deal_id>/facts/<slug:kind>/<int:fact_id>/restore/", log.restore, name="restore"),
    path("<int:deal_id>/retry/", log.retry, name="retry"),
]
