import pytest

from assistant.claims import in_short, measures, strength, width


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at least five to 10 years of experience", {("5", "year", 1), ("10", "year", 0)}),
        ("about $4.5 million in 2011", {("4.5", "million", 0), ("2011", "", 0)}),
        ("no more than 30 days", {("30", "day", -1)}),
        ("no fewer than 30 days", {("30", "day", 1)}),
        ("more than 40% of them", {("40", "percent", 1)}),
        ("a five-year term", {("5", "year", 0)}),
        ("none", set()),
    ],
)
def test_a_number_is_read_with_its_unit_and_bound(text: str, expected: set[tuple[str, str, int]]) -> None:
    assert {(m.number, m.unit, m.bound) for m in measures(text)} == expected


def test_measures_agree_unless_unit_or_bound_clash() -> None:
    (at_least,), (plain,), (at_most,), (months,) = (
        tuple(measures(text)) for text in ("at least 5 years", "5", "at most 5 years", "5 months")
    )
    assert at_least.agrees(plain)
    assert not at_least.agrees(at_most)
    assert not at_least.agrees(months)


def test_posts_and_spelt_numbers_read_alike_in_short_and_long_form() -> None:
    assert in_short("Chief medical officers (CMOs) serve two years.") == "cmos serve 2 years."


def test_quantities_are_ordered() -> None:
    texts = ["hospitals", "hardly any hospital", "a few hospitals", "several hospitals", "almost all hospitals", "both"]
    assert [width(text) for text in texts] == [0, 1, 2, 3, 4, 5]


def test_strength_is_ordered() -> None:
    assert [strength(text) for text in ("it may", "it often does", "it does", "it must")] == [1, 2, 3, 4]
