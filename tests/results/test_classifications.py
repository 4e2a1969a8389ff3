"""Labels beside reference labels: confusion, accuracies, and what is lost."""

from __future__ import annotations

import csv

import pytest

from pytest_vlmperception import Inconclusive, Refused, Reply, Stimulus, Unavailable, UsageError
from pytest_vlmperception.errors import CallError
from pytest_vlmperception.records import Picture

LABELS = ["happy", "sad", "angry"]


def face(name, label, **groups):
    data = name.encode()
    return Stimulus(name, Picture(name, lambda: ("image/png", data)), groups, {"emotion": label})


# Four happy, two sad, two angry faces of two people.
FACES = [
    face(f"{label}{number}", label, identity=("ann", "bob")[number % 2])
    for label, count in (("happy", 4), ("sad", 2), ("angry", 2))
    for number in range(count)
]


def shown(question):
    return question.pictures[0].bytes.decode()


def says(answers):
    """Answer by the name of the picture; by default what the name says."""
    return lambda question: Reply("answered", answers.get(shown(question), shown(question)[:-1]))


def test_confusion_has_references_in_rows_and_answers_in_columns(ask):
    answers = {"happy0": "sad", "sad1": "ANGRY.", "angry1": "happy or sad"}
    found = ask(says(answers)).classify(FACES, "Which?", labels=LABELS, min_valid=0.8)
    confusion = found.confusion("emotion")
    assert confusion.labels == ("happy", "sad", "angry")
    assert confusion.counts.tolist() == [[3, 1, 0], [0, 1, 1], [0, 0, 1]]
    assert confusion.missing.tolist() == [0, 0, 1]
    assert confusion.recall == {"happy": 0.75, "sad": 0.5, "angry": 1.0}
    assert str(confusion).splitlines() == [
        "reference  happy  sad  angry  missing",
        "happy          3    1      0        0",
        "sad            0    1      1        0",
        "angry          0    0      1        1",
    ]
    with pytest.raises(ValueError, match="read-only"):
        confusion.counts[0, 0] = 9


def test_accuracy_is_the_mean_over_people(ask):
    found = ask(says({"happy0": "sad", "happy2": "sad"})).classify(FACES, "Which?", labels=LABELS)
    accuracy = found.accuracy("emotion")
    # Ann has happy0, happy2, sad0, angry0, two of them wrong; Bob has four that are right.
    assert (accuracy.value, accuracy.n, accuracy.unit, accuracy.name) == (0.75, 2, "identity", "accuracy")
    assert accuracy.units == (("ann", 0.5), ("bob", 1.0))


def test_balanced_accuracy_of_a_model_that_always_says_happy_is_one_in_three(ask):
    found = ask(lambda question: Reply("answered", "happy")).classify(FACES, "Which?", labels=LABELS)
    assert found.accuracy("emotion").value == 0.5
    balanced = found.balanced_accuracy("emotion")
    assert balanced.value == pytest.approx(1 / 3)
    assert (balanced.n, balanced.unit) == (2, "identity")


def test_kappa_is_agreement_beyond_chance(ask):
    # Table 1 of https://en.wikipedia.org/wiki/Cohen's_kappa: 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no give 0.4.
    table = {("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15}
    faces = [face(f"{a}-{b}-{n}", a) for (a, b), count in table.items() for n in range(count)]
    model = ask(lambda question: Reply("answered", shown(question).split("-")[1]))
    kappa = model.classify(faces, "Smiling?", labels=["yes", "no"]).kappa("emotion")
    assert kappa.value == pytest.approx(0.4)
    assert (kappa.n, kappa.unit) == (50, "stimulus")


def test_one_answer_for_all_agrees_as_much_as_chance(ask):
    happy = ask(lambda question: Reply("answered", "happy"))
    assert happy.classify(FACES, "Which?", labels=LABELS).kappa("emotion").value == 0.0
    # Where the truth is constant, too, there is nothing to agree on.
    with pytest.raises(Inconclusive, match="Cohen's kappa: both raters gave one category throughout"):
        assert happy.classify(FACES[:4], "Which?", labels=LABELS).kappa("emotion") >= 0


def test_repeats_are_averaged_within_their_stimulus(ask):
    def changes_its_mind(question):
        return Reply("answered", "sad" if question.repeat == 0 else "happy")

    found = ask(changes_its_mind).classify(FACES[:4], "Which?", labels=LABELS, repeats=4)
    accuracy = found.accuracy("emotion")
    assert (accuracy.value, accuracy.n) == (0.75, 2)
    assert found["happy0"].value == "happy"
    assert found.confusion("emotion").counts.sum() == 16


def test_without_groups_stimuli_are_the_units(ask):
    plain = [face(f"happy{number}", "happy") for number in range(5)]
    one_person = [face(f"happy{number}", "happy", identity="ann") for number in range(5)]
    for faces in (plain, one_person):
        accuracy = ask(says({"happy1": "sad"})).classify(faces, "Which?", labels=LABELS).accuracy("emotion")
        assert (accuracy.value, accuracy.n, accuracy.unit) == (0.8, 5, "stimulus")


def test_of_several_groupings_the_coarsest_is_independent(ask):
    faces = [face(f"sad{n}", "sad", clip=f"clip{n // 2}", identity=f"person{n // 4}") for n in range(8)]
    accuracy = ask(says({})).classify(faces, "Which?", labels=LABELS).accuracy("emotion")
    assert (accuracy.n, accuracy.unit) == (2, "identity")


def test_a_reference_is_a_key_a_mapping_or_a_function(ask):
    found = ask(says({"happy0": "sad"})).classify(FACES, "Which?", labels=LABELS)
    expected = found.accuracy("emotion").value
    assert found.accuracy(lambda face: face.id[:-1].upper()).value == expected
    assert found.accuracy({face: face.reference["emotion"] for face in FACES}).value == expected


@pytest.mark.parametrize(
    ("reference", "match"),
    [
        ("emotoin", "there is no reference value 'emotoin' for 'happy0'; did you mean 'emotion'"),
        ({}, "there is no reference value for 'happy0'; give one for each stimulus that was asked"),
        (lambda face: None, "there is no reference value for 'happy0'"),
        (lambda face: "joy", "the reference 'joy' of 'happy0' is none of the labels: happy, sad, angry"),
        (3, "reference=3; expected a key of Stimulus.reference, a mapping or a function"),
    ],
)
def test_a_reference_that_is_not_there_is_bad_input(ask, reference, match):
    found = ask(says({})).classify(FACES, "Which?", labels=LABELS)
    with pytest.raises(UsageError, match=match):
        found.accuracy(reference)


def test_a_model_that_refuses_half_decides_nothing(ask):
    def refuses_sad_and_angry(question):
        return says({})(question) if shown(question).startswith("happy") else Reply("refused", "I do not do faces.")

    found = ask(refuses_sad_and_angry).classify(FACES, "Which?", labels=LABELS)
    for statistic in (found.accuracy, found.balanced_accuracy, found.kappa):
        with pytest.raises(
            Inconclusive, match=r"valid share 0.5 < 0.9 of 8 trials \(refused 4\); refused: I do not do faces."
        ):
            assert statistic("emotion") >= 0.5
    assert found.confusion("emotion").missing.tolist() == [0, 2, 2]
    with pytest.raises(Refused, match="I do not do faces"):
        _ = found["sad0"].value


def test_a_class_without_an_answer_has_no_recall(ask):
    def refuses_angry(question):
        return Reply("refused", "no") if shown(question).startswith("angry") else says({})(question)

    found = ask(refuses_angry).classify(FACES, "Which?", labels=LABELS, min_valid=0.5)
    assert found.accuracy("emotion") >= 0.9
    with pytest.raises(Inconclusive, match="balanced accuracy: no stimulus that is 'angry' has an answer"):
        assert found.balanced_accuracy("emotion") >= 0.5


def test_answers_that_could_not_be_had_are_unavailable(ask):
    def fails(question):
        raise CallError("OPENAI_API_KEY is not set", "key", sent=False)

    found = ask(fails).classify(FACES, "Which?", labels=LABELS)
    for statistic in (found.accuracy, found.balanced_accuracy, found.kappa):
        with pytest.raises(Unavailable, match="OPENAI_API_KEY is not set"):
            assert statistic("emotion") >= 0.5


def test_csv_has_one_row_a_trial(ask, tmp_path):
    found = ask(says({"sad1": "*Angry*"})).classify(FACES, "Which?", labels=LABELS, repeats=2)
    found.to_csv(tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 16
    (row,) = [row for row in rows if row["stimulus"] == "sad1" and row["repeat"] == "1"]
    assert (row["text"], row["value"], row["status"]) == ("*Angry*", "angry", "answered")
