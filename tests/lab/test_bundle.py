"""The scripts of the page: small, complete, the same in every build; and what `lab.show` gives."""

import gzip
import json
import re
import subprocess
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from bncourse import lab
from bncourse.lab import bundle, make_state
from bncourse.lab.show import notebook_html, options, site_html
from bncourse.lab.state import SOURCES, complete, presets, settings_list
from bncourse.names import Vocabulary, build_pairs, load_splits
from lab.engine import NODE

KIB = 1024


def weight(text: str) -> int:
    return len(gzip.compress(text.encode(), 9))


def test_scripts_weigh_little():
    assert weight(bundle.engine()) <= 30 * KIB
    assert weight(bundle.names()) <= 110 * KIB
    assert weight(bundle.page()) <= 32 * KIB


def test_packed_names_are_in_the_order_of_the_splits():
    words = bundle.packed_names().split(" ")
    assert len(words) == 32_033
    splits = load_splits()
    pairs = build_pairs(words[: int(0.8 * len(words))], Vocabulary.from_words(words))
    assert (pairs.contexts == splits.train.contexts).all()


@pytest.mark.parametrize("name", ["engine", "page", "names"])
def test_scripts_are_valid_javascript(name, tmp_path):
    path = tmp_path / f"{name}.cjs"
    path.write_text(getattr(bundle, name)(), "utf-8")
    subprocess.run([NODE, "--check", path], check=True)


def test_every_module_is_used():
    files = {path.relative_to(SOURCES).as_posix() for path in SOURCES.rglob("*") if path.is_file()}
    used: list[str] = []
    for entry in ("worker.mjs", "page.mjs"):
        bundle.visit(entry, used)
    assert set(used) == files


def test_settings_are_checked():
    for setting in settings_list():
        with pytest.raises(ValueError, match=setting["name"]):
            complete({setting["name"]: object()})
    with pytest.raises(ValueError, match="no setting 'depht'"):
        complete({"depht": 3})
    with pytest.raises(ValueError, match="batch is 1"):
        complete({"bn": "before", "batch": 1})
    with pytest.raises(ValueError, match="no preset 'hockey'"):
        lab.reference("hockey")
    with pytest.raises(ValueError, match="only A"):
        lab.reference({"depth": 2, "net": "deep"}, network="B", steps=1)
    with pytest.raises(TypeError, match="list"):
        make_state([1])
    assert make_state({"net": "deep"}).a["width"] == 100


def test_experiments_are_complete():
    chapters = {path.stem for path in (SOURCES.parents[1] / "chapters").glob("*.ipynb")}
    assert len(presets()) >= 12
    for name, experiment in presets().items():
        make_state(name)
        assert experiment["chapter"] in chapters
        assert len(experiment["choices"]) == 3
        assert experiment["question"].endswith("?")


def test_site_gets_a_still_picture_and_what_the_script_needs():
    html = site_html("saturation")
    told = json.loads(re.search(r'<script type="application/json">(.*?)</script>', html)[1])
    assert told == {"preset": "saturation", "small": {"controls": ["gain"], "pictures": ["map", "loss"]}}
    found = re.search(r'<img src="data:image/svg\+xml,([^"<>#]+)" alt="The loss over the first 150 steps', html)
    assert found
    assert ElementTree.fromstring(unquote(found[1])).tag == "{http://www.w3.org/2000/svg}svg"
    with pytest.raises(ValueError, match="controls has 'depht'"):
        options("saturation", ["depht"], None, False)


def test_notebook_gets_a_page_that_needs_nothing_else():
    html = notebook_html({"net": "deep"}, controls=["depth"], pictures=["loss"])
    assert html.startswith("<iframe")
    assert not re.search(r"(src|href)=&quot;(?!data:)", html)
    assert weight(html) < 180 * KIB


def test_reference_of_a_pair():
    state = {"a": {"init": "normal"}, "b": {"init": "fixed-output"}}
    assert lab.reference(state, steps=2) == pytest.approx([27.8817, 24.0032], abs=1e-3)
    assert lab.reference(state, network="B", steps=1) == pytest.approx([3.3221], abs=1e-4)
