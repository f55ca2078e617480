"""Every address that answers a page, by whom it is visited; and the addresses that are no page, with the reason."""

from collections.abc import Iterator

from django.urls import URLResolver, get_resolver

from tests.e2e.conftest import ADMIN, DESIGNER, MANAGER, REP

# {room: (who visits, {name of the address: the address, with what `rows.py` found filled in})}
VISITED: dict[str, tuple[str | None, dict[str, str]]] = {
    "signed out": (
        None,
        {
            "account_login": "/accounts/login/",
            "account_reset_password": "/accounts/password/reset/",
            "account_reset_password_done": "/accounts/password/reset/done/",
            "account_reset_password_from_key": "/accounts/password/reset/key/1-wrong/",
            "account_reset_password_from_key_done": "/accounts/password/reset/key/done/",
            "account_inactive": "/accounts/inactive/",
            "account_confirm_email": "/accounts/confirm-email/wrong/",
            "account_email_verification_sent": "/accounts/confirm-email/",
            "account_signup": "/accounts/signup/",
            "socialaccount_login_cancelled": "/accounts/3rdparty/login/cancelled/",
            "socialaccount_login_error": "/accounts/3rdparty/login/error/",
            "accounts:join": "/join/{secret}/",
        },
    ),
    "own account": (
        DESIGNER,
        {
            "account_email": "/accounts/email/",
            "account_change_password": "/accounts/password/change/",
            "account_reauthenticate": "/accounts/reauthenticate/",
            "account_logout": "/accounts/logout/",
            "mfa_index": "/accounts/2fa/",
            "mfa_activate_totp": "/accounts/2fa/totp/activate/",
            "mfa_list_webauthn": "/accounts/2fa/webauthn/",
            "mfa_add_webauthn": "/accounts/2fa/webauthn/add/",
            "socialaccount_connections": "/accounts/3rdparty/",
            "usersessions_list": "/accounts/sessions/",
            "accounts:profile": "/settings/profile/",
            "accounts:tokens": "/settings/tokens/",
        },
    ),
    "settings": (
        ADMIN,
        {
            "accounts:settings": "/settings/",
            "accounts:people": "/settings/people/",
            "accounts:person": "/settings/people/{person}/",
            "accounts:invitations": "/settings/invitations/",
            "accounts:teams": "/settings/teams/",
            "accounts:team": "/settings/teams/{team}/",
            "audit:events": "/settings/audit/",
        },
    ),
    "interviews": (
        DESIGNER,
        {
            "today": "/",
            "search": "/search/?q=mill",
            "interviews:list": "/interviews/",
            "interviews:add": "/interviews/new/",
            "interviews:bring_in": "/interviews/bring-in/",
            "interviews:intake": "/interviews/bring-in/{intake}/",
            "interviews:source": "/interviews/sources/{source}/",
            "interviews:interview": "/interviews/{interview}/",
            "interviews:facts": "/interviews/{interview}/facts/",
            "interviews:coding": "/interviews/{interview}/coding/",
            "interviews:timeline": "/interviews/{interview}/timeline/",
            "interviews:codes": "/interviews/codes/",
            "interviews:code": "/interviews/codes/{code}/",
            "interviews:code_move": "/interviews/codes/{code}/move/",
            "interviews:code_merge": "/interviews/codes/{code}/merge/",
            "interviews:code_split": "/interviews/codes/{code}/split/",
            "interviews:agreement": "/interviews/agreement/",
            "interviews:differences": "/interviews/agreement/differences/",
            "interviews:segments": "/interviews/segments/",
            "interviews:segment": "/interviews/segments/{segment}/",
            "interviews:guides": "/interviews/guides/",
            "interviews:guide": "/interviews/guides/{guide}/",
            "interviews:guide_version": "/interviews/guides/{guide}/versions/{guide_version}/",
        },
    ),
    "surveys": (DESIGNER, {"interviews:source": "/interviews/sources/{survey}/"}),
    "process": (
        DESIGNER,
        {
            "buying_process:list": "/process/",
            "buying_process:new": "/process/new/",
            "buying_process:process": "/process/{process}/",
            "buying_process:edit": "/process/{process}/edit/",
            "buying_process:derive": "/process/{process}/derive/",
            "buying_process:import": "/process/import/",
            "buying_process:compare": "/process/compare/?version={live_pk}&version={draft_pk}",
            "buying_process:run": "/process/{process}/versions/{draft}/run/",
            "buying_process:proposal": "/process/{process}/versions/{draft}/proposal/",
            "buying_process:version": "/process/{process}/versions/{draft}/",
            "buying_process:settings": "/process/{process}/versions/{draft}/settings/",
            "buying_process:publish": "/process/{process}/versions/{draft}/publish/",
            "buying_process:stage_add": "/process/{process}/versions/{draft}/stages/add/",
            "buying_process:stage": "/process/{process}/versions/{draft}/stages/{stage}/",
            "buying_process:transition": "/process/{process}/versions/{live}/transitions/{live_transition}/",
            "buying_process:activity_add": "/process/{process}/versions/{draft}/activities/add/",
            "buying_process:activity": "/process/{process}/versions/{draft}/activities/{activity}/",
        },
    ),
    "deals": (
        REP,
        {
            "deals:list": "/deals/",
            "deals:board": "/deals/board/",
            "deals:new": "/deals/new/",
            "deals:deal": "/deals/{deal}/",
            "deals:explained": "/deals/{deal}/explained/",
            "deals:edit": "/deals/{deal}/edit/",
            "deals:log_stage": "/deals/{deal}/stage/",
            "deals:log_signal": "/deals/{deal}/signals/",
            "deals:log_effort": "/deals/{deal}/efforts/",
            "deals:meet_need": "/deals/{deal}/needs/?need={deal_need}",
            "deals:contact_add": "/deals/{deal}/contacts/",
            "deals:contact": "/deals/{deal}/contacts/{contact}/",
            "deals:close": "/deals/{deal}/close/",
        },
    ),
    "the same pages, seen by others": (
        MANAGER,
        {
            "today": "/",
            "deals:team": "/deals/team/",
            "deals:deal": "/deals/{closed_deal}/",
            "buying_process:version": "/process/{process}/versions/{live}/",
            "interviews:coding": "/interviews/{interview}/coding/",
        },
    ),
    "imports and jobs": (
        DESIGNER,
        {
            "crm:imports": "/import/",
            "crm:import": "/import/{import}/",
            "jobs:list": "/jobs/",
            "jobs:detail": "/jobs/{job}/",
        },
    ),
}

POSTS = "it changes something and has no page"
PART = "a part of another page, seen there"
FILE = "a file"
DATA = "data for programs"
SENT_ON = "it sends on to another address"
NEEDS = "only to be reached with a second step or an identity provider set up"
EXCUSED = {
    **dict.fromkeys(
        [
            "accounts:switch",
            "accounts:person_end",
            "accounts:person_restore",
            "accounts:invitation_withdraw",
            "accounts:token_revoke",
            "jobs:cancel",
            "interviews:answer",
            "interviews:suggest",
            "interviews:excerpt_add",
            "interviews:excerpt_remove",
            "interviews:excerpt_restore",
            "interviews:excerpt_undo",
            "interviews:alone",
            "interviews:read",
            "interviews:settle",
            "interviews:ruling_undo",
            "interviews:suggestion_accept",
            "interviews:suggestion_refuse",
            "interviews:suggestion_reopen",
            "interviews:timeline_draft",
            "interviews:timeline_move",
            "interviews:timeline_add",
            "interviews:timeline_restore",
            "interviews:moment_date",
            "interviews:moment_remove",
            "interviews:intake_confirm",
            "interviews:source_speakers",
            "interviews:source_confirm",
            "interviews:source_discard",
            "interviews:survey_columns",
            "interviews:survey_check",
            "interviews:survey_load",
            "interviews:passage_move",
            "interviews:codes_starter",
            "interviews:code_drop",
            "interviews:code_merge_undo",
            "buying_process:delete",
            "buying_process:segments",
            "buying_process:retire",
            "buying_process:copy",
            "buying_process:version_delete",
            "buying_process:undo",
            "buying_process:proposal_take",
            "buying_process:proposal_refuse",
            "buying_process:proposal_keep",
            "buying_process:proposal_discard",
            "buying_process:stage_rename",
            "buying_process:stage_move",
            "buying_process:stage_merge",
            "buying_process:stage_remove",
            "buying_process:stage_pin",
            "buying_process:activity_pin",
            "buying_process:need_pin",
            "buying_process:activity_move",
            "buying_process:activity_mark",
            "buying_process:activity_remove",
            "buying_process:need",
            "buying_process:need_add",
            "buying_process:need_remove",
            "deals:reopen",
            "deals:retract",
            "deals:restore",
            "deals:retry",
            "crm:columns",
            "crm:values",
            "crm:start",
            "crm:delete",
        ],
        POSTS,
    ),
    **dict.fromkeys(
        [
            "interviews:today",
            "interviews:search",
            "buying_process:today",
            "buying_process:search",
            "deals:today",
            "deals:search",
            "deals:delay",
            "deals:state",
        ],
        PART,
    ),
    **dict.fromkeys(
        [
            "audit:export",
            "interviews:export",
            "interviews:survey_errors",
            "deals:export",
            "crm:errors",
            "buying_process:picture",
            "buying_process:export",
        ],
        FILE,
    ),
    **dict.fromkeys(["live", "ready", "interviews:code_options", "schema", "docs", "mfa_login_webauthn"], DATA),
    **dict.fromkeys(["account_confirm_login_code", "account_set_password", "interviews:said"], SENT_ON),
    **dict.fromkeys(
        [
            "mfa_authenticate",
            "mfa_reauthenticate",
            "mfa_deactivate_totp",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
            "mfa_download_recovery_codes",
            "mfa_reauthenticate_webauthn",
            "mfa_remove_webauthn",
            "mfa_edit_webauthn",
            "socialaccount_signup",
            "openid_connect_login",
            "openid_connect_callback",
        ],
        NEEDS,
    ),
}


def names(resolver: URLResolver | None = None, namespace: str = "", prefix: str = "") -> Iterator[str]:
    """Give the names of all addresses but those of the API, which has its own tests."""
    for pattern in (resolver or get_resolver()).url_patterns:
        path = f"{prefix}{pattern.pattern}"
        if path.startswith("api/v1/"):
            continue
        if isinstance(pattern, URLResolver):
            inside = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from names(pattern, namespace + inside, path)
        elif not path.startswith("accounts/social/"):  # former addresses, which send on
            yield namespace + (pattern.name or path)
