"""The data: what is in it, how it is cut, and what is said of bad input."""

import hashlib
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bncourse.names import Vocabulary, build_pairs, load_splits, load_words, packaged_names

ROOT = Path(__file__).parents[1]
WORDS = st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8), min_size=1, max_size=12)


def test_the_packaged_file_is_the_one_at_the_root():
    content = packaged_names().read_bytes()
    assert content == (ROOT / "names.txt").read_bytes()
    assert hashlib.sha256(content).hexdigest() == "816d2a728695db28a20e17eae61c9c423091a511b3df09a06a489dccbf0876c7"


def test_all_names_are_there():
    words = load_words()
    assert (len(words), len(set(words))) == (32033, 29494)
    assert words[:3] == ["emma", "olivia", "ava"]


def test_the_vocabulary_puts_the_boundary_first():
    vocabulary = Vocabulary.from_words(load_words())
    assert len(vocabulary) == 27
    assert "".join(vocabulary.itos[i] for i in range(27)) == ".abcdefghijklmnopqrstuvwxyz"
    assert all(vocabulary.stoi[character] == index for index, character in vocabulary.itos.items())


def test_the_splits_have_the_published_sizes():
    splits = load_splits()
    assert [len(part.targets) for part in splits] == [182_625, 22_655, 22_866]
    for contexts, targets in splits:
        assert contexts.shape == (len(targets), 3)
        assert contexts.dtype == targets.dtype == torch.int64


def test_the_splits_leave_the_global_random_state_alone():
    import random

    random.seed(1)
    expected = random.random()
    random.seed(1)
    load_splits()
    assert random.random() == expected


@given(WORDS, st.integers(1, 5))
def test_contexts_and_targets_spell_the_words(words, block_size):
    vocabulary = Vocabulary.from_words(words)
    contexts, targets = build_pairs(words, vocabulary, block_size)
    padded = ["." * block_size + word + "." for word in words]
    expected = [
        (text[i : i + block_size], text[i + block_size]) for text in padded for i in range(len(text) - block_size)
    ]
    found = [(vocabulary.decode(c), vocabulary.itos[int(t)]) for c, t in zip(contexts, targets, strict=True)]
    assert found == expected


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no names file at '.*nowhere\.txt'"):
        load_words(tmp_path / "nowhere.txt")


@pytest.mark.parametrize("content", ["", "\n  \n"])
def test_an_empty_file_is_refused(tmp_path, content):
    file = tmp_path / "names.txt"
    file.write_text(content)
    with pytest.raises(ValueError, match="has no words"):
        load_words(file)


@pytest.mark.parametrize(("name", "character"), [("anna2", "2"), ("Emma", "E"), ("zoë", "ë"), ("a.b", ".")])
def test_a_character_outside_a_to_z_is_named_with_its_word(tmp_path, name, character):
    file = tmp_path / "names.txt"
    file.write_text(f"ava\n{name}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=rf"word 2 .* is '{name}', with the character '{character}'"):
        load_splits(path=file)
    with pytest.raises(ValueError, match="only the letters a-z"):
        Vocabulary.from_words(["ava", name])


@pytest.mark.parametrize("block_size", [0, -1, 1.5, "3", True])
def test_a_context_must_have_a_length(block_size):
    with pytest.raises((TypeError, ValueError), match="block_size is .*whole number of at least 1"):
        load_splits(block_size=block_size)


def test_no_words_make_no_vocabulary():
    with pytest.raises(ValueError, match="no words"):
        Vocabulary.from_words([])


def test_a_word_outside_the_vocabulary_is_refused():
    with pytest.raises(ValueError, match="'cab' has the character 'c'"):
        build_pairs(["cab"], Vocabulary.from_words(["ab"]))
