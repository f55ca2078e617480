from django.db import migrations

# As scores are computed from now on; locked in their order.
CLEAR = """
DO $$
DECLARE batch bigint[]; after bigint := 0;
BEGIN
    LOOP
        batch := ARRAY(SELECT deal_id FROM deals_alignment WHERE deal_id > after ORDER BY deal_id LIMIT 10000);
        EXIT WHEN cardinality(batch) = 0;
        PERFORM 1 FROM deals_alignment WHERE deal_id = ANY(batch) ORDER BY deal_id FOR NO KEY UPDATE;
        UPDATE deals_alignment SET gap = NULL
            WHERE deal_id = ANY(batch) AND score IS NULL AND gap IS NOT NULL;
        COMMIT;
        UPDATE deals_alignmentpoint SET gap = NULL WHERE deal_id = ANY(batch) AND score IS NULL AND gap IS NOT NULL;
        COMMIT;
        after := batch[cardinality(batch)];
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    """A deal without a score keeps no gap: mostly nothing was seen of it, and the gap was a guess from how customers begin."""

    atomic = False
    dependencies = [("deals", "0017_standing_filled_and_indexed")]
    operations = [migrations.RunSQL(sql=CLEAR, reverse_sql=migrations.RunSQL.noop)]
