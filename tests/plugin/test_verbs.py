"""The verbs rate and classify, and the controls of compare, as a suite uses them."""

from __future__ import annotations

import csv

import pytest
import servers

SUITE = """
    import pytest
    from pytest_vlmperception import StimulusSet

    LEVELS = StimulusSet.load("stimuli/levels.toml", beside=__file__)

    @pytest.fixture(scope="module")
    def ratings(vlm):
        return vlm.rate(LEVELS, "How much contrast?", scale=(1, 5), repeats=2)

    @pytest.fixture(scope="module")
    def labels(vlm, prompts):
        return vlm.classify(LEVELS, prompts["thing"])

    @pytest.mark.parametrize("picture", LEVELS, ids=str)
    def test_rating(ratings, picture):
        assert 1 <= ratings[picture].mean <= 5

    @pytest.mark.parametrize("picture", LEVELS, ids=str)
    def test_label(labels, picture):
        assert labels[picture].value == picture.groups["scene"]

    def test_order(ratings):
        assert ratings.spearman("contrast") >= 0.8
        assert ratings.repeat_spread() <= 0.5

    def test_things(labels):
        scene = lambda picture: picture.groups["scene"]
        assert labels.accuracy(scene) >= 0.9
        assert labels.balanced_accuracy(scene) >= 0.9
        assert labels.confusion(scene).missing.sum() == 0
        labels.to_csv("labels.csv")
        ratings_are_valid = labels.validity().valid
        assert ratings_are_valid >= 0.9
"""


@pytest.fixture
def verbs(suite):
    """A suite that rates and classifies eight pictures, one test a picture and verb, and two over all."""
    (suite.path / "prompts" / "thing.md").write_text("---\nlabels: [cup, tree]\n---\nIs it a cup or a tree?")
    suite.makepyfile(test_pictures=SUITE)
    return suite


def names(suite):
    """The names of the pictures by their bytes."""
    return {path.read_bytes(): path.stem for path in (suite.path / "stimuli").glob("*.png")}


def looks(suite):
    """Answer from the bytes of the picture: its level, or its scene."""
    known = names(suite)

    def respond(request):
        name = known[request.pictures[0]]
        return servers.says(request, f"**{name[-1]}**" if "contrast" in request.text else name[:-1].upper())

    return respond


def model(server):
    return f"--vlm-model=openai/x?base_url={server.url}"


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_each_question_is_asked_once(verbs, openai_server, workers):
    server = openai_server(servers.slow(0.05, looks(verbs)))
    result = verbs.runpytest_subprocess(model(server), *workers)
    result.assert_outcomes(passed=18)
    assert len(server.requests) == 24
    result.stdout.fnmatch_lines_random([
        "passed        Spearman rho 1 [[]0.845, 1] >= 0.8, n = 2 scenes *test_order",
        "passed        accuracy 1 [[]0.342, 1] >= 0.9, n = 2 scenes *test_things",
        "openai/x*: 24 calls, 0 hits, no failures, *",
    ])
    with (verbs.path / "labels.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["stimulus"], row["text"], row["value"]) for row in rows[:2]] == [
        ("cup1", "CUP", "cup"),
        ("cup2", "CUP", "cup"),
    ]


def test_only_what_the_selected_tests_read_is_asked(verbs, openai_server):
    server = openai_server(looks(verbs))
    verbs.runpytest(model(server), "-k", "test_label and tree3").assert_outcomes(passed=1, deselected=17)
    assert len(server.requests) == 1
    verbs.runpytest(model(server), "-k", "test_rating and tree3").assert_outcomes(passed=1, deselected=17)
    assert len(server.requests) == 3


def test_the_observer_rates_and_is_skipped_where_it_cannot_classify(verbs):
    result = verbs.runpytest("-rs")
    result.assert_outcomes(passed=9, skipped=9)
    result.stdout.fnmatch_lines([
        "SKIPPED * the prompt names no expression or emotion; the observer describes nothing else"
    ])


def test_a_plan_knows_them(verbs, openai_server):
    server = openai_server(looks(verbs))
    result = verbs.runpytest(model(server), "--vlm-plan")
    assert (result.ret, server.requests) == (0, [])
    result.stdout.fnmatch_lines(["plan  openai/x*: at least 24 calls, *"])


HALF = """
    def test_half(vlm, stimuli):
        ratings = vlm.rate(stimuli("levels"), "How much contrast?", scale=(1, 5){stated})
        assert ratings.spearman("contrast", estimand="pooled") >= -1
"""


@pytest.mark.parametrize(
    ("stated", "option", "ini", "result"),
    [
        ("", "", "", "inconclusive *valid share 0.5 < 0.9 of 8 trials (refused 4); refused: No.*"),
        (", min_valid=0.4", "", "", "passed *"),
        ("", "--vlm-valid-share=.5", "", "passed *"),
        ("", "", "0.5", "passed *"),
        ("", "--vlm-valid-share=0.6", "0.5", "inconclusive *valid share 0.5 < 0.6 of 8 trials *"),
        (", min_valid=0.7", "--vlm-valid-share=0.5", "", "inconclusive *valid share 0.5 < 0.7 of 8 trials *"),
    ],
)
def test_the_valid_share_is_stated_by_call_option_or_ini_file(suite, openai_server, stated, option, ini, result):
    known, looking, refusing = names(suite), looks(suite), servers.refusal("No.")

    def refuses_odd_levels(request):
        return (refusing if known[request.pictures[0]][-1] in "13" else looking)(request)

    server = openai_server(refuses_odd_levels)
    suite.makepyfile(HALF.format(stated=stated))
    if ini:
        suite.makeini(f"[pytest]\nvlm_valid_share = {ini}")
    suite.runpytest(model(server), *([option] if option else [])).stdout.fnmatch_lines([result])


@pytest.mark.parametrize("text", ["1.1", "-0.5", "nan", ""])
def test_a_valid_share_that_is_none_is_refused(suite, text):
    suite.makepyfile("def test_nothing(): pass")
    result = suite.runpytest(f"--vlm-valid-share={text}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*--vlm-valid-share='{text}': expected a number from 0 to 1"])


CONTROLS = """
    def test_bias(vlm, stimuli, prompts):
        comparisons = vlm.compare(stimuli("levels").pairs(), prompts["more_contrast"], repeats=2, controls="stimulus")
        assert comparisons.validity().order_consistency >= 0.9
        assert abs(comparisons.control_bias()) <= 0.2
"""


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_identical_pictures_are_asked_when_told_to(suite, openai_server, workers):
    order = sorted(path.read_bytes() for path in (suite.path / "stimuli").glob("*.png"))
    server = openai_server(servers.judged(lambda shown: "AB"[order.index(shown[0]) < order.index(shown[1])]))
    suite.makepyfile(CONTROLS)
    result = suite.runpytest_subprocess(model(server), *workers)
    result.stdout.fnmatch_lines([
        "passed        order consistency 1 [[]0.342, 1] >= 0.9, n = 2 scenes *",
        "failed        |control bias| 1 [[]0.806, 1] <= 0.2, n = 2 scenes *",
        "openai/x*: 64 calls, *",
    ])
    # 12 pairs twice in two orders, 8 pictures twice beside themselves.
    assert sum(request.pictures[0] == request.pictures[1] for request in server.requests) == 16
