"""The fixture prompt_sets, and published numbers at the end of a run."""

from __future__ import annotations

import lookalikes
import pytest

TEST = """
    import pytest

    @pytest.fixture(scope="module")
    def shapes(prompt_sets):
        return prompt_sets("shapes")

    def test_own(shapes):
        assert shapes.names == ("00000", "00001")
        assert [prompt.groups["task"] for prompt in shapes] == ["counting", "colors"]

    def test_original(prompt_sets):
        assert len(prompt_sets("original").select(lambda prompt: prompt.groups["task"] == "counting")) == 1
"""


@pytest.fixture
def asking(suite):
    """A suite with prompts of its own, and a test of a data set that is not there yet."""
    folder = suite.mkdir("prompt_sets")
    (folder / "shapes.toml").write_text('[[geneval]]\nfile = "shapes.jsonl"')
    lines = lookalikes.GENEVAL_LINES
    (folder / "shapes.jsonl").write_text("\n".join([lines[2], lines[3]]))
    (folder / "original.toml").write_text("[[geneval]]")
    suite.makepyfile(test_asked=TEST)
    return suite


def test_skipped_without_the_data_and_run_with_them(asking):
    result = asking.runpytest("-rs")
    result.assert_outcomes(passed=1, skipped=1)
    reason = (
        "original.toml, geneval 1: GenEval is not on this machine; get it from https://github.com/djghosh13/geneval "
        "(terms: MIT), then give --vlm-data geneval=PATH"
    )
    result.stdout.fnmatch_lines([f"skipped  *{reason}  1 test"])
    lookalikes.geneval(asking.path / "data")
    asking.runpytest("--vlm-data=geneval=data").assert_outcomes(passed=2)


def test_names_that_nobody_asks_for(asking):
    lookalikes.geneval(asking.path / "data")
    result = asking.runpytest("--vlm-data=genevall=data")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([
        "*--vlm-data genevall=*data: no manifest asks for 'genevall'; did you mean 'geneval'?"
    ])
    # The pictures of the prompts are no slip of the prompts' name.
    asking.runpytest("--vlm-data=geneval_images=data").assert_outcomes(passed=1, skipped=1)


def test_a_set_that_is_not_there(asking):
    asking.makepyfile(test_asked="def test_it(prompt_sets): prompt_sets('shape')")
    result = asking.runpytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([
        "*StimulusError: there is no prompt set 'shape' in *prompt_sets or a prompt_sets/ folder above it; "
        "did you mean 'shapes'? known: original, shapes"
    ])


def test_a_suite_cannot_reach_out(asking):
    (asking.path.parent / "secret.jsonl").write_text("secret")
    (asking.path / "prompt_sets" / "shapes.toml").write_text('[[geneval]]\nfile = "../../secret.jsonl"')
    result = asking.runpytest("-k", "own")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*'../../secret.jsonl' leads out of its suite*"])


BESIDE = """
    from pytest_vlmperception import beside, published

    def test_share(vlm, stimuli, prompts, request):
        pictures = stimuli("levels")
        comparisons = vlm.compare(pictures.pairs(within="scene"), prompts["more_contrast"])
        rho = comparisons.scale().spearman(pictures.reference("contrast"))
        lines = beside({"overall": rho}, published("reason_edit"), model=vlm.name)
        request.node.user_properties.append(("published", "\\n".join(lines)))
        assert rho >= 0.8
"""


SHOWN = [
    "*perception (*",
    "passed *Spearman rho 1 *",
    "Reason-Edit in GPT-ImgEval: *",
    "observer *1.000",
    "GPT-4o *0.929",
    "SEED-X *0.239",
    "observer: 24 calls*",
]


def test_published_numbers_at_the_end_of_the_run(suite):
    suite.makepyfile(BESIDE)
    # A plan judges nothing, so it shows nothing.
    assert "Reason-Edit in" not in str(suite.runpytest("--vlm-plan").stdout)
    result = suite.runpytest("--junitxml=junit.xml")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(SHOWN)
    assert 'name="published"' in (suite.path / "junit.xml").read_text()


def test_published_numbers_once_with_workers(suite):
    suite.makepyfile(BESIDE)
    result = suite.runpytest_subprocess("-n", "2")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(SHOWN)
    assert str(result.stdout).count("Reason-Edit in GPT-ImgEval: ") == 1
