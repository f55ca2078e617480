import pytest

from audit.models import AuditEvent
from core.exceptions import ApplicationError
from crm.models import DealImport
from deals.models import Alignment, Deal
from jobs.models import Job
from tests.factories.accounts import MembershipFactory
from tests.factories.crm import EXPORT, import_map_columns, import_map_values, run, upload

SETTLED = {"Talking": "outcome:open", "Won": "outcome:won", "Gone quiet": "outcome:no_decision"}


@pytest.fixture
def mapped(in_workspace, designer, rep):
    found = upload(designer)
    return import_map_values(deal_import=found, actor=designer, stages=SETTLED, owners={})


def counts(found: DealImport) -> tuple[int, int, int, int]:
    return found.created_count, found.changed_count, found.unchanged_count, found.refused_count


def test_upload_guesses_columns_values_and_owners(in_workspace, designer, rep):
    found = upload(designer)
    assert found.mapping["columns"]["external_id"] == "Deal ID"
    assert found.stage_mapping == {"Talking": "outcome:open", "Won": "outcome:won", "Gone quiet": "outcome:open"}
    assert found.owner_mapping == {"Rolf Rep": rep.pk, "Nobody Known": None}


def test_dry_run_writes_nothing(mapped, designer):
    run(mapped, designer, dry_run=True)
    assert counts(mapped) == (3, 0, 0, 0)
    assert (mapped.state, Deal.objects.count()) == ("checked", 0)


def test_import_makes_deals_with_stale_scores(mapped, designer, rep):
    job = run(mapped, designer, dry_run=False)
    assert (job.state, job.result) == ("done", {"created": 3, "changed": 0, "unchanged": 0, "refused": 0})
    line = Deal.objects.get(external_id="A-1")
    assert (line.name, line.account, line.owner, line.amount, line.outcome) == (
        "Harbour Mills – Line 3",
        "Harbour Mills",
        rep,
        12500,
        "open",
    )
    assert (Deal.objects.get(external_id="A-2").owner_name, Deal.objects.get(external_id="A-2").owner) == (
        "Nobody Known",
        None,
    )
    assert Deal.objects.get(external_id="A-3").outcome == "no_decision"
    assert list(Alignment.objects.values_list("urgent", flat=True)) == [False] * 3
    assert AuditEvent.objects.filter(verb="deal.load").count() == 1


def test_same_file_twice_changes_nothing(mapped, designer):
    run(mapped, designer, dry_run=False)
    before = list(Deal.objects.order_by("pk").values())
    events = AuditEvent.objects.filter(verb="deal.load").count()
    run(mapped, designer, dry_run=False)
    assert counts(mapped) == (0, 0, 3, 0)
    assert list(Deal.objects.order_by("pk").values()) == before
    assert AuditEvent.objects.filter(verb="deal.load").count() == events


def test_same_file_changes_nothing_in_a_colleagues_hands_in_another_zone(mapped, designer, workspace):
    run(mapped, designer, dry_run=False)
    colleague = MembershipFactory(workspace=workspace, role="designer", user__time_zone="Asia/Tokyo")
    again = import_map_values(deal_import=upload(colleague), actor=colleague, stages=SETTLED, owners={})
    run(again, colleague, dry_run=False)
    assert counts(again) == (0, 0, 3, 0)


def test_changed_cell_changes_that_deal_alone(mapped, designer):
    run(mapped, designer, dry_run=False)
    again = upload(designer, EXPORT.replace("900", "950"))
    import_map_values(deal_import=again, actor=designer, stages=SETTLED, owners={})
    run(again, designer, dry_run=False)
    assert counts(again) == (0, 1, 2, 0)
    assert Deal.objects.get(external_id="A-2").amount == 950


def test_refused_rows_are_named_and_others_imported(in_workspace, designer):
    found = upload(
        designer,
        "id,name,stage,created,close date,amount\n"
        "1,Fine,Won,2026-01-01,2026-02-01,10\n"
        "2,Backwards,Won,2026-03-01,2026-02-01,10\n"
        ",No id,Won,2026-01-01,,10\n"
        "1,Twice,Won,2026-01-01,,10\n"
        "5,Odd amount,Won,2026-01-01,,ten\n",
    )
    run(found, designer, dry_run=False)
    assert counts(found) == (1, 0, 0, 4)
    assert list(found.errors.values_list("row", "column", "value", "reason")) == [
        (3, "close date", "2026-02-01", "A deal closes after it was opened."),
        (4, "id", "", "The deal's ID is missing."),
        (5, "id", "1", "This ID stands in row 2 already."),
        (6, "amount", "ten", "“ten” is not an amount."),
    ]


@pytest.mark.parametrize("stage", ["Talking", ""])
def test_open_deals_with_an_expected_close_date_come_in_and_the_same_file_again_changes_nothing(
    stage, in_workspace, designer
):
    text = f"id,name,stage,created,close date\n1,Soon,{stage},,2099-01-01\n2,Late,{stage},2026-03-01,2026-02-01\n"
    for expected in [(2, 0, 0, 0), (0, 0, 2, 0)]:
        found = upload(designer, text)
        run(found, designer, dry_run=False)
        assert counts(found) == expected
    assert list(Deal.objects.values_list("outcome", "closed_at")) == [("open", None)] * 2


def test_queries_do_not_grow_with_rows(in_workspace, designer, django_assert_max_num_queries):
    lines = [f"{number},Deal {number},Won,2026-01-01,2026-02-01,{number}" for number in range(400)]
    found = upload(designer, "\n".join(["id,name,stage,created,close date,amount", *lines]))
    with django_assert_max_num_queries(45):
        run(found, designer, dry_run=False)
    assert counts(found) == (400, 0, 0, 0)


def test_columns_without_an_id_are_refused(in_workspace, designer):
    found = upload(designer)
    with pytest.raises(ApplicationError, match="the same file twice changes nothing"):
        import_map_columns(
            deal_import=found,
            actor=designer,
            columns={"name": "Deal name"},
            version=None,
            dates="day",
            account_in_name=True,
        )


def test_column_chosen_twice_is_refused(in_workspace, designer):
    with pytest.raises(ApplicationError, match="“Deal ID” is chosen twice"):
        import_map_columns(
            deal_import=upload(designer),
            actor=designer,
            columns={"external_id": "Deal ID", "name": "Deal ID"},
            version=None,
            dates="day",
            account_in_name=True,
        )


def test_value_nobody_settled_refuses_its_rows(in_workspace, designer):
    found = upload(designer)
    import_map_values(deal_import=found, actor=designer, stages={"Talking": "", "Won": "outcome:won"}, owners={})
    run(found, designer, dry_run=True)
    assert counts(found) == (2, 0, 0, 1)


def test_running_import_refuses_another_start(mapped, designer):
    from crm.services.imports import import_start

    import_start(deal_import=mapped, actor=designer, dry_run=True)
    with pytest.raises(ApplicationError, match="being read right now"):
        import_start(deal_import=mapped, actor=designer, dry_run=True)
    assert Job.objects.count() == 1
