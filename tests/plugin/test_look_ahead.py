"""Only what the selected tests read is asked, and it is asked before they read it."""

from __future__ import annotations

import pytest
import servers


@pytest.fixture
def cup(openai_server):
    return openai_server(servers.slow(0.2, servers.letter("a cup")))


def model(server):
    return f"--vlm-model=openai/x?base_url={server.url}"


def test_tests_of_one_question_are_asked_together(describing, cup):
    describing.runpytest(model(cup)).assert_outcomes(passed=8)
    assert len(cup.requests) == 8
    assert cup.max_in_flight == 8


def test_deselected_tests_ask_nothing(describing, cup):
    describing.runpytest(model(cup), "-k", "tree3").assert_outcomes(passed=1, deselected=7)
    assert len(cup.requests) == 1


def test_two_workers_ask_each_question_once(describing, cup):
    result = describing.runpytest_subprocess(model(cup), "-n", "2")
    result.assert_outcomes(passed=8)
    assert len(cup.requests) == 8
    result.stdout.fnmatch_lines(["openai/x*: 8 calls, 0 hits, no failures, tokens 880 in, 56 out, USD unknown"])


def test_an_analysis_asks_the_whole_set_even_where_one_test_is_selected(describing, cup):
    with (describing.path / "test_texts.py").open("a") as file:
        file.write(
            "\ndef test_share(descriptions):\n"
            "    assert descriptions.share(lambda picture, said: said.text == 'a cup') >= 0.9\n"
        )
    describing.runpytest(model(cup), "-k", "share or tree3").assert_outcomes(passed=2, deselected=7)
    assert len(cup.requests) == 8


def test_a_loop_over_a_set_is_asked_together(describing, cup):
    describing.makepyfile(
        test_loop="""
        import pytest
        from pytest_vlmperception import StimulusSet

        LEVELS = StimulusSet.load("stimuli/levels.toml", beside=__file__)

        @pytest.fixture(scope="module")
        def descriptions(vlm):
            return vlm.describe(LEVELS, "What is it?")

        def test_all(descriptions):
            for picture in LEVELS:
                assert descriptions[picture].text == "a cup"
        """
    )
    describing.runpytest(model(cup), "test_loop.py").assert_outcomes(passed=1)
    assert cup.max_in_flight == 7


def test_ids_as_parameters_are_understood(describing, cup):
    describing.makepyfile(
        test_ids="""
        import pytest
        from pytest_vlmperception import StimulusSet

        LEVELS = StimulusSet.load("stimuli/levels.toml", beside=__file__)

        @pytest.fixture(scope="module")
        def descriptions(vlm):
            return vlm.describe(LEVELS, "What is it?")

        @pytest.mark.parametrize("name", ["cup1", "cup2", "tree4"])
        def test_name(descriptions, name):
            assert descriptions[name].text == "a cup"
        """
    )
    describing.runpytest(model(cup), "test_ids.py").assert_outcomes(passed=3)
    assert (len(cup.requests), cup.max_in_flight) == (3, 3)


def test_the_concurrency_limit_holds_over_workers(describing, cup):
    describing.runpytest_subprocess(model(cup), "-n", "2", "--vlm-concurrency=3").assert_outcomes(passed=8)
    assert cup.max_in_flight <= 3
    assert len(cup.requests) == 8


def test_a_text_that_was_not_asked_for_is_a_key_error(describing, cup):
    describing.makepyfile(
        test_unknown="""
        import pytest

        def test_unknown(vlm, stimuli):
            with pytest.raises(KeyError, match="'cup9' was not asked"):
                vlm.describe(stimuli("levels"), "What is it?")["cup9"]
        """
    )
    describing.runpytest(model(cup), "test_unknown.py").assert_outcomes(passed=1)


def test_repeats_are_separate_draws_and_the_first_text_is_read(suite, openai_server):
    texts = iter(["a cup", "a mug", "a cup"])
    server = openai_server(lambda request: servers.says(request, next(texts)))
    suite.makepyfile(
        """
        def test_draws(vlm, stimuli):
            said = vlm.describe(list(stimuli("levels"))[:1], "What is it?", repeats=3)["cup1"]
            assert sorted(draw.text for draw in said.draws) == ["a cup", "a cup", "a mug"]
            assert [draw.repeat for draw in said.draws] == [0, 1, 2]
            assert said.status == "answered"
        """
    )
    suite.runpytest(model(server)).assert_outcomes(passed=1)
