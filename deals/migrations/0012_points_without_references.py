import django.db.models.deletion
from django.db import migrations, models

# A reference costs a look-up for each point, as much as all else that a recomputation writes. Points are only ever
# written beside the row of scores that they repeat, which is held to its references; with a deal its points go.
# What takes longer than a moment to get at the tables that they refer to is tried anew rather than waited for.
LOOSEN = """
SET LOCAL lock_timeout = '10s';
ALTER TABLE deals_alignmentpoint DROP CONSTRAINT deals_alignmentpoint_workspace_id_fkey,
    DROP CONSTRAINT deals_alignmentpoint_deal_id_fkey, DROP CONSTRAINT deals_alignmentpoint_likely_stage_id_fkey;
CREATE FUNCTION deals_points_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM deals_alignmentpoint WHERE deal_id IN (SELECT id FROM gone);
    RETURN NULL;
END $$;
CREATE TRIGGER deals_deal_points AFTER DELETE ON deals_deal REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION deals_points_forget();
"""
REFER = """
SET LOCAL lock_timeout = '10s';
DROP TRIGGER deals_deal_points ON deals_deal;
DROP FUNCTION deals_points_forget();
DELETE FROM deals_alignmentpoint AS point WHERE NOT EXISTS (SELECT 1 FROM deals_deal WHERE id = point.deal_id);
UPDATE deals_alignmentpoint SET likely_stage_id = NULL WHERE likely_stage_id NOT IN (SELECT id FROM buying_process_stage);
ALTER TABLE deals_alignmentpoint
    ADD FOREIGN KEY (workspace_id) REFERENCES accounts_workspace (id) DEFERRABLE INITIALLY DEFERRED,
    ADD FOREIGN KEY (deal_id) REFERENCES deals_deal (id) DEFERRABLE INITIALLY DEFERRED,
    ADD FOREIGN KEY (likely_stage_id) REFERENCES buying_process_stage (id) DEFERRABLE INITIALLY DEFERRED;
"""


def loose(to: str, **more: object) -> models.ForeignKey:
    return models.ForeignKey(
        to=to, db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, **more
    )


class Migration(migrations.Migration):
    """Points of the history refer to nothing that the database would look up for each; a workspace has one index less."""

    dependencies = [("deals", "0011_alerts")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(sql=LOOSEN, reverse_sql=REFER)],
            state_operations=[
                migrations.AlterField("alignmentpoint", "workspace", loose("accounts.workspace", related_name="+")),
                migrations.AlterField("alignmentpoint", "deal", loose("deals.deal", related_name="history")),
                migrations.AlterField(
                    "alignmentpoint", "likely_stage", loose("buying_process.stage", null=True, related_name="+")
                ),
            ],
        ),
        # The index alone: the reference stays, and need not be looked through once more.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql="DROP INDEX IF EXISTS deals_alignment_workspace_id_342f6793;",
                    reverse_sql="""
                    SET LOCAL lock_timeout = '10s';
                    CREATE INDEX deals_alignment_workspace_id_342f6793 ON deals_alignment (workspace_id);
                    """,
                )
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="alignment",
                    name="workspace",
                    field=models.ForeignKey(
                        to="accounts.workspace",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        db_index=False,
                    ),
                )
            ],
        ),
    ]
