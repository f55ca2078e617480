from django.db import migrations, models
from django.db.models import F, Value
from django.db.models.functions import NullIf

# The words of a deal's name, account and id, whatever stands between them: what is searched for begins like one.
WORDS = r"""
CREATE FUNCTION deals_words(name text, account text, external_id text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT to_tsvector('simple'::regconfig,
        regexp_replace(name || ' ' || account || ' ' || external_id, '[^[:alnum:]]+', ' ', 'g')) $$;
CREATE INDEX deals_by_words ON deals_deal USING gin (deals_words(name, account, external_id));
"""


class Migration(migrations.Migration):
    """Every order of the list, and the search in it, has an index."""

    dependencies = [("deals", "0007_scores_counted")]
    operations = [
        migrations.RemoveIndex(model_name="deal", name="deals_by_outcome"),
        migrations.RemoveIndex(model_name="alignment", name="deals_by_score"),
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(fields=["workspace", "outcome", "opened_at", "id"], name="deals_by_outcome"),
        ),
        migrations.AddIndex(
            model_name="deal", index=models.Index(fields=["workspace", "opened_at", "id"], name="deals_by_opening")
        ),
        migrations.AddIndex(
            model_name="deal", index=models.Index(fields=["workspace", "name", "id"], name="deals_by_name")
        ),
        migrations.AddIndex(
            model_name="deal", index=models.Index(fields=["workspace", "amount", "id"], name="deals_by_amount")
        ),
        migrations.AddIndex(
            model_name="alignment", index=models.Index(fields=["workspace", "score", "deal"], name="deals_by_score")
        ),
        migrations.AddIndex(
            model_name="alignment", index=models.Index(fields=["workspace", "gap", "deal"], name="deals_by_gap")
        ),
        migrations.AddIndex(
            model_name="alignment",
            index=models.Index(F("workspace"), F("outlook__0"), F("deal"), name="deals_by_outlook"),
        ),
        migrations.AddIndex(
            model_name="alignment",
            index=models.Index(
                F("workspace"),
                F("returns_seen") / NullIf(F("returns_expected"), Value(0.0)),
                F("deal"),
                name="deals_by_chaos",
            ),
        ),
        migrations.RunSQL(
            sql=WORDS,
            reverse_sql="""
            DROP INDEX deals_by_words;
            DROP FUNCTION deals_words(text, text, text);
            """,
        ),
    ]
