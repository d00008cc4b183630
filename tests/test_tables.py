"""Tables as text and as HTML."""

import re

import numpy as np
import pytest
import torch
from bs4 import BeautifulSoup

from bncourse.tables import compared, table


def test_numbers_are_formatted_and_aligned_to_the_right():
    found = str(table(["gain", "std", "share"], [("1", 0.5, 0.25), ("5/3", -10.654, None)], ["", ".2f", ".0%"]))
    assert found.splitlines() == ["gain     std  share", "1       0.50   25\u00a0%", "5/3   −10.65"]


def test_scalars_of_numpy_and_torch_are_numbers():
    found = table(["a", "b"], [(np.float32(0.125), torch.tensor(2.5))], [".2f", ".2f"])
    assert found.rows == (("0.12", "2.50"),)
    assert found.numeric == (True, True)


@pytest.mark.parametrize(
    ("value", "specification", "shown"),
    [
        (9570.0, ".3g", "9,570"), (1.01e6, ".3g", "1.01 · 10⁶"), (0.0, ".0e", "0"), (0.8, ".0e", "0.8"),
        (-0.021, ".1e", "−0.021"), (2e-6, ".0e", "2 · 10⁻⁶"), (1e-15, ".0e", "10⁻¹⁵"), (330.0, ".2g", "330"),
        ("4e-06", "", "4 · 10⁻⁶"), ("1.73e+03 / 1.57e+03", "", "1,730 / 1,570"), ("eps=1e-05", "", "eps=1e-05"),
        ("-0.02 / -.5", "", "−0.02 / −.5"), ("x[:-1]", "", "x[:-1]"), ("ReLU-3", "", "ReLU-3"),
    ],
)  # fmt: skip
def test_exponents_are_written_as_by_hand(value, specification, shown):
    assert table(["n"], [(value,)], [specification]).rows == ((shown,),)


def test_html_has_a_head_a_caption_and_escaped_texts():
    html = table(["<x>", "n"], [("a & b", 3)], caption="C < D")._repr_html_()
    page = BeautifulSoup(html, "html.parser")
    assert [th.text for th in page.find_all("th", scope="col")] == ["<x>", "n"]
    assert [td.text for td in page.find_all("td")] == ["a & b", "3"]
    assert page.caption.text == "C < D"
    assert "a &amp; b" in html


@pytest.mark.parametrize("cell", ["2 · 10⁻⁶", "0.5 ± 0.1", "3 × −4"])
def test_what_belongs_together_stays_in_one_line(cell):
    page = BeautifulSoup(table(["n"], [(cell,)])._repr_html_(), "html.parser")
    assert not re.search(" [·×±]|[·×±] ", page.td.text)
    assert page.td.text.replace("\u00a0", " ") == cell


def test_words_on_both_sides_of_a_slash_may_be_parted():
    page = BeautifulSoup(table(["n"], [("variance / true variance",)])._repr_html_(), "html.parser")
    assert page.td.text == "variance / true variance"


def test_a_corner_without_a_title_heads_nothing():
    page = BeautifulSoup(table(["", "n"], [("a", 1)])._repr_html_(), "html.parser")
    assert [cell.name for cell in page.thead.find_all(["th", "td"])] == ["td", "th"]


def test_a_comparison_stands_in_the_order_of_the_predictions():
    rows = str(compared({"b": 1, "z": 9, "a": 2}, {"a": 1.0, "b": 2.0, "c": 3.0})).splitlines()[1:]
    assert [row.split() for row in rows] == [["b", "1.00", "2.00"], ["a", "2.00", "1.00"], ["c", "3.00"]]


@pytest.mark.parametrize("predicted", ["3.30", (2, 3), True])
def test_a_prediction_that_is_no_number_is_shown_with_a_word_about_it(predicted):
    assert f"{predicted!r}: not a number" in str(compared({"loss": predicted}, {"loss": 3.3}))


@pytest.mark.parametrize("predicted", [{"loss": None}, {"loss": ...}, {}, None])
def test_a_prediction_that_is_not_made_yet_is_left_empty(predicted):
    assert str(compared(predicted, {"loss": 3.3})).split() == ["predicted", "measured", "loss", "3.30"]


def test_a_table_without_rows_shows_its_headers():
    assert str(table(["a", "b"], [])) == "a  b"


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match=r"a row has 1 cells and the table 2 columns: \['a'\]"):
        table(["x", "y"], [("a",)])


def test_more_formats_than_columns_are_refused():
    with pytest.raises(ValueError, match="2 formats were given for 1 columns"):
        table(["x"], [], ["", ".1f"])
