"""`tacit rank`: the product's own index, embedder and gate, put to any corpus. Nothing is kept."""

from __future__ import annotations

import asyncio
import calendar
import datetime
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from bot.corpus import Asked, Line
from bot.lines import Label
from stores import gate, ranking
from stores.audience import Place, Readers
from stores.embedder import Embedder, Vectors
from stores.index.entries import entry_of, key, texts_of
from stores.index.index import HybridIndex
from stores.index.mask import view_of
from stores.index.matrix import Numbers
from stores.index.questions import LONGEST
from stores.index.scoring import Fit, Proposals
from stores.index.sight import Sight
from stores.insights import Evidence, Insight, Taught
from stores.search import Part
from stores.terms import terms

MOST = 20  # insights that are named for a question
AT_ONCE = 512  # texts that are embedded between two words about progress

Say = Callable[[str], None]
Audience = frozenset[Label] | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is found for one question: ids and scores, best first; and those that would be said unasked."""

    question: Label
    ranked: list[tuple[Label, float]]
    surfaced: list[Label]

    def line(self) -> str:
        """As it is written to standard output."""
        found = [[identity, score] for identity, score in self.ranked]
        return json.dumps({"question": self.question, "ranked": found, "surfaced": self.surfaced}, ensure_ascii=False)


async def rank(corpus: Sequence[Line], questions: Sequence[Asked], embedder: Embedder | None, say: Say) -> list[Answer]:
    """Every question's answer, in order. `say` is told how far it is. Raises `EmbeddingFailed`."""
    texts = [texts_of(insight_of(n, corpus)) for n in range(len(corpus))]
    sentences = await _embedded(embedder, [sentence for sentence, _ in texts], "insights", say)
    cues = await _embedded(embedder, [cue for _, cue in texts], "cues", say)
    asked = await _embedded(embedder, [q.text[:LONGEST] for q in questions], "questions", say)

    @cache
    def searched(group: Label | None) -> Searched:
        rows = [n for n, line in enumerate(corpus) if group is None or line.group == group]
        return Searched(corpus, rows, sentences, cues)

    def answers() -> Iterator[Answer]:
        for n, question in enumerate(questions):
            if n % AT_ONCE == 0:
                say(f"ranking: {n} of {len(questions)} questions")
            yield searched(question.group).answer(question, None if asked is None else asked[n])

    return await asyncio.to_thread(lambda: list(answers()))


class Searched:
    """Some lines of a corpus (`rows`), in an index of their own. A line's id in it is its number in the corpus, as a text."""

    def __init__(self, corpus: Sequence[Line], rows: Iterable[int], sentences: Vectors | None, cues: Vectors | None) -> None:
        self._corpus, self._rows = corpus, list(rows)
        self._index = HybridIndex("one" if sentences is not None else "", 64 if sentences is None else sentences.shape[1])
        for row in self._rows:
            vectors = None if sentences is None or cues is None else (_vector(sentences[row]), _vector(cues[row]))
            self._index.upsert(entry_of(insight_of(row, corpus)), vectors)
        self._index.merge()
        self._places = {_place(corpus[row].audience): corpus[row].audience for row in self._rows}
        self._named: dict[frozenset[str], frozenset[str]] = {}

    def answer(self, question: Asked, vector: Numbers | None) -> Answer:
        """The question's answer; `vector` is its own, None where there are none."""
        found = self.found(question, vector)
        ranked = [(self._corpus[int(n)].id, scores["score"]) for n, scores in found.scores.items()]
        return Answer(question.id, ranked, [self._corpus[n].id for n in self.surfaced(question, found)])

    def surfaced(self, question: Asked, found: Proposals) -> list[int]:
        """The lines among those found that would be said unasked, best first."""
        sure = {int(n): scores["surface"] for n, scores in found.scores.items() if "surface" in scores}
        numbers = list(sure)
        return [numbers[at] for at in gate.surfaced(list(sure.values()), self.barred(question, numbers))]

    def found(self, question: Asked, vector: Numbers | None) -> Proposals:
        """What the index proposes to these readers."""
        places = {place: Place(place, "public" if audience is None else "private") for place, audience in self._places.items()}
        view = view_of(self._index, Sight(Readers("", "", "dm", rooms=self._readable(question)), places))
        wanted = {key(stem): weight for stem, weight in ranking.wanted(question.text[:LONGEST]).items()}
        return Fit(self._index, view, wanted, None if vector is None else _vector(vector)).propose([Part(MOST)])[0]

    def barred(self, question: Asked, numbers: Sequence[int]) -> list[bool]:
        """For each of these lines whether it speaks of other people than the question; known are the speakers these readers see."""
        readable = self._readable(question)
        if readable not in self._named:
            lines = (self._corpus[row] for row in self._rows)
            self._named[readable] = frozenset(line.speaker for line in lines if line.speaker and _place(line.audience) in readable)
        return [gate.about_another(question.text, standing_alone(self._corpus[n]), self._named[readable]) for n in numbers]

    def _readable(self, question: Asked) -> frozenset[str]:
        return frozenset(place for place, audience in self._places.items() if audience is None or audience & question.readers)


def insight_of(number: int, corpus: Sequence[Line]) -> Insight:
    """A line as an insight that was taught where its audience is. What was said on one date in one group is one conversation.

    Its evidence holds the words of its source, of who said it and of when. A message as it was said, with no source, often rests on what it
    answers, so that its source is the message before it.
    """
    line, before = corpus[number], corpus[number - 1] if number else None
    source = line.source or (before.text if before and spoken(line) and _follows(line, before) else "")
    said = tuple(terms(f"{line.speaker} {in_words(line.date)} {source}"))
    conversation = json.dumps([line.group, line.date or number])
    taught: Taught = "public" if line.audience is None else "private"
    evidence = Evidence(str(number), _place(line.audience), conversation, line.speaker, 0.0, taught, terms=said)
    return Insight(str(number), "", "", "", standing_alone(line), (evidence,), line.cues)


def standing_alone(line: Line) -> str:
    """The line so that it can be understood alone, as every insight is worded: with who said it."""
    return f"{line.speaker} said: {line.text}" if spoken(line) else line.text


def spoken(line: Line) -> bool:
    """Whether a line is a message as it was said, whose speaker stands beside it and not in it."""
    return bool(line.speaker and line.text.strip()) and re.search(rf"\b{re.escape(line.speaker)}\b", line.text, re.IGNORECASE) is None


def in_words(date: str) -> str:
    """A date such as 2023-05-08 with the name of its month, as people ask for it; any other as it is."""
    try:
        day = datetime.date.fromisoformat(date[:10])
    except ValueError:
        return date
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


def _follows(line: Line, before: Line) -> bool:
    together = (line.group, line.date, line.audience) == (before.group, before.date, before.audience)
    return together and (line.group is not None or line.date != "")


def _place(audience: Audience) -> str:
    """One private place for each set of readers, one public place for what everybody may see."""
    return "" if audience is None else json.dumps(sorted(map(json.dumps, audience)))


def _vector(vector: Numbers) -> Numbers | None:
    return vector if np.isfinite(vector).all() and vector.any() else None


async def _embedded(embedder: Embedder | None, texts: Sequence[str], what: str, say: Say) -> Vectors | None:
    """The texts' vectors, zeros for blank ones; None without an embedder."""
    if embedder is None:
        return None
    vectors = np.zeros((len(texts), embedder.dimensions), np.float32)
    wanted = [n for n, text in enumerate(texts) if text.strip()]
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        say(f"embedding: {start} of {len(wanted)} {what}")
        vectors[part] = await embedder.embed([texts[n] for n in part])
    return vectors
