"""The commit of a working tree, as git itself names it."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from pytest_vlmperception.gate.baselines import commit_of

WHO = ["-c", "user.name=n", "-c", "user.email=e@x", "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main"]


def git(folder, *words):
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for name in [name for name in environment if name in {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"}]:
        del environment[name]
    command = ["git", *WHO, *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=True)
    return done.stdout.strip()


@pytest.fixture
def tree(tmp_path):
    if shutil.which("git") is None:
        pytest.skip("needs git")
    folder = tmp_path / "tree"
    folder.mkdir()
    git(folder, "init")
    git(folder, "commit", "--allow-empty", "-m", "one")
    return folder


def test_a_branch_and_a_folder_below(tree):
    below = tree / "suites" / "iq"
    below.mkdir(parents=True)
    assert commit_of(tree) == commit_of(below) == git(tree, "rev-parse", "HEAD") != ""


def test_a_newer_commit_and_packed_references(tree):
    git(tree, "checkout", "-b", "feature/long/name")
    git(tree, "commit", "--allow-empty", "-m", "two")
    git(tree, "tag", "-a", "v1", "-m", "annotated")
    loose = commit_of(tree)
    git(tree, "pack-refs", "--all")
    assert not (tree / ".git/refs/heads/feature").exists()
    assert commit_of(tree) == loose == git(tree, "rev-parse", "HEAD")
    git(tree, "commit", "--allow-empty", "-m", "three")
    assert commit_of(tree) == git(tree, "rev-parse", "HEAD") != loose


def test_a_detached_head(tree):
    git(tree, "checkout", "--detach")
    assert commit_of(tree) == git(tree, "rev-parse", "HEAD")


@pytest.mark.parametrize("packed", [False, True])
def test_a_worktree(tree, tmp_path, packed):
    other = tmp_path / "other"
    git(tree, "worktree", "add", "-b", "branch", str(other))
    git(other, "commit", "--allow-empty", "-m", "two")
    if packed:
        git(tree, "pack-refs", "--all")
    assert commit_of(other) == git(other, "rev-parse", "HEAD") != commit_of(tree)


def test_a_submodule_is_a_tree_of_its_own(tree, tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    git(inner, "init")
    git(inner, "commit", "--allow-empty", "-m", "inner")
    git(tree, "-c", "protocol.file.allow=always", "submodule", "add", str(inner), "sub")
    assert commit_of(tree / "sub") == git(inner, "rev-parse", "HEAD")


def test_no_tree_and_no_commit_yet(tmp_path):
    assert commit_of(tmp_path / "none") == ""
    (tmp_path / ".git" / "refs").mkdir(parents=True)
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    assert commit_of(tmp_path) == ""


ODD_HEADS = [b"", b"\xff\xfe", b"ref: ", b"ref: refs/", b"ref: refs/../../secret", b"ref: refs/heads/self", b"0" * 39]


@pytest.mark.parametrize(
    "head", [*ODD_HEADS, b"ref: refs/a\0b", b"ref: refs/" + b"x" * 5000, b"g" * 40, b"ref: refs/d"]
)
def test_odd_heads_are_not_known(tmp_path, head):
    git_folder = tmp_path / ".git"
    (git_folder / "refs" / "heads").mkdir(parents=True)
    (git_folder / "refs" / "d").mkdir()
    (tmp_path / "secret").write_text("a" * 40)
    (git_folder / "refs" / "heads" / "self").write_text("ref: refs/heads/self")
    (git_folder / "HEAD").write_bytes(head)
    (git_folder / "packed-refs").write_bytes(b"\n# pack-refs with: peeled\n^" + b"a" * 40 + b"\n")
    assert commit_of(tmp_path) == ""


@pytest.mark.parametrize("content", [b"", b"gitdir: nowhere", b"\0", b"\xff", b"gitdir: " + b"x" * 5000, b"gitdir: ."])
def test_odd_links_are_not_known(tmp_path, content):
    (tmp_path / ".git").write_bytes(content)
    assert commit_of(tmp_path) == ""


@pytest.mark.skipif(os.name == "nt", reason="needs links and pipes")
def test_pipes_and_loops_are_not_waited_for(tmp_path):
    (tmp_path / ".git").mkdir()
    os.mkfifo(tmp_path / ".git" / "HEAD")
    assert commit_of(tmp_path) == ""
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert commit_of(tmp_path / "loop") == ""
    assert commit_of(tmp_path / "a\0b") == ""
