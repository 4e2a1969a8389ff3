"""The image-quality suite, made small, with models that answer oddly and with votes of people; the paper's protocol."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import servers

from pytest_vlmperception import StimulusSet

ROOT = Path(__file__).parent.parent
SUITE = ROOT / "suites" / "image_quality"
PROTOCOL = ROOT / "docs" / "protocols" / "image_quality_paper.py"


def run(folder, *options):
    """Run pytest on a folder; return the exit code, the lines of the verdicts by result, and the output."""
    where = ["-p", "no:cacheprovider", f"--vlm-cache-dir={folder / 'answers'}", "-q", "-rA"]
    command = [sys.executable, "-m", "pytest", *where, *map(str, options)]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    lines = re.findall("^(passed|failed|inconclusive|skipped)  +(.*)", result.stdout, re.MULTILINE)
    told = {key: [line for name, line in lines if name == key] for key, _ in lines}
    return result.returncode, told, result.stdout


def has(lines, pattern):
    return [line for line in lines if re.search(pattern, line)]


SCENES = ("chelsea", "coffee", "rocket")
SERIES = "[series]\ncontrast = {contrast}\nchroma = {chroma}\nlongest_side_px = 48\n"
EQUAL = [0.7] * 5
STEPS = [0.7, 0.73, 0.78, 0.86, 1.0]


def manifest(contrast, chroma):
    entries = [f'[[renderings]]\nscene = "{scene}"\nphotograph = "skimage:{scene}"\n' for scene in SCENES]
    return SERIES.format(contrast=contrast, chroma=chroma) + "".join(entries)


@pytest.fixture
def small(tmp_path):
    """The suite with three small photographs in four renderings and four steps: 468 questions."""
    suite = shutil.copytree(SUITE, tmp_path / "suite", ignore=shutil.ignore_patterns("__pycache__"))
    (suite / "stimuli" / "renderings.toml").write_text(manifest([1.0, 0.8, 0.6, 0.4], [0.6, 0.4, 1.0, 0.8]))
    (suite / "stimuli" / "contrast_steps.toml").write_text(manifest(STEPS, EQUAL))
    (suite / "stimuli" / "colorfulness_steps.toml").write_text(manifest(EQUAL, STEPS))
    return suite


def test_two_models(small, tmp_path):
    code, told, output = run(tmp_path, small, "--vlm-model=observer", "--vlm-model=observer?noise=0.5", "-k", "model")
    assert code == 0, output
    assert len(has(told["passed"], r"minority share % between models [\d.]+ \[.*\] <= 25, n = 3 scenes")) == 3
    # The models are in the ids only of tests that run once for each of them.
    assert not has(re.findall(r"^PASSED (\S+)", output, re.MULTILINE), "observer")


def test_thresholds_of_a_noisy_observer(small, tmp_path):
    _, _, output = run(tmp_path, small, "--vlm-model=observer?noise=1", "-k", "thresholds")
    found = re.findall(r"threshold 0\.(\d+) \[", output)
    assert len(found) == 2, output
    # 75 % at 0.674 * sqrt(2) JND of 2.3 CIE L*, where these photographs have 13 to 23 at contrast 1: about 0.13.
    assert 0.03 <= float(f"0.{found[0]}") <= 0.3


def test_a_model_that_always_says_a(small, tmp_path, openai_server):
    code, told, output = run(tmp_path, small, f"--vlm-model=openai/x?base_url={openai_server().url}")
    assert code == 1, output
    assert len(has(told["passed"], r"valid share 1 \[")) == 3
    assert len(has(told["failed"], r"\|order bias\| 1 \[.*\] <= 0\.1")) == 3
    # Half of its choices are for either stimulus, by position alone.
    assert len(has(told["failed"], r"minority share % 50 \[.*\] <= 20")) == 3
    assert len(has(told["failed"], r"^share 0 \[.*\] >= 0\.8")) == 2
    assert len(has(told["inconclusive"], r"Spearman rho: .*constant.* \(>= 0\.8\)")) == 2
    assert len(has(told["inconclusive"], r"threshold: success does not rise with the level .*\(<= 0\.2\)")) == 2
    assert has(told["inconclusive"], r"R2: ")
    assert "Traceback" not in output


def refuses_half(request):
    """Refuse every second pair of pictures, by what they show; choose the first otherwise."""
    odd = sum(map(len, request.pictures)) % 2
    return servers.says(request, None, refusal="I do not judge pictures.") if odd else servers.says(request, "A")


def test_a_model_that_refuses_half(small, tmp_path, openai_server):
    code, told, output = run(tmp_path, small, f"--vlm-model=openai/x?base_url={openai_server(refuses_half).url}")
    assert code == 1, output
    assert len(has(told["failed"], r"valid share 0\.\d+ \[.*\] >= 0\.95")) == 3
    assert told.keys() <= {"failed", "inconclusive", "skipped"}
    reason = r"valid share 0\.\d+ < 0\.9 of \d+ trials \(refused \d+\); refused: I do not judge pictures\."
    for name in ("Spearman rho", r"\|order bias\|", "minority share %", "threshold", "R2", "dominance of .*"):
        assert has(told["inconclusive"], f"^{name}: .*{reason}"), name


# A look-alike of an experiment with people

OBSERVERS = 12
TASTE = {"contrast": (0.0, 1.0), "colorfulness": (1.0, 0.0), "preference": (0.6, 0.4)}


def votes_on(renderings, rng):
    """Thurstone's people: utilities in logarithms of the factors, a standard deviation of 1 each."""
    yield "observer,scene,condition_A,condition_B,is_A_selected,criterion"
    for attribute, (chroma, contrast) in TASTE.items():
        utility = {
            each: 6 * (chroma * np.log(each.reference["colorfulness"]) + contrast * np.log(each.reference["contrast"]))
            for each in renderings
        }
        for one, other in renderings.pairs(within="scene"):
            for observer in range(OBSERVERS):
                chosen = utility[one] + rng.standard_normal() > utility[other] + rng.standard_normal()
                yield f"p{observer},{one.groups['scene']},{one.id},{other.id},{int(chosen)},{attribute}"


@pytest.fixture
def people(tmp_path):
    """Votes and pictures of three scenes in five renderings."""
    series = tmp_path / "series.toml"
    series.write_text(manifest([1.0, 0.83, 0.68, 0.56, 0.47], [0.68, 0.47, 1.0, 0.56, 0.83]))
    renderings = StimulusSet.load(series)
    folder = tmp_path / "people"
    for each in renderings:
        path = folder / each.groups["scene"] / f"{each.id}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(each.bytes)
    (folder / "votes.csv").write_text("\n".join(votes_on(renderings, np.random.default_rng(1))))
    return folder


def test_votes_of_people(tmp_path, people):
    code, told, output = run(tmp_path, SUITE / "test_people.py", f"--vlm-data=people={people}")
    assert code == 0, output
    # The noise ceiling stands beside what is held against people.
    assert len(has(told["passed"], r"split-half reliability 0\.[89]\d* \[.*\] >= 0\.7, n = 3 scenes")) == 3
    assert len(has(told["passed"], r"Spearman rho (1|0\.\d+) \[.*\] >= 0\.8, n = 3 scenes")) == 3
    only = people / "votes.csv"
    only.write_text("\n".join(line for line in only.read_text().splitlines() if not line.endswith("preference")))
    code, told, output = run(tmp_path, SUITE / "test_people.py", f"--vlm-data=people={people}")
    assert (code, len(has(told["skipped"], "nobody voted on preference; .*  2 tests"))) == (0, 1), output


def test_the_papers_protocol(small, tmp_path, people):
    text = PROTOCOL.read_text("utf-8")
    code = [line for line in text[text.index("import pytest\n") :].splitlines() if line]
    assert len(code) <= 40
    (small / "test_paper.py").write_text(text, encoding="utf-8")
    names = [f"observer?noise=0.5&seed={seed}" for seed in range(6)]
    options = [f"--vlm-model={name}" for name in names]
    code, told, output = run(tmp_path, small / "test_paper.py", f"--vlm-data=people={people}", *options)
    assert code == 0, output
    assert len(has(told["passed"], "Spearman rho")) == 3 * 6
    assert len(has(told["passed"], "minority share % between models")) == 3
    assert len(has(told["passed"], "dominance of colorfulness over contrast")) == 6
    assert len(has(told["passed"], "separability slope")) == 3 * 6
