"""How well passages are sorted over the six buying jobs, and how long a transcript of 5,000 words takes.

Prints macro-F1 on the labelled sentences of the tests for what the product does, beside TF-IDF nearest neighbours with
the same examples and the six jobs named by one description each; then the seconds of the sorting and of the suggestions
of a long transcript, against the whole starter codebook, as the job does them.
"""

import math
import os
import sys
import time
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LABELLED = ROOT / "tests" / "interviews" / "labelled_jobs.toml"
WORDS = 5_000
NEIGHBOURS = 5
DESCRIPTIONS = {
    "recognise": "They notice that something no longer works and determine that they need to change.",
    "mobilise": "They find out who has a stake and draw these people in.",
    "solve": "They work on solving the problem themselves and try things out.",
    "align": "They align everyone's priorities, compare the offers and choose what to buy.",
    "learn": "They learn about new ways and alternatives from others, from vendors and from reading.",
    "commit": "They get management to approve the money, sign and implement.",
}


def macro_f1(found: list[str], labels: list[str]) -> float:
    """Give the mean over jobs of F1."""
    figures = []
    for job in DESCRIPTIONS:
        right = sum(f == label == job for f, label in zip(found, labels, strict=True))
        figures.append(2 * right / (found.count(job) + labels.count(job)))
    return sum(figures) / len(figures)


def by_tfidf(texts: list[str], examples: list[tuple[str, str]]) -> list[str]:
    """Give the job that most of the nearest examples by cosine of TF-IDF have, ties by their likeness."""

    def words(text: str) -> list[str]:
        return "".join(letter if letter.isalnum() else " " for letter in text.lower()).split()

    rare = Counter(word for text, _ in examples for word in set(words(text)))

    def vector(text: str) -> dict[str, float]:
        counted = Counter(words(text))
        raw = {word: n * (1 + math.log((1 + len(examples)) / (1 + rare[word]))) for word, n in counted.items()}
        length = math.sqrt(sum(value * value for value in raw.values())) or 1.0
        return {word: value / length for word, value in raw.items()}

    known = [(vector(text), job) for text, job in examples]
    found = []
    for text in texts:
        here = vector(text)
        near = sorted(
            ((sum(here[word] * there.get(word, 0.0) for word in here), job) for there, job in known), reverse=True
        )[:NEIGHBOURS]
        votes: dict[str, float] = defaultdict(float)
        for likeness, job in near:
            votes[job] += 1 + likeness
        found.append(max(votes, key=lambda job: votes[job]))
    return found


def measure_sorting() -> None:
    """Print the figures on the labelled sentences."""
    from interviews.services.learning import remember
    from interviews.services.sorting import EXAMPLES, JOBS, job_scores

    labelled = tomllib.loads(LABELLED.read_text(encoding="utf-8"))
    rows = [(text, job) for job in JOBS for text in labelled[job]]
    texts, labels = [text for text, _ in rows], [job for _, job in rows]
    given = tomllib.loads(EXAMPLES.read_text(encoding="utf-8"))
    examples = [(text, job) for job in JOBS for text in given[job]]
    ours = [JOBS[place] for place in job_scores(texts).argmax(axis=1)]
    named = (remember(texts) @ remember([DESCRIPTIONS[job] for job in JOBS]).T).argmax(axis=1)
    print(f"Passages to jobs, macro-F1 on {len(texts)} labelled sentences, {len(examples)} examples:")
    print(f"  the product                        {macro_f1(ours, labels):.3f}")
    print(f"  TF-IDF, {NEIGHBOURS} nearest examples         {macro_f1(by_tfidf(texts, examples), labels):.3f}")
    print(f"  one description a job, embeddings  {macro_f1([JOBS[place] for place in named], labels):.3f}")


def measure_speed() -> None:
    """Print how long a long transcript takes."""
    from interviews.models import Question
    from interviews.services.learning import remember
    from interviews.services.matching import Candidate, Line, best_matches
    from interviews.services.reading import cut, read_talk
    from interviews.services.sorting import JOBS, pieces_place
    from interviews.services.suggesting import LEAST_ACTIVITY, LEAST_OTHER

    codes = tomllib.loads((ROOT / "interviews" / "starter" / "codebook.toml").read_text(encoding="utf-8"))["codes"]
    candidates = [Candidate(c["name"], c["description"], (), c.get("job", ""), c["kind"] == "activity") for c in codes]
    questions = [Question(pk=place, position=place, text=job, job=job) for place, job in enumerate(JOBS, 1)]
    labelled = tomllib.loads(LABELLED.read_text(encoding="utf-8"))
    told = [text for rows in zip(*labelled.values(), strict=True) for text in rows]
    sentences: list[str] = []
    while sum(len(text.split()) for text in sentences) < WORDS:
        sentences.append(f"{told[len(sentences) % len(told)][:-1]}, and that was number {len(sentences)}.")
    source = "\n\n".join(" ".join(sentences[at : at + 5]) for at in range(0, len(sentences), 5))
    remember(["warm"])
    began, spent = time.perf_counter(), time.process_time()
    talk = read_talk(name="long.txt", content=source.encode())
    pieces = [piece for turn in talk.turns for piece in cut(turn)]
    pieces_place(pieces, questions, tell={""})
    sorted_at, sorted_spent = time.perf_counter(), time.process_time()
    lines = [Line(text, place // 5, "") for place, text in enumerate(sentences)]
    remember.vectors.clear()  # the suggestions' job may run in another worker
    best_matches(lines, candidates, remember, least=LEAST_ACTIVITY, least_other=LEAST_OTHER)
    done, done_spent = time.perf_counter(), time.process_time()
    print(f"A transcript of {WORDS:,} words, {len(sentences)} sentences, {len(candidates)} codes:")
    print(f"  read and sorted   {sorted_at - began:5.1f} s, of the processor {sorted_spent - spent:5.1f}")
    print(f"  suggestions       {done - sorted_at:5.1f} s, of the processor {done_spent - sorted_spent:5.1f}")
    print("  (suggestions are to stay under 15 s)")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesflow.settings")
    os.environ.setdefault("SALESFLOW_ENV", "test")
    import django

    django.setup()
    measure_sorting()
    measure_speed()
