"""Data sets of one's own machine: --vlm-data NAME=PATH, and what a test does without."""

from __future__ import annotations

import lookalikes
import pytest

TEST = """
    def test_distortions(stimuli):
        assert len(stimuli("quality").pairs(within="scene")) == 90

    def test_contrast(vlm, stimuli, prompts):
        contrast = stimuli("quality").select(lambda each: each.groups["distortion"] == "contrast")
        comparisons = vlm.compare(contrast.pairs(within="scene"), prompts["more_contrast"])
        assert comparisons.scale().spearman(contrast.reference("contrast")) >= 0.8

    def test_without_data():
        pass
"""

MANIFEST = """
[dataset]
layout = "tid2013"
measured = ["contrast"]
"""

REASON = (
    "quality.toml, dataset: TID2013 is not on this machine; get it from https://www.ponomarenko.info/tid2013.htm "
    "(terms: research and education, see its readme), then give --vlm-data tid2013=PATH"
)


@pytest.fixture
def quality(suite):
    """A suite with a test of a data set, which is not there yet."""
    (suite.path / "stimuli" / "quality.toml").write_text(MANIFEST)
    suite.makepyfile(test_quality=TEST)
    return suite


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "workers"])
def test_skipped_with_the_reason(quality, workers):
    result = quality.runpytest_subprocess("-rs", *workers)
    result.assert_outcomes(passed=1, skipped=2)
    # In pytest's own summary at the test's line, and in ours without -rs.
    result.stdout.fnmatch_lines([f"skipped  *{REASON}  2 tests", f"SKIPPED [[]1[]] test_quality.py:1: {REASON}"])


def test_a_plan_skips_too(quality):
    result = quality.runpytest("--vlm-plan", "-rs")
    result.assert_outcomes(passed=1, skipped=2)
    result.stdout.fnmatch_lines([f"skipped  *{REASON}  2 tests"])


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "workers"])
def test_judged_with_the_data(quality, workers):
    lookalikes.tid2013(quality.path / "data")
    result = quality.runpytest_subprocess("--vlm-data", "tid2013=data", *workers)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["passed *Spearman rho 1 *n = 2 scenes*"])


def test_paths_of_the_ini_file(quality, monkeypatch):
    lookalikes.tid2013(quality.path / "disk" / "tid 2013")
    quality.makeini("[pytest]\nvlm_data =\n    tid2013 = disk/tid 2013\n    other = disk")
    quality.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=3)
    # Relative to rootdir there, to the current folder on the command line, which goes first.
    lookalikes.tid2013(quality.path / "below" / "here")
    monkeypatch.chdir(quality.path / "below")
    quality.makeini("[pytest]\nvlm_data = tid2013 = stimuli")
    quality.runpytest("--vlm-data=tid2013=here", "..").assert_outcomes(passed=3)


BAD = {
    "no name": (["--vlm-data=data"], "*--vlm-data='data': expected NAME=PATH, such as tid2013=/data/tid2013"),
    "no path": (["--vlm-data=tid2013="], "*--vlm-data='tid2013=': expected NAME=PATH*"),
    "odd name": (["--vlm-data=../x=data"], "*--vlm-data='../x=data': expected NAME=PATH*"),
    "nothing there": (["--vlm-data=a=nowhere"], "*--vlm-data='a=nowhere': there is no file or folder '*nowhere'; *"),
    "twice": (["--vlm-data=a=stimuli", "--vlm-data=a=prompts"], "*--vlm-data='a=prompts': 'a' has another path, too;*"),
    "no user": (["--vlm-data=a=~nobody-of-that-name/x"], "*--vlm-data='~nobody-of-that-name/x': *; give another path"),
    "too long": (["--vlm-data=a=" + "x" * 5000], "*there is no file or folder*"),
}


@pytest.mark.parametrize(("options", "message"), BAD.values(), ids=BAD.keys())
def test_paths_that_cannot_be_used(quality, options, message):
    result = quality.runpytest(*options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert len([line for line in result.stderr.lines if line.strip()]) == 1
    result.stderr.fnmatch_lines([message])


def test_a_name_that_nobody_asks_for(quality):
    lookalikes.tid2013(quality.path / "data")
    result = quality.runpytest("--vlm-data=tid2031=data")
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines([
        "*StimulusError: --vlm-data tid2031=*data: no manifest asks for 'tid2031'; did you mean 'tid2013'?"
    ])
    # Another suite's data set is no mistake, nor is one that another manifest asks for.
    quality.runpytest("--vlm-data=kadid10k=data").assert_outcomes(passed=1, skipped=2)
    (quality.path / "stimuli" / "small.toml").write_text('[dataset]\nlayout = "tid2013"\ndata = "tid2013_small"')
    quality.runpytest("--vlm-data=tid2013_small=data").assert_outcomes(passed=1, skipped=2)


def test_a_path_that_is_not_the_data_set(quality):
    quality.mkdir("data")
    result = quality.runpytest("--vlm-data=tid2013=data")
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines([
        "*StimulusError: quality.toml, dataset: there is no 'mos_with_names.txt' in '*data'; give the folder of the *"
    ])


VOTES = """
    from pytest_vlmperception import human_scale

    def test_alignment(vlm, stimuli, votes, prompts):
        pictures = stimuli("lab")
        comparisons = vlm.compare(pictures.pairs(within="scene"), prompts["more_contrast"])
        assert comparisons.scale().spearman(human_scale(votes("lab"), pictures, "contrast")) >= 0.8
"""


def test_votes_of_people_as_a_reference(suite):
    (suite.path / "stimuli" / "lab.toml").write_text(
        '[dataset]\nlayout = "votes"\ndata = "lab"\npictures = "{scene}-{condition}.png"\n'
        'source = "our lab"\nlicence = "ask us"'
    )
    suite.makepyfile(VOTES)
    result = suite.runpytest("-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines([
        "*lab.toml, dataset: the table of votes is not on this machine; *our lab (terms: ask us)*"
    ])
    rows = [
        f"{observer},{scene},{one},{two},{int(one > two)},contrast"
        for observer in ("ann", "bob")
        for scene in ("cup", "tree")
        for one in range(1, 5)
        for two in range(1, 5)
        if one != two
    ]
    header = "observer,scene,condition_A,condition_B,is_A_selected,criterion"
    lookalikes.write(suite.path / "lab", {"votes.csv": "\n".join([header, *rows])})
    lookalikes.write(
        suite.path / "lab",
        {f"{scene}-{n}.png": lookalikes.png(20 * n) for scene in ("cup", "tree") for n in range(1, 5)},
    )
    result = suite.runpytest("--vlm-data=lab=lab")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["passed *Spearman rho 1 *n = 2 scenes*"])


def test_votes_of_a_set_without(suite):
    (suite.path / "stimuli" / "quality.toml").write_text(MANIFEST)
    suite.makepyfile(
        """
        def test_set(votes):
            votes("levels")

        def test_data_set(votes):
            votes("quality")
        """
    )
    lookalikes.tid2013(suite.path / "data")
    result = suite.runpytest("--vlm-data=tid2013=data")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines([
        "*levels.toml: there are no votes; add [[]dataset[]] with layout = 'votes'",
        "*quality.toml, dataset: TID2013 has no raw votes; expected layout = 'votes'",
    ])


def test_a_table_of_ones_own(suite):
    (suite.path / "stimuli" / "mine.toml").write_text('[dataset]\nlayout = "table"\ndata = "mine"\ngroups = ["scene"]')
    suite.makepyfile(
        """
        def test_scale_values(stimuli):
            mine = stimuli("mine")
            assert list(mine.reference("contrast").values()) == [-0.5, 0.5]
            assert len(mine.pairs(within="scene")) == 1
        """
    )
    rows = "file,scene,contrast\na.png,cup,-0.5\nb.png,cup,0.5\n"
    data = lookalikes.write(
        suite.path / "mine", {"stimuli.csv": rows, "a.png": lookalikes.png(), "b.png": lookalikes.png()}
    )
    for path in (data, data / "stimuli.csv"):
        suite.runpytest(f"--vlm-data=mine={path}").assert_outcomes(passed=1)
