"""The numbers behind recall."""

from __future__ import annotations

import numpy as np
import pytest

from stores import ranking
from stores.ranking import Numbers
from stores.search import Found
from tests.stores.town import evidence, insight


def numbers(*values: float) -> Numbers:
    return np.array(values, np.float32)


def test_a_stem_is_worth_more_for_each_place_it_stands_in() -> None:
    taught = evidence("C1", "ana", "public", terms=("egress", "cloud"))
    stems = ranking.stems_of(
        insight("1", taught, sentence="Egress hurts.", cues=("choosing a cloud", "egress, egress"), things=("Datadog",))
    )
    assert stems["egress"] == ranking.SENTENCE + ranking.CUES + ranking.SOURCE
    assert stems["cloud"] == ranking.CUES + ranking.SOURCE
    assert stems["datadog"] == ranking.CUES


def test_a_stem_that_a_sentence_repeats_is_worth_more_up_to_a_limit() -> None:
    worth = [ranking.stems_of(insight("1", evidence("C1", "ana", "public"), sentence="egress " * n))["egress"] for n in (1, 2, 4, 50)]
    assert worth == [1, 2, 3, 3]


@pytest.mark.parametrize("text", ["", " ", "?!", "what is the", "🎉🎉", "\ud800", "\x00"])
def test_a_question_that_says_nothing_wants_nothing(text: str) -> None:
    assert ranking.wanted(text) == {}


def test_how_one_asks_counts_less_than_what_is_asked_for() -> None:
    wanted = ranking.wanted("Can you summarize the discussion about egress?")
    assert wanted["egress"] == 1.0
    assert wanted.keys() > {"egress"}
    assert {count for stem, count in wanted.items() if stem != "egress"} == {ranking.ASKED}
    assert ranking.wanted("Fasse die Diskussion über Hafermilch zusammen")["hafermilch"] == 1.0
    assert set(ranking.wanted("summary").values()) == {ranking.ASKED}


def test_a_long_question_counts_by_its_first_stems_and_an_expansion_less() -> None:
    assert len(ranking.wanted(" ".join(f"word{n}" for n in range(50_000)))) == ranking.QUESTION_STEMS
    assert ranking.wanted("Datadog", "datadog monitors") == {"datadog": 1.0, "monitor": ranking.TOGETHER}


def test_words_of_an_unknown_language_are_compared_as_they_are() -> None:
    assert set(ranking.wanted("რომელი პროვაიდერი?")) == {"რომელი", "პროვაიდერი"}


def test_a_rare_stem_counts_more_and_none_counts_nothing_or_less() -> None:
    found = ranking.rarity(np.array([0, 1, 10, 100]), 100)
    assert list(found) == sorted(found, reverse=True)
    assert (found > 0).all()


def test_one_shared_word_of_many_is_worth_little_even_when_nobody_shares_more() -> None:
    assert ranking.share(numbers(3.0), [1.0] * 6, [3.0] * 6) == pytest.approx([1 / 6])
    assert ranking.share(numbers(0.0), [], []) == pytest.approx([0])


def test_what_all_have_in_common_is_taken_off_less_where_few_are_known() -> None:
    question, mean = numbers(1, 0), numbers(0.4, 0.4)
    assert ranking.aim(question, mean, 0) == pytest.approx(question)
    few, many = ranking.aim(question, mean, ranking.FEW), ranking.aim(question, mean, 100_000)
    assert few == pytest.approx([0.9, -0.1])
    assert many == pytest.approx([0.8, -0.2], abs=1e-3)


def test_without_vectors_keywords_decide_and_no_number_is_none_at_all() -> None:
    assert ranking.fuse(numbers(0.5), None) == pytest.approx([0.5 * ranking.KEYWORDS])
    assert ranking.fuse(numbers(0.5), numbers(np.nan)) == pytest.approx([0.5 * ranking.KEYWORDS])


def test_the_best_other_insight_of_a_conversation_helps() -> None:
    raised = ranking.with_company(numbers(0.9, 0.5, 0.4, 0.3), np.array([7, -1, 7, 8]))
    assert raised == pytest.approx([0.9 + ranking.COMPANY * 0.4, 0.5, 0.4 + ranking.COMPANY * 0.9, 0.3])


@pytest.mark.parametrize("scores", [[], [0.3], [-0.2, -0.1]])
def test_company_of_few_or_of_what_fits_badly_changes_nothing(scores: list[float]) -> None:
    assert ranking.with_company(numbers(*scores), np.full(len(scores), 3)) == pytest.approx(scores)


def test_company_does_not_depend_on_the_order() -> None:
    rng = np.random.default_rng(3)
    scores, conversations = rng.random(50).astype(np.float32), rng.integers(-1, 6, 50)
    shuffled = rng.permutation(50)
    assert ranking.with_company(scores[shuffled], conversations[shuffled]) == pytest.approx(
        ranking.with_company(scores, conversations)[shuffled]
    )


def test_what_is_merely_near_is_not_sure() -> None:
    near, shared, certain = insight("near"), insight("shared"), insight("certain")
    scores = {"near": {"keywords": 0.0, "surface": -0.4}, "shared": {"keywords": 0.1}, "certain": {"keywords": 0.0, "surface": 0.2}}
    assert Found((near, shared, certain), {}, scores=scores).sure == (shared, certain)
