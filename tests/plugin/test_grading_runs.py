"""A judge that grades pictures, as a suite uses it."""

from __future__ import annotations

import json

import pytest
import servers

GRADING = """
    import pytest
    from pytest_vlmperception import Rubric, RubricQuestion

    RUBRIC = Rubric("flat", "Look.", (RubricQuestion("grey", "Is it grey?"), RubricQuestion("half", "Has it two halves?")))

    @pytest.fixture(scope="module")
    def grades(judge, stimuli):
        return judge.grade(stimuli("levels"), RUBRIC)

    def test_share(grades):
        assert grades.share_passed() >= 0.9

    def test_one(grades, stimuli):
        assert grades[stimuli("levels")[0]].passed
"""


def graded(suite, server, provider, *options):
    suite.makepyfile(test_grades=GRADING)
    return suite.runpytest(f"--vlm-judge={provider}/judge?base_url={server.url}", *options)


@pytest.mark.parametrize("provider", ["openai", "google", "anthropic"])
def test_a_judge_grades_in_every_protocol(suite, openai_server, gemini_server, anthropic_server, provider):
    start = {"openai": openai_server, "google": gemini_server, "anthropic": anthropic_server}[provider]
    server = start(servers.letter(json.dumps({"grey": "yes", "half": "yes"})))
    graded(suite, server, provider).assert_outcomes(passed=2)
    assert len(server.requests) == 8
    # Once more from the store.
    graded(suite, server, provider).assert_outcomes(passed=2)
    assert len(server.requests) == 8


def test_a_failed_judgement_fails_as_inconclusive(suite, openai_server):
    server = openai_server(servers.letter("Yes, all of them are right!"))
    result = graded(suite, server, "openai")
    result.stdout.fnmatch_lines(["inconclusive  share passed: no scene has a value; unparsed: *is not the JSON*"])
    assert result.ret == 10


SCENES = """
    import pytest
    from pytest_vlmperception import Calibration, Stimulus, checklist
    from pytest_vlmperception.pictures import encode_png
    from pytest_vlmperception.pictures.scenes import Lottery, draw_scene, place
    from pytest_vlmperception.records import Picture, Scene

    METADATA = {"include": [{"class": "star", "count": 2, "color": "red"}], "exclude": [{"class": "star", "count": 3}]}

    def drawn(name, looks, **reference):
        scene = Scene(place(looks, Lottery(name), sizes=(30, 50), width=256, height=256), width=256, height=256)
        picture = Picture(name, lambda: ("image/png", encode_png(draw_scene(scene))))
        return Stimulus(name, picture, {"prompt": name}, {**METADATA, "scene": scene, **reference})

    RED, BLUE = ("star", "red"), ("star", "blue")
    KNOWN = [drawn(f"known {n}", ([RED] * 2, [RED] * 3, [RED, BLUE], [RED] * 2)[n % 4]) for n in range(40)]
    MADE = [drawn(f"made {n}", [RED] * (2 if n < 16 else 1)) for n in range(20)]

    @pytest.fixture(scope="module")
    def calibration(vlm):
        return Calibration.of(vlm.grade(KNOWN, checklist), "scene")

    def test_judge(calibration):
        assert calibration.pictures.sensitivity >= 0.7
        assert calibration.skills["counting"].specificity >= 0.7

    def test_generator(vlm, calibration):
        grades = vlm.grade(MADE, checklist)
        assert grades.share_passed() <= 1
        corrected = calibration.correct(grades)
        assert corrected.low <= 0.8 <= corrected.high
        assert corrected >= 0.5
"""


@pytest.mark.parametrize("model", ["observer", "observer?noise=0.5&seed=3"])
def test_the_observer_is_calibrated_and_corrected_without_a_key(suite, model):
    suite.makepyfile(test_scenes=SCENES)
    result = suite.runpytest(f"--vlm-model={model}", "-v")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*corrected share*"])


def test_what_the_observer_cannot_grade_is_skipped(suite):
    suite.makepyfile(
        """
        from pytest_vlmperception import Rubric

        def test_knowledge(vlm, stimuli):
            grades = vlm.grade(stimuli("levels"), Rubric.shipped("editing"))
        """
    )
    suite.runpytest().assert_outcomes(failed=1)
    suite.makepyfile(
        """
        from pytest_vlmperception import Rubric, RubricQuestion

        def test_taste(vlm, stimuli):
            rubric = Rubric("taste", "", (RubricQuestion("nice", "Is it nice?"),))
            assert vlm.grade(stimuli("levels"), rubric).share_passed() >= 0.5
        """
    )
    result = suite.runpytest("-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*the observer grades pictures by checks*rubric without checks*"])


UNNAMED = """
    import pytest
    from pytest_vlmperception.errors import ModelError

    def test_grades_without_a_name(judge):
        assert judge.name == "observer"

    def test_reads_only_with_a_name(vlm, judge, stimuli):
        with pytest.raises(ModelError, match="no judge was named; give --vlm-judge=provider/model"):
            vlm.describe(stimuli("levels"), "Describe it.", read_with="judge")
"""


def test_the_observer_grades_where_no_judge_is_named_and_reads_nothing(suite):
    suite.makepyfile(test_unnamed=UNNAMED)
    result = suite.runpytest()
    assert result.parseoutcomes().get("passed") == 2, result.stdout.str()
