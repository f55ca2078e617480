"""Addresses of the accounts room: the settings' pages, and the link of an invitation."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("join/<str:secret>/", views.join, name="join"),
    path("settings/", views.settings, name="settings"),
    path("settings/profile/", views.profile, name="profile"),
    path("settings/workspace/", views.workspace, name="workspace"),
    path("settings/switch/<int:pk>/", views.switch, name="switch"),
    path("settings/people/", views.people, name="people"),
    path("settings/people/<int:pk>/", views.person, name="person"),
    path("settings/people/<int:pk>/end/", views.person_end, name="person_end"),
    path("settings/people/<int:pk>/restore/", views.person_restore, name="person_restore"),
    path("settings/invitations/", views.invitations, name="invitations"),
    path("settings/invitations/<int:pk>/withdraw/", views.invitation_withdraw, name="invitation_withdraw"),
    path("settings/teams/", views.teams, name="teams"),
    path("settings/teams/<int:pk>/", views.team, name="team"),
    path("settings/tokens/", views.tokens, name="tokens"),
    path("settings/tokens/<int:pk>/revoke/", views.token_revoke, name="token_revoke"),
]
