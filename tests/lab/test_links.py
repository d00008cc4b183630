"""Share links hold the whole state, and a broken link does no harm."""

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bncourse.lab import make_state
from bncourse.lab.state import presets
from lab.engine import NODE
from lab.states import draw_settings


def draw_state(rng: random.Random) -> dict[str, Any]:
    """A state of the page: one or two networks, a twin, a step, hidden parts."""
    a = draw_settings(rng)
    b = None
    if rng.random() < 0.6:
        other = draw_settings(rng)
        b = {name: other[name] for name in rng.sample(sorted(set(other) - {"steps", "batch", "bn", "gains"}), 4)}
    parts = ["settings", "map", "histograms", "updates", "names"]
    return {
        "a": a,
        "b": b,
        "twin": rng.random() < 0.5,
        "step": rng.randint(0, 50),
        "hide": rng.sample(parts, rng.randint(0, 3)),
        "experiment": rng.choice([None, *presets()]),
    }


def ask(states: list, fragments: list[str]) -> dict[str, Any]:
    message = json.dumps({"states": states, "fragments": fragments, "experiments": list(presets())})
    command = [NODE, Path(__file__).with_name("links.mjs")]
    done = subprocess.run(command, input=message, capture_output=True, encoding="utf-8", check=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def answers() -> list[dict[str, Any]]:
    rng = random.Random(17)
    return ask([draw_state(rng) for _ in range(500)], [])["answers"]


def test_links_come_back_as_the_same_state(answers):
    for answer in answers:
        assert answer["back"] == answer["state"]
        assert len(answer["link"]) < 600


def test_the_page_and_python_complete_states_alike(answers):
    for answer in answers:
        state = make_state({"a": answer["state"]["a"], "b": answer["state"]["b"]})
        assert state.a == answer["state"]["a"]
        assert state.b == answer["state"]["b"]


def test_default_link_is_short(answers):
    (default,) = ask([{}], [])["answers"]
    assert default["link"] == "lab=1"


def break_link(link: str, rng: random.Random) -> str:
    """A link with something wrong in it."""
    at = rng.randrange(len(link))
    return rng.choice(
        [
            lambda: link.replace("lab=1", f"lab={rng.choice(['2', '', 'x', '1.0'])}"),
            lambda: link + f"&{rng.choice(['q', 'zz', '__proto__', 'constructor'])}=1",
            lambda: link + f"&n={rng.choice(['DEEP', 'toString', '<script>', '%00', '%'])}&n=x",
            lambda: link.replace(
                "lab=1", f"lab=1&d={rng.choice(['0', '51', '1e9', '-3', '2.5', 'NaN', 'Infinity', ''])}", 1
            ),
            lambda: link.replace("lab=1", f"lab=1&bs={rng.choice(['0', '257', '1,2', '0x10', ' '])}", 1),
            lambda: link + "&l=0.1&l=0.2",
            lambda: link + f"&x={rng.choice(['nothing', '%3Cimg%3E', 'hockey-stick%00'])}&x=2",
            lambda: link[:at] + rng.choice("#?=&%\x00ü") + link[at:] + "&nonsense",
            lambda: link + "&" + "a=b&" * 2000,
        ]
    )()


def test_broken_links_are_refused_with_a_sentence(answers):
    rng = random.Random(18)
    fragments = [break_link(rng.choice(answers)["link"], rng) for _ in range(300)]
    for fragment, read in zip(fragments, ask([], fragments)["read"], strict=True):
        if read.get("state") is None and "refused" not in read:
            assert "lab=" not in fragment  # not meant for the laboratory
            continue
        assert "refused" in read, fragment
        assert read["kind"] == "RangeError", (fragment, read)
        assert read["refused"].endswith(".")
        assert len(read["refused"]) < 300


def test_other_fragments_are_left_alone():
    assert ask([], ["", "#", "#beside-other-laboratories", "#a=b"])["read"] == [{"state": None}] * 4
