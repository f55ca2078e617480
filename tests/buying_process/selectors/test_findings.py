import pytest

from buying_process import selectors, services
from buying_process.choices import Finding
from buying_process.models import StageActivity
from core.exceptions import ApplicationError
from tests.factories import buying_process as make


@pytest.fixture
def draft(in_workspace, designer):
    return make.draft(in_workspace, designer)


def stages(version):
    return list(version.stages.order_by("position"))


def theirs(version, name):
    return StageActivity.objects.get(stage__version=version, name=name)


def add(version, designer, name, who, stage=0, helps=None, purpose="facilitates"):
    return services.stage_activity_add(
        stage=stages(version)[stage],
        name=name,
        actor_kind=who,
        purpose=purpose,
        facilitates=theirs(version, helps) if helps else None,
        actor=designer,
    )


def found(version, kind):
    return [finding.sentence for finding in selectors.checks_of(version).found if finding.kind == kind]


def test_a_map_without_us_says_so_and_nothing_else_about_us(draft):
    kinds = {finding.kind for finding in selectors.checks_of(draft).found}
    assert kinds == {Finding.MISSING, Finding.NO_EVIDENCE}


def test_what_nobody_helps_is_named_most_told_first_until_helped_or_not_relevant(draft, designer):
    add(draft, designer, "Visit", "sales", helps="a")
    assert found(draft, Finding.UNHELPED)[0] == "“b” was told in 5 of 5 stories, and nothing of ours serves it."
    assert len(found(draft, Finding.UNHELPED)) == 5
    services.stage_activity_mark(activity=theirs(draft, "b"), purpose="not_relevant", actor=designer)
    assert len(found(draft, Finding.UNHELPED)) == 4


def test_ours_that_helps_nobody(draft, designer):
    add(draft, designer, "Visit", "sales")
    add(draft, designer, "Call", "sales", helps="a")
    services.stage_activity_mark(activity=theirs(draft, "a"), purpose="not_relevant", actor=designer)
    assert found(draft, Finding.HELPS_NOBODY) == [
        "“Visit” helps none of the customer’s activities.",
        "“Call” helps “a”, which is marked as not relevant to us.",
    ]


def test_hand_over_until_another_function_joins(draft, designer):
    add(draft, designer, "Visit", "sales", helps="a")
    assert found(draft, Finding.HAND_OVER) == [
        "In “Recognise: a” only sales helps. Where one function works alone, the customer is handed over."
    ]
    mixed = selectors.checks_of(draft).mixed
    assert (mixed.whole, [share for _, share, _ in mixed.stages]) == (0.0, [0.0, None, None])
    add(draft, designer, "Guide", "marketing", helps="b")
    assert found(draft, Finding.HAND_OVER) == []
    assert selectors.checks_of(draft).mixed.stages[0][1:] == (1.0, "marketing 1, sales 1")


def test_exit_evidence_that_no_customer_told_is_our_word(draft, designer):
    first = stages(draft)[0]
    services.stage_need_add(stage=first, kind="evidence", name="Offer is sent", actor=designer)
    assert found(draft, Finding.OUR_WORD) == [
        "No customer told of “Offer is sent”: only we could say that “Recognise: a” is done."
    ]
    assert len(found(draft, Finding.NO_EVIDENCE)) == 2


def test_what_customers_told_as_holding_them_up(in_workspace, designer):
    for interview in make.check_interviews(in_workspace)[:2]:
        make.beside(interview, "Waiting for legal", "obstacle", "Then we came to a.")
    draft = make.draft(in_workspace, designer)
    assert found(draft, Finding.WASTES_TIME) == [
        "In “Recognise: a” customers lose time: “Waiting for legal” (2) of 5 stories."
    ]


def test_a_finding_is_accepted_with_a_reason_taken_back_and_kept_by_a_copy(draft, designer):
    add(draft, designer, "Visit", "sales", helps="a")
    values = {"version": draft, "kind": Finding.HAND_OVER, "stage": stages(draft)[0], "actor": designer}
    accepted = services.finding_accept(reason="Partners come later", **values)
    assert found(draft, Finding.HAND_OVER) == []
    assert [each.accepted.reason for each in selectors.checks_of(draft).accepted] == ["Partners come later"]
    with pytest.raises(ApplicationError, match="accepted already"):
        services.finding_accept(reason="Again", **values)
    copy = services.version_copy(version=draft, actor=designer)
    assert found(copy, Finding.HAND_OVER) == []
    services.finding_reopen(acceptance=accepted, actor=designer)
    assert len(found(draft, Finding.HAND_OVER)) == 1


def test_a_finding_of_another_version_is_not_accepted(in_workspace, draft, designer):
    other = make.draft(in_workspace, designer, name="Another")
    with pytest.raises(ApplicationError, match="of this version"):
        services.finding_accept(
            version=draft, kind=Finding.HAND_OVER, stage=stages(other)[0], reason="x", actor=designer
        )


def test_ladder_says_what_the_next_rung_needs(draft, designer):
    def ladder():
        return selectors.rungs(draft, selectors.checks_of(draft))

    assert selectors.rung_of(ladder()) is None
    assert ladder()[0].needs == ("There is 1 finding where what we do is not tied to what customers do.",)
    for name, stage in zip("abcdef", [0, 0, 1, 1, 2, 2], strict=True):
        add(draft, designer, f"For {name}", "sales", stage=stage, helps=name)
    assert selectors.rung_of(ladder()).name == "embedded"
    assert ladder()[1].needs == ("There are 6 findings to mend, or to accept as intended with a reason.",)
    for finding in selectors.checks_of(draft).found:
        stage = draft.stages.get(pk=finding.stage_id)
        services.finding_accept(version=draft, kind=finding.kind, stage=stage, reason="So it is", actor=designer)
    assert selectors.rung_of(ladder()).name == "tuned"
    assert ladder()[2].needs[0].startswith("Replay it over closed deals: 0 follow this process")


def test_each_finding_leads_to_where_it_is_mended(client_of, draft, designer):
    services.stage_add(version=draft, name="Empty", actor=designer)
    add(draft, designer, "Visit", "sales")
    client = client_of(designer)
    pages = {found.kind: client.get(found.act_url) for found in selectors.checks_of(draft).found}
    assert set(pages) == {
        Finding.EMPTY,
        Finding.UNHELPED,
        Finding.HAND_OVER,
        Finding.HELPS_NOBODY,
        Finding.NO_EVIDENCE,
    }
    assert {page.status_code for page in pages.values()} == {200}
    helped = pages[Finding.UNHELPED].context["form"]
    assert (helped["facilitates"].value(), helped["stage"].value()) == (
        str(theirs(draft, "e").pk),
        str(stages(draft)[2].pk),
    )
    assert pages[Finding.HAND_OVER].context["form"]["actor_kind"].value() == "marketing"
    assert pages[Finding.NO_EVIDENCE].context["need_form"]["kind"].value() == "evidence"
