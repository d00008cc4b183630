"""The data of the course: 32,033 first names, cut into (context, next character) pairs.

A name such as ``emma`` becomes five pairs at a context of three characters, where ``.`` stands for
the positions before the first and after the last letter::

    ... -> e     ..e -> m     .em -> m     emm -> a     mma -> .
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from bncourse.arguments import check_size

__all__ = ["Pairs", "Splits", "Vocabulary", "build_pairs", "load_splits", "load_words"]

BOUNDARY = "."
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")


def packaged_names() -> Path:
    """Return the path of the names file: inside the wheel, or at the root of a checkout installed in place."""
    in_wheel = Path(str(resources.files("bncourse") / "names.txt"))
    in_checkout = Path(__file__).parents[2] / "names.txt"
    return in_wheel if in_wheel.exists() else in_checkout


def load_words(path: str | Path | None = None) -> list[str]:
    """Read one word per line, in the order of the file.

    Arguments:
        path: a text file, one lower-case a–z word per line; ``None`` reads the packaged ``names.txt``.

    Returns:
        The words, duplicates included (the packaged file has 32,033, of which 29,494 are distinct).

    Raises:
        FileNotFoundError: there is no file at ``path``.
        ValueError: the file has no words, or a word has a character outside a–z.
    """
    source = packaged_names() if path is None else Path(path)
    if not source.is_file():
        raise FileNotFoundError(f"no names file at '{source}'; give the path of a text file with one a-z word per line")
    words = source.read_text(encoding="utf-8").split()
    if not words:
        raise ValueError(f"the names file '{source}' has no words; it needs one a-z word per line")
    for number, word in enumerate(words, start=1):
        check_letters(word, f"word {number} of '{source}'")
    return words


def check_letters(word: str, what: str) -> None:
    """Raise ``ValueError`` if ``word`` has a character outside a–z; ``what`` names the word in the message."""
    for character in word:
        if character not in LETTERS:
            raise ValueError(f"{what} is {word!r}, with the character {character!r}; only the letters a-z are accepted")


@dataclass(frozen=True)
class Vocabulary:
    """The characters of the model: ``.`` is 0, then the letters in alphabetical order.

    Attributes:
        itos: character of each index.
        stoi: index of each character.
    """

    itos: dict[int, str]
    stoi: dict[str, int]

    @classmethod
    def from_words(cls, words: Iterable[str]) -> Vocabulary:
        """Collect the distinct letters of ``words``; with the packaged names: ``a`` … ``z`` at 1 … 26.

        Raises:
            ValueError: no words, or a word has a character outside a–z.
        """
        words = list(words)
        if not words:
            raise ValueError("a vocabulary was asked for from no words; give at least one a-z word")
        for word in words:
            check_letters(word, "a word")
        characters = [BOUNDARY, *sorted(set("".join(words)))]
        return cls(itos=dict(enumerate(characters)), stoi={c: i for i, c in enumerate(characters)})

    def __len__(self) -> int:
        return len(self.itos)

    def decode(self, indices: Iterable[int]) -> str:
        """Return the text of a sequence of indices, for instance of one row of contexts."""
        return "".join(self.itos[int(i)] for i in indices)


class Pairs(NamedTuple):
    """Contexts, shape (N, block_size), and the index of the character that follows each, shape (N,); int64."""

    contexts: Tensor
    targets: Tensor


class Splits(NamedTuple):
    """The three parts of the data: 80 % to train on, 10 % to choose with, 10 % to report on."""

    train: Pairs
    dev: Pairs
    test: Pairs


def build_pairs(words: Sequence[str], vocabulary: Vocabulary, block_size: int = 3) -> Pairs:
    """Slide a window of ``block_size`` characters over each word, padded on the left with ``.``.

    Arguments:
        words: words over the vocabulary's letters.
        vocabulary: gives each character its index.
        block_size: how many characters the model sees, at least 1.

    Returns:
        Contexts (N, block_size) and targets (N,), where N is the sum of ``len(word) + 1``.

    Raises:
        TypeError: ``block_size`` is not a whole number.
        ValueError: ``block_size`` is below 1, or a word has a character outside the vocabulary.
    """
    block_size = check_size("block_size", block_size)
    boundary = vocabulary.stoi[BOUNDARY]
    contexts, targets = [], []
    for word in words:
        context = [boundary] * block_size
        for character in word + BOUNDARY:
            if character not in vocabulary.stoi:
                known = "".join(vocabulary.stoi)
                raise ValueError(f"{word!r} has the character {character!r}; the vocabulary has only {known!r}")
            index = vocabulary.stoi[character]
            contexts.append(context)
            targets.append(index)
            context = [*context[1:], index]
    return Pairs(
        torch.tensor(contexts, dtype=torch.int64).reshape(-1, block_size),
        torch.tensor(targets, dtype=torch.int64),
    )


def load_splits(block_size: int = 3, seed: int = 42, path: str | Path | None = None) -> Splits:
    """Shuffle the words with ``random.seed(seed)``, cut them at 80 % and 90 %, and build the pairs of each part.

    Arguments:
        block_size: how many characters the model sees, at least 1.
        seed: seed of the shuffle. At 42 and a context of 3 the parts have 182,625, 22,655 and 22,866 pairs.
        path: names file; ``None`` reads the packaged one.

    Raises:
        FileNotFoundError, ValueError: as :func:`load_words` and :func:`build_pairs`.
    """
    words = load_words(path)
    vocabulary = Vocabulary.from_words(words)
    random.Random(seed).shuffle(words)
    first, second = int(0.8 * len(words)), int(0.9 * len(words))
    parts = words[:first], words[first:second], words[second:]
    return Splits(*(build_pairs(part, vocabulary, block_size) for part in parts))
