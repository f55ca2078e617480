from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

# Scores are locked before their deals are read: who changes a deal meanwhile waits for the score, and writes after this.
FILL = """
DO $$
DECLARE batch bigint[]; after bigint := 0;
BEGIN
    LOOP
        batch := ARRAY(SELECT deal_id FROM deals_alignment WHERE deal_id > after ORDER BY deal_id LIMIT 10000);
        EXIT WHEN cardinality(batch) = 0;
        PERFORM 1 FROM deals_alignment WHERE deal_id = ANY(batch) ORDER BY deal_id FOR NO KEY UPDATE;
        UPDATE deals_alignment AS row SET owner_id = deal.owner_id, version_id = deal.version_id,
            stage_id = deal.stage_id, is_open = deal.outcome = 'open'
            FROM deals_deal AS deal WHERE deal.id = row.deal_id AND row.deal_id = ANY(batch);
        COMMIT;
        after := batch[cardinality(batch)];
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    """What stands beside the scores is filled in for the deals that there are, and indexed, while they are written."""

    atomic = False
    dependencies = [("deals", "0016_standing_beside_the_score")]
    operations = [
        migrations.RunSQL(sql=FILL, reverse_sql=migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="alignment",
            index=models.Index(
                fields=["workspace", "version", "stage", "score", "deal"],
                include=["owner", "likely_stage", "gap", "reason"],
                name="deals_standing",
                condition=Q(is_open=True),
            ),
        ),
    ]
