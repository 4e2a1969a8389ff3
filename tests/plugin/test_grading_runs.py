"""A judge that grades pictures, as a suite uses it."""

from __future__ import annotations

import json

import pytest
import servers
from fakes import plain_png

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
    suite.makepyfile(test_judgements=GRADING)
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


RUBRICS = """
    from pytest_vlmperception import Prompt, Rubric

    def test_knowledge(image_model, judge):
        riddle = Prompt("riddle", 'a "cake" of the autumn feast', reference={"explanation": "It shows a mooncake."})
        made = image_model.generate(riddle)
        assert judge.grade(made.stimuli, Rubric.shipped("wise")).score() >= 0.5

    def test_edits(image_model, judge):
        pictures = image_model.generate("a cat").stimuli
        for instruction in ("Make it night.", "Add snow."):
            edited = image_model.edit(pictures, {pictures[0]: instruction}).stimuli
            grades = judge.grade(zip(pictures, edited), Rubric.shipped("editing"))
            assert grades.score() >= 0.5
            pictures = edited
"""


def draws_and_grades(request):
    if request.api == "images":
        return servers.draws(lambda request: plain_png(request.text))(request)
    grades = {"consistency": 2, "realism": 2, "aesthetic_quality": 1}
    if '"over_editing"' in request.text:
        grades = {"success": 9, "over_editing": 10}
    return servers.says(request, json.dumps(grades))


def test_the_judge_is_told_what_the_generator_was_told(pytester, openai_server):
    server = openai_server(draws_and_grades)
    pytester.makepyfile(RUBRICS)
    result = pytester.runpytest(
        f"--vlm-image-model=openai/flux?base_url={server.url}", f"--vlm-judge=openai/judge?base_url={server.url}"
    )
    result.assert_outcomes(passed=2)
    texts = [request.text for request in server.requests if request.api == "chat"]
    assert r'Prompt: "a \"cake\" of the autumn feast"' in texts[0]
    assert 'Explanation: "It shows a mooncake."' in texts[0]
    # Of each round its own instruction, not the first one.
    assert [('"Make it night."' in text, '"Add snow."' in text) for text in texts[1:]] == [(True, False), (False, True)]
