"""What a body names is looked for in one's own workspace alone, as what an address names is."""

import pytest
from django.urls import reverse

from accounts.choices import Role
from core import scope
from tests.architecture.victim import CANARY, build, contents
from tests.factories import buying_process, deals
from tests.factories.accounts import MembershipFactory, TeamFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

REFUSED = {400, 404, 409, 422}
# who sends it, the address, its parameters, and the body; {kind} stands for an object's id
BODIES = [
    (Role.DESIGNER, "deals:board", [], {"item": "{deal}", "list": "{stage}"}),
    (Role.DESIGNER, "interviews:code_drop", [], {"item": "{code}", "list": "{other_code}"}),
    (Role.DESIGNER, "interviews:code_move", ["code"], {"parent": "{other_code}"}),
    (Role.DESIGNER, "interviews:timeline_move", ["interview"], {"item": "{moment}", "position": "0"}),
    (Role.DESIGNER, "interviews:timeline_add", ["interview"], {"code": "{code}"}),
    (
        Role.DESIGNER,
        "buying_process:activity_move",
        ["process", "version_number"],
        {"item": "{activity}", "list": "{stage}:", "position": "0"},
    ),
    (Role.ADMIN, "accounts:person", ["membership"], {"role": "rep", "team": "{team}"}),
    (Role.DESIGNER, "interviews:code_merge", ["code"], {"into": "{other_code}"}),
]


def own_world(designer):
    """Give the keys of a small workspace of one's own."""
    workspace = designer.workspace
    with scope.in_workspace(workspace.pk):
        version = buying_process.draft(workspace, designer)
        stage, other = version.stages.order_by("position")[:2]
        told = buying_process.tell(workspace, "ab")
        rep = MembershipFactory(workspace=workspace, role=Role.REP)
        return {
            "deal": deals.deal(designer, version).pk,
            "process": version.process_id,
            "version_number": version.number,
            "stage": other.pk,
            "activity": stage.activities.first().pk,
            "interview": told.pk,
            "moment": told.moments.first().pk,
            "code": buying_process.code(workspace, "a").pk,
            "other_code": buying_process.code(workspace, "b").pk,
            "team": TeamFactory(workspace=workspace).pk,
            "membership": rep.pk,
        }


def test_objects_of_another_workspace_are_refused_in_a_body(client_of):
    victim, designer = build(), MembershipFactory(role=Role.DESIGNER)
    admin = MembershipFactory(workspace=designer.workspace, role=Role.ADMIN)
    clients = {Role.DESIGNER: client_of(designer), Role.ADMIN: client_of(admin)}
    own, theirs = own_world(designer), victim.keys | {"other_code": victim.keys["code"]}
    before, holes = [contents(victim.workspace), contents(designer.workspace)], []
    for role, name, parameters, body in BODIES:
        url = reverse(name, args=[own[kind] for kind in parameters])
        for field in [field for field in body if "{" in body[field]]:
            filled = {key: words.format(**(theirs if key == field else own)) for key, words in body.items()}
            answer = clients[role].post(url, filled)
            if answer.status_code not in REFUSED or CANARY in answer.content.decode():
                holes.append(f"{name} with their {field}: {answer.status_code}")
    assert holes == []
    assert [contents(victim.workspace), contents(designer.workspace)] == before
    taken = {}
    for role, name, parameters, body in BODIES:  # the bodies are right: with one's own objects each is taken
        url = reverse(name, args=[own[kind] for kind in parameters])
        taken[name] = clients[role].post(url, {key: words.format(**own) for key, words in body.items()}).status_code
    assert {name: status for name, status in taken.items() if status >= 400} == {}
