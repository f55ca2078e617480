"""Search by words: what somebody types finds the rows with words that begin like all of it."""

import re
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db.models import BooleanField, F, Func, QuerySet

Rows = TypeVar("Rows", bound=QuerySet[Any])


def one_of(ids: Any, key: str = "pk") -> Func:
    """Match rows whose `key` a query gives, read into an array first: an index answers it, on one side of an OR too."""
    sides = F(key), ArraySubquery(ids)
    return Func(*sides, template="(%(expressions)s))", arg_joiner=" = ANY(", output_field=BooleanField())


def with_words(rows: Rows, text: str, *columns: str, function: str, among: QuerySet[Any] | None) -> Rows:
    """Narrow rows to those with words in the columns that begin like all of these.

    The database's function makes the words of the columns, and an index holds what it makes. It is searched `among` all
    rows of the table before anything else narrows them: words are dear to make for each row that is passed. None
    searches the rows themselves, where no other index could lead to them.
    """
    words = re.findall(r"\w+", text.replace("_", " ").lower())
    if not words:
        return rows.none()
    asked = SearchQuery(" & ".join(f"{word}:*" for word in words), search_type="raw", config="simple")
    made = Func(*columns, function=function, output_field=SearchVectorField())
    if among is None:
        return rows.alias(words=made).filter(words=asked)
    found = among.order_by().alias(words=made).filter(words=asked)
    return rows.filter(one_of(found.values("pk")))
