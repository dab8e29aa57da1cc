# ruff: noqa: RUF001 (letters of other scripts are meant)
"""What is worth the model's look, and what is said unasked."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stores import gate
from stores.ranking import Numbers


def numbers(*values: float) -> Numbers:
    return np.array(values, np.float32)


NAMES = frozenset({"Ana", "Bo Berg"})


def candidates(scores: Numbers, keywords: Numbers, cosines: Numbers | None, covered: Numbers, new: float = 5) -> gate.Candidates:
    """Of a question of equally rare words."""
    some = (covered > 0).astype(np.float32)
    return gate.Candidates(scores, keywords, cosines, covered, 0.8 * some, some, np.full(len(scores), new, np.float32))


def test_one_that_stands_out_is_said_unless_it_says_nothing_new() -> None:
    standing_out = numbers(1.4, 0.3, 0.3), numbers(0.8, 0.0, 0.0), numbers(0.75, 0.2, 0.2), numbers(0.8, 0.0, 0.0)
    assert gate.surfaced(gate.confidences(candidates(*standing_out)), [False] * 3) == [0]
    much, little = (gate.confidences(candidates(*standing_out, new=new))[0] for new in (5, 1))
    assert much > little


def test_silence_when_nothing_fits() -> None:
    for cosines in (numbers(0.2, 0.2), None):
        found = candidates(numbers(0.25, 0.24), numbers(0.1, 0.1), cosines, numbers(0.1, 0.1))
        assert gate.surfaced(gate.confidences(found), [False] * 2) == []


def test_without_vectors_words_that_nobody_else_shares_are_enough() -> None:
    found = candidates(numbers(1.0, 0.1), numbers(1.2, 0.1), None, numbers(1.0, 0.1))
    assert gate.surfaced(gate.confidences(found), [False] * 2) == [0]


def test_at_most_a_few_are_said_however_well_all_fit() -> None:
    ones = np.ones(gate.CONSIDERED, np.float32)
    assert len(gate.confidences(candidates(ones, ones, ones, ones))) == gate.AT_MOST


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_candidates_have_an_answer(count: int) -> None:
    few = np.full(count, 0.3, np.float32)
    for cosines in (few, None):
        found = candidates(few, few, cosines, few)
        assert len(gate.confidences(found)) == count
        assert gate.features(found).shape == (count, len(gate.WITH_VECTORS.weights))
    assert gate.surfaced([], []) == []


def test_what_is_no_number_is_no_reason_to_speak() -> None:
    sure = gate.confidences(candidates(numbers(0.2), numbers(0.1), numbers(math.nan), numbers(0.1)))
    assert all(math.isfinite(s) and s < 0 for s in sure)
    assert gate.fits_context(numbers(0, 0.1, 0), numbers(math.nan, math.nan, 0.5)) == [False, True, True]


def test_the_context_takes_what_shares_a_word_or_is_near() -> None:
    assert gate.fits_context(numbers(0.01, 0, 0), numbers(0, gate.FAINT, gate.FAINT / 2)) == [True, True, False]
    assert gate.fits_context(numbers(0.01, 0), None) == [True, False]


@pytest.mark.parametrize(
    ("question", "sentence", "another"),
    [
        ("What does Ana like?", "Bo likes tea.", True),
        ("What does Ana like?", "Ana and Bo like tea.", False),
        ("What does Ana like?", "Bo Berg and Ana like tea.", False),
        ("What does Ana like?", "Bo likes tea with Ana.", True),
        ("What does Bo say of Ana?", "Bo likes tea with Ana.", False),
        ("What does ana like?", "Tea is liked here.", False),
        ("What is liked?", "Bo likes tea.", False),
        ("Analysis of bows?", "Bo likes tea.", False),
        ("", "", False),
    ],
)
def test_the_wrong_person_is_noticed(question: str, sentence: str, another: bool) -> None:
    assert gate.about_another(question, sentence, NAMES) is another
    assert gate.about_another(question, sentence, frozenset({"", " "})) is False


@pytest.mark.parametrize(
    ("asked", "told", "both"),
    [
        ("田中さんは何が好き？", "鈴木さんはお茶が好き。", "鈴木さんと田中さんはお茶が好き。"),
        ("王芳喜欢什么？", "李强喜欢茶。", "李强和王芳喜欢茶。"),
        ("민지 씨는 뭘 좋아해요?", "지훈 씨는 차를 좋아한다.", "지훈과 민지는 차를 좋아한다."),
        ("สมศรีชอบอะไร", "สมชายชอบชา", "สมชายและสมศรีชอบชา"),
        ("मीना को क्या पसंद है?", "रवि को चाय पसंद है।", "रवि और मीना को चाय पसंद है।"),
        ("Что любит Анна?", "Борису нравится чай.", "Борису и Анне нравится чай."),
        ("Τι αρέσει στη Μαρία;", "Ο Νίκος αγαπά το τσάι.", "Ο Νίκος ή η Μαρία αγαπά το τσάι."),
        ("מה מרים אוהבת?", "דוד אוהב תה.", "מרים ודוד אוהבים תה."),
        ("ماذا تحب مريم؟", "سمير يحب الشاي.", "سمير و مريم يحبان الشاي."),
    ],
)
def test_the_wrong_person_is_noticed_in_any_script(asked: str, told: str, both: str) -> None:
    spaced = "田中 太郎;鈴木;王芳;李强;민지;지훈;สมศรี;สมชาย;मीना;रवि;Анна Иванова;Борис;Μαρία;Νίκος;מרים;דוד;مريم;سمير"
    names = frozenset(spaced.split(";"))
    assert gate.about_another(asked, told, names)
    assert not gate.about_another(asked, both, names)


def test_the_surest_is_said_first_and_more_only_when_they_are_surer() -> None:
    assert gate.surfaced([1.0, 2.0, 0.5], [False] * 3) == [1]
    assert gate.surfaced([1.6, 2.0, -0.5], [False] * 3) == [1, 0]
    assert gate.surfaced([-0.1, -0.2], [False] * 2) == []


def test_what_is_about_another_person_is_not_said() -> None:
    assert gate.surfaced([2.0, 1.0], [True, False]) == [1]
    assert gate.surfaced([2.0, -1.0], [True, False]) == []
