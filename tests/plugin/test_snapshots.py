"""Snapshots of descriptions, as a suite uses them."""

from __future__ import annotations

import json

import pytest
import servers

SUITE = """
    import pytest
    from pytest_vlmperception import StimulusSet

    FACES = StimulusSet.load("stimuli/levels.toml", beside=__file__)

    @pytest.fixture(scope="module")
    def descriptions(vlm):
        return vlm.describe(FACES, "Describe the expression of the face."{repeats})

    @pytest.mark.parametrize("face", FACES, ids=str)
    def test_still_sees_the_same(descriptions, face, percept_snapshot):
        assert descriptions[face] == percept_snapshot
"""

HAPPY = "The woman smiles broadly: the corners of her mouth are raised, and her eyes are narrowed. She looks happy."
HAPPY_TOO = "She seems happy. Her eyes crinkle, and the mouth is drawn up in a big smile."
ANGRY = "He looks angry. His brows are drawn together, the eyes glare, and the mouth is pressed shut."
JAPANESE = "彼女はとても嬉しそうに見えます。目を細め、口角が上がって笑っています。"


@pytest.fixture
def faces(suite):
    """A suite that holds the descriptions of eight pictures."""
    suite.makepyfile(test_faces=SUITE.format(repeats=""))
    return suite


class Said:
    """Answers by the name of the picture; what is said can be changed while the server runs."""

    def __init__(self, suite, text):
        self.names = {path.read_bytes(): path.stem for path in (suite.path / "stimuli").glob("*.png")}
        self.text = text
        self.of = {}

    def __call__(self, request):
        text = self.of.get(self.names[request.pictures[0]], self.text)
        return servers.says(request, text) if isinstance(text, str) else text(request)


@pytest.fixture
def model(faces, openai_server):
    """What the model says, and the option that names it."""
    said = Said(faces, HAPPY)
    said.server = openai_server(said)
    said.option = f"--vlm-model=openai/x?base_url={said.server.url}"
    return said


def run(suite, model, *options):
    """Run without stored answers; in a process of its own where there are workers."""
    start = suite.runpytest_subprocess if "-n" in options else suite.runpytest
    return start(model.option, "--vlm-cache=off", *options)


def stored(suite):
    return suite.path / "__snapshots__" / "test_faces.percept"


def names(suite):
    lines = stored(suite).read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("# name: ") for line in lines if line.startswith("# name: ")]


ALL = [f"test_still_sees_the_same[{scene}{level}]" for scene in ("cup", "tree") for level in (1, 2, 3, 4)]


def test_other_words_pass_and_other_facts_fail(faces, model):
    run(faces, model, "--snapshot-update").assert_outcomes(passed=8)
    assert names(faces) == ALL
    before = stored(faces).read_bytes()
    model.text = HAPPY_TOO
    run(faces, model).assert_outcomes(passed=8)
    run(faces, model, "--snapshot-update").assert_outcomes(passed=8)
    assert stored(faces).read_bytes() == before
    model.of["cup3"] = ANGRY
    result = run(faces, model)
    result.assert_outcomes(passed=7, failed=1)
    result.stdout.fnmatch_lines(["*1 snapshot failed. 7 snapshots passed.*"])
    run(faces, model, "--snapshot-update").assert_outcomes(passed=8)
    run(faces, model).assert_outcomes(passed=8)


FEWER = SUITE.format(repeats="").replace('parametrize("face", FACES', 'parametrize("face", list(FACES)[:6]')


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_what_no_test_asks_for_any_more_is_unused(faces, model, workers):
    run(faces, model, "--snapshot-update", *workers).assert_outcomes(passed=8)
    assert names(faces) == ALL
    faces.makepyfile(test_faces=FEWER)
    model.text = HAPPY_TOO
    model.of["cup3"] = ANGRY
    result = run(faces, model, *workers)
    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines([
        "E * polarity: positive -> negative",
        "E * emotion: happiness -> anger",
        "*1 snapshot failed. 5 snapshots passed. 2 snapshots unused.*",
    ])
    assert names(faces) == ALL
    result = run(faces, model, "--snapshot-update", *workers)
    result.stdout.fnmatch_lines(["*5 snapshots passed. 1 snapshot updated. 2 unused snapshots deleted.*"])
    assert (result.ret, names(faces)) == (0, ALL[:6])


REFUSED = servers.refusal("No.")


@pytest.mark.parametrize(
    ("said", "outcome", "reason"),
    [
        (REFUSED, "inconclusive", "refused: No."),
        (servers.error(400, "bad picture"), "unavailable", "HTTP 400: bad picture"),
        ("I can't identify people in images.", "inconclusive", "1 of 1 descriptions state no emotion: refusal"),
        ("A cup stands on the table.", "inconclusive", "1 of 1 descriptions state no emotion: no emotion stated"),
    ],
    ids=["refused", "unavailable", "refusal in words", "no emotion"],
)
def test_what_cannot_be_read_is_neither_written_nor_compared_nor_deleted(faces, model, said, outcome, reason):
    run(faces, model, "--snapshot-update")
    before = stored(faces).read_bytes()
    model.of["tree2"] = said
    for options in ([], ["--snapshot-update"]):
        result = run(faces, model, *options)
        result.stdout.fnmatch_lines([
            f"{outcome} *{reason}*tree2*",
            "1 snapshot failed. 7 snapshots passed.",
            f"*= 7 passed, 1 {outcome} *",
        ])
        assert stored(faces).read_bytes() == before
    stored(faces).unlink()
    assert run(faces, model, "--snapshot-update").ret == {"inconclusive": 10, "unavailable": 11}[outcome]
    assert names(faces) == [name for name in ALL if "tree2" not in name]


def test_what_is_skipped_is_kept(faces, model):
    run(faces, model, "--snapshot-update")
    before = stored(faces).read_bytes()
    model.text = servers.error(404, "no such model", "model_not_found")
    for options in ([], ["--snapshot-update"]):
        result = run(faces, model, "--vlm-unavailable=skip", *options)
        result.assert_outcomes(skipped=8)
        result.stdout.no_fnmatch_line("*snapshot* failed*")
        result.stdout.no_fnmatch_line("*unused*")
        result = faces.runpytest(*options)
        result.assert_outcomes(skipped=8)
        assert stored(faces).read_bytes() == before


def test_syrupy_s_own_snapshots_do_not_touch_ours(faces, model):
    faces.makepyfile(test_plain="def test_plain(snapshot): assert 1 == snapshot")
    run(faces, model, "--snapshot-update").assert_outcomes(passed=9)
    for instead, outcome in (("pytest.skip('no data')", "skipped"), ("raise OSError('no data')", "errors")):
        faces.makepyfile(test_faces=SUITE.format(repeats="").replace("return vlm", instead + " and vlm"))
        for options in ([], ["--snapshot-update"]):
            result = run(faces, model, *options)
            result.assert_outcomes(passed=1, **{outcome: 8})
            result.stdout.no_fnmatch_line("*deleted*")
            assert names(faces) == ALL


def test_what_is_beside_ours_is_left_alone(faces, model):
    (faces.mkdir("__snapshots__") / "notes.txt").write_text("kept")
    (faces.path / "__snapshots__" / "test_gone.percept").write_bytes(b"\xff")
    for options in (["--snapshot-update"], []):
        result = run(faces, model, *options)
        assert result.ret == 0
        result.stdout.no_fnmatch_line("*unused*")
    assert len(list((faces.path / "__snapshots__").iterdir())) == 3


def two(model, *more):
    """Options for two models at one server, the second of which sees something else."""
    return [model.option + "&temperature=0", model.option, "--vlm-cache=off", *more]


def test_only_the_first_of_several_models_writes(faces, model):
    def angry_at_zero(request):
        return servers.says(request, ANGRY if "temperature" in request.body else HAPPY)

    model.text = angry_at_zero
    # What the first model has said is not on disk yet; the other is compared with it nevertheless.
    faces.runpytest(*two(model, "--snapshot-update")).assert_outcomes(passed=8, failed=8)
    result = faces.runpytest(*two(model))
    result.assert_outcomes(passed=8, failed=8)
    result.stdout.fnmatch_lines(["*polarity: negative -> positive"])
    assert names(faces) == ALL
    assert ANGRY in stored(faces).read_text(encoding="utf-8")
    assert "happy" not in stored(faces).read_text(encoding="utf-8")
    # What the others are held against writes nothing either, and fails nothing.
    old = model.option.replace("--vlm-model=", "--vlm-against=model:")
    faces.runpytest(model.option + "&temperature=0", old, "--vlm-cache=off", "--snapshot-update")
    assert "happy" not in stored(faces).read_text(encoding="utf-8")
    # A single model's node ids hold no model: the snapshots are the same.
    model.text = ANGRY
    result = run(faces, model)
    result.assert_outcomes(passed=8)
    assert result.ret == 0


def test_of_several_models_the_others_are_skipped_where_nothing_is_stored(faces, model):
    result = faces.runpytest(*two(model, "--snapshot-update", "-rs", "-k", "cup1 and not temperature"))
    result.assert_outcomes(skipped=1, deselected=15)
    result.stdout.fnmatch_lines([
        "SKIPPED * nothing is stored to compare with yet; --snapshot-update stores what openai/x*"
    ])
    assert not stored(faces).exists()


CRASH = """
    import os, signal, time

    @pytest.mark.parametrize("time_", range(2))
    def test_end(time_, request):
        if time_:
            time.sleep(1)
            {end}
"""


@pytest.mark.parametrize("end", ["os._exit(1)", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_an_update_in_which_a_worker_crashes_deletes_nothing(faces, model, end):
    run(faces, model, "--snapshot-update")
    faces.makepyfile(test_faces=SUITE.format(repeats="") + CRASH.format(end=end))
    result = run(faces, model, "--snapshot-update", "-n", "2")
    result.stdout.fnmatch_lines(["*worker 'gw?' crashed while running *"])
    result.stdout.no_fnmatch_line("*deleted*")
    assert names(faces) == ALL


@pytest.mark.parametrize("end", ["assert False", "raise KeyboardInterrupt", "pytest.exit('enough', returncode=0)"])
def test_an_update_that_is_cut_short_deletes_nothing(faces, model, end):
    run(faces, model, "--snapshot-update")
    faces.makepyfile(test_before=f"import pytest\ndef test_before(): {end}")
    (faces.path / "test_faces.py").rename(faces.path / "test_last.py")
    (faces.path / "__snapshots__" / "test_faces.percept").rename(faces.path / "__snapshots__" / "test_last.percept")
    result = faces.runpytest_subprocess(model.option, "--snapshot-update", "-x")
    result.stdout.no_fnmatch_line("*deleted*")
    assert (faces.path / "__snapshots__" / "test_last.percept").exists()


def test_an_installed_suite_keeps_its_snapshots_in_the_project(faces, model, monkeypatch):
    package = faces.path / "venv" / "site-packages" / "face_suites" / "faces"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    (faces.path / "test_faces.py").rename(package / "test_faces.py")
    (faces.path / "stimuli").rename(package / "stimuli")
    project = faces.mkdir("project")
    (project / "pytest.ini").write_text("[pytest]\npythonpath = ../venv/site-packages\n")
    monkeypatch.chdir(project)
    for options in (["--snapshot-update"], []):
        result = faces.runpytest("--pyargs", "face_suites.faces", model.option, *options)
        result.assert_outcomes(passed=8)
        assert result.ret == 0
    kept = project / "__snapshots__" / "face_suites" / "faces" / "test_faces.percept"
    assert kept.exists()
    assert not (package / "__snapshots__").exists()
    (package / "test_faces.py").write_text(FEWER.replace("\n    ", "\n"))
    result = faces.runpytest_subprocess("--pyargs", "face_suites.faces", model.option, "--snapshot-update", "-n", "2")
    result.stdout.fnmatch_lines(["6 snapshots passed. 2 unused snapshots deleted."])
    result.stdout.no_fnmatch_line("*Can not relate*")


def test_without_syrupy_one_line_says_so(faces, model):
    result = run(faces, model, "-p", "no:syrupy")
    result.assert_outcomes(errors=8)
    result.stdout.fnmatch_lines([
        "UsageError: percept_snapshot needs the plugin syrupy, which is switched off; take -p no:syrupy away"
    ])


def edited(change):
    """Change one snapshot's JSON."""

    def edit(text):
        head, _, rest = text.partition("{")
        body, _, tail = rest.partition("\n  }\n")
        content = json.loads("{" + body + "}")
        change(content)
        return f"{head}{json.dumps(content)}\n{tail}"

    return edit


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (
            lambda text: text.replace('"model":', '"modle":', 1),
            "*expected an object with the fields model, returned, *",
        ),
        (lambda text: text.replace('"positive"', '"happy"', 1), "*polarity='happy'; *"),
        (lambda text: text.replace('"valence": 0.76', '"valence": NaN', 1), "*NaN is no number*"),
        (
            lambda text: text.replace('"valence": 0.76', '"valence": 1e999', 1),
            "*valence=inf; expected a number from -1*",
        ),
        (lambda text: text.replace('"hedges": 0', '"hedges": 0, "hedges": 1', 1), "*a key stands there twice*"),
        (
            lambda text: text.replace('"features_lost": 0.5', '"features_lost": 2', 1),
            "*features_lost=2; expected a share*",
        ),
        (lambda text: text.replace("  {", "  " + 100_000 * "[", 1), "*cup1* is damaged: *"),
        (lambda text: text.replace("  {", "  " + 9_999 * "7", 1), "*cup1* is damaged: *"),
        (
            lambda text: text.replace("# name: ", "# name:", 1).replace(
                "# name:test_still_sees_the_same[cup1]", "# name:"
            ),
            "*is no file of snapshots: Missing snapshot name.; restore it, or delete it",
        ),
        (
            lambda text: text.replace("version: 1", "version: 7"),
            "*was written in another format; use --snapshot-update*",
        ),
        (edited(lambda content: content.update(picture="no hash")), "*picture='no hash'; expected a SHA-256*"),
        (edited(lambda content: content.update(text=[1])), "*text is [[]1]; expected a list of lines*"),
        (edited(lambda content: content["tolerance"].update(polarities=["happy"])), "*polarities has 'happy'; *"),
        (
            edited(lambda content: content["percept"].update(features={"mouth": 1})),
            "*features[[]'mouth'] is 1; expected *",
        ),
        (
            edited(lambda content: content["percept"].update(polarity=None, valence=None, reason="x")),
            "*percept has no polarity*",
        ),
    ],
)
def test_a_damaged_snapshot_is_told_in_one_line(faces, model, edit, message):
    run(faces, model, "--snapshot-update", "-k", "cup1 or cup2")
    text = stored(faces).read_text(encoding="utf-8")
    stored(faces).write_text(edit(text), encoding="utf-8")
    assert stored(faces).read_text(encoding="utf-8") != text
    result = run(faces, model, "-k", "cup1")
    result.assert_outcomes(failed=1, deselected=7)
    result.stdout.fnmatch_lines([f"E *UsageError: {message}"])
    assert len([line for line in result.outlines if line.startswith("E ")]) == 1


def test_a_damaged_snapshot_is_replaced_by_an_update(faces, model):
    run(faces, model, "--snapshot-update", "-k", "cup1")
    text = stored(faces).read_text(encoding="utf-8")
    stored(faces).write_text(text.replace('"positive"', '"happy"', 1), encoding="utf-8")
    run(faces, model, "--snapshot-update", "-k", "cup1").assert_outcomes(passed=1, deselected=7)
    assert stored(faces).read_text(encoding="utf-8") == text


def test_a_failure_shows_what_changed_and_both_texts(faces, model, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    # Where it runs in CI, pytest cuts no explanation off.
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("BUILD_NUMBER", raising=False)
    model.of["cup2"] = JAPANESE
    run(faces, model, "--snapshot-update")
    model.of["cup1"] = ANGRY + "\n\nThis is Barack Obama. \x1b[31m\u202e"
    model.of["cup2"] = "彼女はとても怒っているように見えます。眉が下がり、口角が下がっています。目は鋭いです。"
    result = run(faces, model)
    result.stdout.fnmatch_lines([
        "E         polarity: positive -> negative",
        "E         emotion: happiness -> anger",
        "E         person: none named -> somebody identified by name",
    ])
    # Pytest cuts the table off; it is shown in full below.
    result.stdout.fnmatch_lines([
        "*- percept -*",
        "The woman smiles broadly: the     | He looks angry. His brows are",
        "*| This is Barack Obama.",
        r"*| \x1b[[]31m\u202e",
    ])
    result.stdout.fnmatch_lines(["*彼女はとても嬉しそうに見えます。  | 彼女はとても怒っているように見え"])


def test_another_picture_is_told_and_fails_by_itself_nothing(faces, model):
    run(faces, model, "--snapshot-update", "-k", "cup1")
    (faces.path / "stimuli" / "cup1.png").write_bytes((faces.path / "stimuli" / "cup4.png").read_bytes())
    run(faces, model, "-k", "cup1").assert_outcomes(passed=1, deselected=7)
    model.text = ANGRY
    result = run(faces, model, "-k", "cup1", "-vv")
    result.stdout.fnmatch_lines(["*picture: other bytes than those described then (SHA-256 *... -> *...)"])
    result.stdout.no_fnmatch_line("*- percept -*")


def test_repeats_teach_the_tolerance(faces, model):
    faces.makepyfile(test_faces=SUITE.format(repeats=", repeats=3"))
    texts = iter([HAPPY, HAPPY, "His face is calm and neutral, with relaxed brows."])
    model.text = lambda request: servers.says(request, next(texts))
    run(faces, model, "--snapshot-update", "-k", "cup1").assert_outcomes(passed=1, deselected=7)
    assert json.loads(stored(faces).read_text(encoding="utf-8").partition("[cup1]")[2].partition("# ---")[0])[
        "tolerance"
    ] == {
        "draws": 3,
        "polarities": ["neutral", "positive"],
        "leading": ["happiness", "neutral"],
        "features_lost": 1.0,
    }
    faces.makepyfile(test_faces=SUITE.format(repeats=""))
    model.text = "The face is neutral and calm."
    run(faces, model, "-k", "cup1").assert_outcomes(passed=1, deselected=7)
    model.text = ANGRY
    run(faces, model, "-k", "cup1").assert_outcomes(failed=1, deselected=7)


def test_a_plan_keeps_and_compares_nothing(faces, model):
    result = run(faces, model, "--vlm-plan", "--snapshot-update")
    assert result.ret == 0
    assert not stored(faces).exists()
    run(faces, model, "--snapshot-update")
    result = faces.runpytest("--vlm-plan", "--vlm-model=observer")
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*unused*")


@pytest.mark.parametrize(
    ("compared", "message"),
    [
        (
            "descriptions[face].text",
            "*percept_snapshot was compared with 'The woman *, a str; expected one description, *",
        ),
        ("descriptions", "*percept_snapshot was compared with <Descriptions of *; expected one description, *"),
    ],
)
def test_what_is_no_description_is_refused(faces, model, compared, message):
    faces.makepyfile(test_faces=SUITE.format(repeats="").replace("assert descriptions[face]", f"assert {compared}"))
    result = run(faces, model, "-k", "cup1", "--snapshot-update")
    result.assert_outcomes(failed=1, deselected=7)
    result.stdout.fnmatch_lines([f"E *UsageError: {message}"])
    assert not stored(faces).exists()


def test_what_was_never_stored_fails_and_says_how_to_keep_it(faces, model):
    result = run(faces, model, "-k", "cup1")
    result.assert_outcomes(failed=1, deselected=7)
    result.stdout.fnmatch_lines([
        "E * Snapshot 'test_still_sees_the_same[[]cup1]' does not exist!",
        "E * nothing is stored to compare with; --snapshot-update keeps what is said now",
    ])
