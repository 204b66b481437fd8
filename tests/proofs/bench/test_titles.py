"""What relevance is measured with: titles that differ, and questions that mean words of theirs."""

from tests.proofs.bench.titles import CLASSES, make_titles, questions


def test_titles_differ_and_are_the_same_each_time() -> None:
    titles = make_titles(2_000)
    assert len({title.text for title in titles}) == 2_000
    assert titles == make_titles(2_000)
    assert len({title.language for title in titles}) == 8


def test_questions_of_each_class_mean_words_of_their_title() -> None:
    titles = make_titles(500)
    asked = list(questions(titles, 50))
    assert [sum(one.kind == kind for one in asked) for kind in CLASSES] == [50] * len(CLASSES)
    for one in asked:
        assert set(one.meant) <= set(one.title.content)
        assert (one.kind == "one typo") <= (one.text not in one.title.text)
