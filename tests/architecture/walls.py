"""Every address of the application, what fills its parameters, and who is meant to get an answer from it.

A new address with a parameter that nothing here fills, or a new address without parameters that is not listed here,
fails the build: somebody has to say who may see it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, get_resolver, reverse

from tests.architecture.victim import SECRET, Victim

RUBBISH = "rubbish"


@dataclass(frozen=True)
class Address:
    """One pattern of the URL conf."""

    name: str
    route: str
    parameters: tuple[str, ...]

    @property
    def room(self) -> str:
        return self.name.split(":")[0] if ":" in self.name else ""


# parameters that mean the same wherever a room uses them: room and parameter, kind of object
SHARED = {
    ("deals", "deal_id"): "deal",
    ("deals", "contact_id"): "contact",
    ("deals", "view_id"): "list_view",
    ("deals", "fact_id"): "signal",
    ("crm", "import_id"): "import",
    ("jobs", "pk"): "job",
    ("buying_process", "process_id"): "process",
    ("buying_process", "number"): "version_number",
    ("buying_process", "stage_id"): "stage",
    ("buying_process", "transition_id"): "transition",
    ("buying_process", "activity_id"): "activity",
    ("buying_process", "need_id"): "need",
    ("buying_process", "skill_id"): "skill",
}
# what `pk` is, address by address
KINDS = {
    "accounts:switch": "membership",
    "accounts:person": "membership",
    "accounts:person_end": "membership",
    "accounts:person_restore": "membership",
    "accounts:invitation_withdraw": "invitation",
    "accounts:team": "team",
    "accounts:token_revoke": "token",
    "interviews:interview": "interview",
    "interviews:everything": "interview",
    "interviews:delete": "interview",
    "interviews:erase": "interview",
    "interviews:facts": "interview",
    "interviews:answer": "answer",
    "interviews:coding": "interview",
    "interviews:suggest": "interview",
    "interviews:excerpt_add": "answer",
    "interviews:excerpt_remove": "excerpt",
    "interviews:excerpt_undo": "excerpt",
    "interviews:alone": "interview",
    "interviews:read": "answer",
    "interviews:settle": "answer",
    "interviews:ruling_undo": "ruling",
    "interviews:suggestion_accept": "suggestion",
    "interviews:suggestion_refuse": "suggestion",
    "interviews:suggestion_reopen": "suggestion",
    "interviews:timeline": "interview",
    "interviews:timeline_draft": "interview",
    "interviews:timeline_leave": "interview",
    "interviews:timeline_offer": "interview",
    "interviews:timeline_move": "interview",
    "interviews:timeline_add": "interview",
    "interviews:timeline_restore": "interview",
    "interviews:timeline_take": "interview",
    "interviews:moment_together": "moment",
    "interviews:moment_date": "moment",
    "interviews:moment_remove": "moment",
    "interviews:intake": "intake",
    "interviews:intake_confirm": "intake",
    "interviews:source": "source",
    "interviews:source_speakers": "source",
    "interviews:source_confirm": "source",
    "interviews:source_discard": "source",
    "interviews:survey_columns": "table",
    "interviews:survey_check": "table",
    "interviews:survey_load": "table",
    "interviews:survey_errors": "table",
    "interviews:passage_move": "passage",
    "interviews:said": "excerpt",
    "interviews:code": "code",
    "interviews:code_move": "code",
    "interviews:code_merge": "code",
    "interviews:code_split": "code",
    "interviews:code_merge_undo": "code_merge",
    "interviews:exchange_file": "exchange_file",
    "interviews:exchange_look_again": "exchange_file",
    "interviews:exchange_start": "exchange_file",
    "interviews:exchange_forget": "exchange_file",
    "interviews:segment": "segment",
    "interviews:guide": "guide",
    "interviews:guide_version": "guide",
    "mfa_remove_webauthn": "authenticator",
    "mfa_edit_webauthn": "authenticator",
}
# parameters that are no keys: what a person without the right one might send
LITERALS = {
    ("deals", "kind"): "signal",
    ("deals", "token"): RUBBISH,
    ("interviews", "number"): 1,
    ("interviews", "token"): RUBBISH,
}

# pages without parameters that every signed-in person of fitting role gets, about their own workspace
OWN = {
    "today",
    "search",
    "accounts:settings",
    "accounts:profile",
    "accounts:workspace",
    "accounts:people",
    "accounts:invitations",
    "accounts:teams",
    "accounts:tokens",
    "audit:events",
    "audit:export",
    "jobs:list",
    "interviews:list",
    "interviews:export",
    "interviews:export_xlsx",
    "interviews:export_project",
    "interviews:codes_qdc",
    "interviews:codes_csv",
    "interviews:codes_xlsx",
    "interviews:exchange",
    "interviews:add",
    "interviews:bring_in",
    "interviews:today",
    "interviews:search",
    "interviews:codes",
    "interviews:code_options",
    "interviews:codes_starter",
    "interviews:code_drop",
    "interviews:segments",
    "interviews:agreement",
    "interviews:differences",
    "interviews:enough",
    "interviews:coverage",
    "interviews:guides",
    "buying_process:list",
    "buying_process:skills",
    "buying_process:skills_begin",
    "buying_process:new",
    "buying_process:compare",
    "buying_process:import",
    "buying_process:today",
    "buying_process:search",
    "buying_process:stages_held",
    "deals:list",
    "deals:export",
    "deals:retry_all",
    "deals:view_new",
    "deals:alerts",
    "deals:alerts_today",
    "deals:board",
    "deals:team",
    "deals:new",
    "deals:today",
    "deals:search",
    "deals:delay",
    "crm:imports",
}
# answered without sign-in; nothing of any workspace stands in them
PUBLIC = {"live", "ready", "metrics", "schema", "docs"}
# such a link is its own key; tests/accounts and tests/deals show whom it lets in
BY_SECRET = {"accounts:join": SECRET, "deals:digest_off": RUBBISH}
# a post without a word switches things off, for the person who posts: tests/deals shows for whom
OWN_CHOICES = {"deals:alerts"}
# allauth's own pages, about the person who asks and nobody else
ALLAUTH = ("account_", "mfa_", "socialaccount_", "usersessions_", "openid_connect_")
ALLAUTH_LITERALS = {"key": RUBBISH, "uidb36": "1", "provider_id": "none"}

# GET by a rep who does not own the deal: the published process and its quotes are for everybody who works on deals
REP_READS = {
    "buying_process:process",
    "buying_process:version",
    "buying_process:picture",
    "buying_process:export",
    "buying_process:chaos",
    "buying_process:information",
    "buying_process:information_table",
    "buying_process:stage",
    "buying_process:transition",
    "buying_process:activity",
}


def addresses() -> Iterator[Address]:
    """Walk the URL conf; the API's addresses are walked by its schema."""
    yield from _walk(get_resolver().url_patterns, Address("", "", ()))


def _walk(patterns: list[Any], above: Address) -> Iterator[Address]:
    for pattern in patterns:
        route = above.route + str(pattern.pattern)
        if route.startswith("api/v1/"):
            continue
        parameters = (*above.parameters, *pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLPattern):
            yield Address(f"{above.name}{pattern.name or ''}", route, parameters)
        else:
            namespace = f"{above.name}{pattern.namespace}:" if pattern.namespace else above.name
            yield from _walk(pattern.url_patterns, Address(namespace, route, parameters))


def is_allauth(address: Address) -> bool:
    """Tell allauth's addresses; those without a name redirect from where its pages once were."""
    return address.name.startswith(ALLAUTH) or (not address.name and address.route.startswith("accounts/social/"))


def filled(address: Address, victim: Victim) -> str:
    """Give the address of the victim's object, or raise LookupError where the tables above say nothing of it."""
    if not address.parameters:
        return reverse(address.name) if address.name else f"/{address.route}"
    values = {parameter: _value(address, parameter, victim) for parameter in address.parameters}
    return reverse(address.name, kwargs=values)


def _value(address: Address, parameter: str, victim: Victim) -> Any:
    if address.name in BY_SECRET:
        return BY_SECRET[address.name]
    if is_allauth(address) and parameter in ALLAUTH_LITERALS:
        return ALLAUTH_LITERALS[parameter]
    place = (address.room, parameter)
    if place in LITERALS:
        return LITERALS[place]
    kind = SHARED.get(place) or (KINDS.get(address.name) if parameter == "pk" else None)
    if kind is None:
        raise LookupError(
            f"{address.name} ({address.route}): say in tests/architecture/walls.py what fills “{parameter}”."
        )
    return victim.keys[kind]


# the API: the part of the path before a parameter, kind of object
API_KINDS = {
    "codes": "code",
    "interviews": "interview",
    "segments": "segment",
    "guides": "guide",
    "processes": "process",
    "versions": "version",
    "deals": "deal",
    "jobs": "job",
    "imports": "import",
}


def operations() -> Iterator[tuple[str, str]]:
    """Give each operation of the API: method, path with its parameters in braces."""
    from drf_spectacular.generators import SchemaGenerator

    schema = SchemaGenerator().get_schema(public=True)
    for path, methods in schema["paths"].items():
        yield from ((method, path) for method in methods if method in {"get", "post", "put", "patch", "delete"})


def filled_operation(path: str, victim: Victim) -> str:
    """Give an operation's address for the victim's objects."""
    parts = path.split("/")
    for place, part in enumerate(parts):
        if part.startswith("{"):
            kind = API_KINDS.get(parts[place - 1])
            if kind is None:
                raise LookupError(f"{path}: say in tests/architecture/walls.py what {parts[place - 1]} are.")
            parts[place] = str(victim.keys[kind])
    return "/".join(parts)
