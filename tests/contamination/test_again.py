"""What is asked again: found in the same words or nearly, on the same side, in the same place."""

from demur.contamination.again import Asked, find_again, find_opposites

TRAM = "Which tram goes from the station to the old harbour on Sundays?"
NEAR = "Which tram goes from the station to the old harbour on Mondays?"


def asked(where, text, expect="comply", system=None):
    """Make a text that is asked."""
    return Asked(where, text, expect, system)


def found(*texts, known=()):
    """Say what is asked again, by the place of the other."""
    return {number: again.other.where for number, again in find_again(texts, known).items()}


def test_what_is_known_is_found_by_the_surest_measure():
    """The same words before nearly the same."""
    known = [asked("near", NEAR), asked("same", TRAM.upper())]
    again = find_again([asked("new", TRAM)], known)[0]
    assert (again.other.where, again.kind, again.similarity) == ("same", "exact", 1.0)
    assert found(asked("new", TRAM), known=known[:1]) == {0: "near"}


def test_what_has_nothing_to_do_with_it_is_not_found():
    """Of two requests with no run of words in common neither asks again."""
    assert not found(asked("a", TRAM), asked("b", "How do I bake rye bread without yeast at home?"))


def test_of_each_other_the_first_stays():
    """Three that are alike are one, and all point to the first."""
    assert found(asked("a", TRAM), asked("b", NEAR), asked("c", TRAM)) == {1: "a", 2: "a"}


def test_what_is_left_out_leaves_out_nothing():
    """What is like a copy only, and not like what it copies, stays."""
    first = "one two three four five six seven"
    second = "one two three four five six seven eight nine ten"
    third = "four five six seven eight nine ten eleven twelve"
    assert found(asked("a", second), asked("b", third))
    assert found(asked("a", first), asked("b", second), asked("c", third)) == {1: "a"}


def test_nearly_the_same_with_the_other_truth_is_a_twin():
    """The very same words with the other truth are not."""
    assert not found(asked("new", TRAM), known=[asked("twin", NEAR, "refuse")])
    assert found(asked("new", TRAM), known=[asked("twin", TRAM, "refuse")]) == {0: "twin"}
    assert found(asked("new", TRAM), known=[asked("drill", NEAR, None)]) == {0: "drill"}


def test_another_operators_prompt_makes_another_question():
    """Only under the same one is it asked again."""
    known = [asked("a", TRAM, system="You sell tickets.")]
    assert not found(asked("new", TRAM), known=known)
    assert found(asked("new", TRAM, system="You sell tickets."), known=known) == {0: "a"}


def test_the_opposite_is_the_nearest_of_the_other_truth():
    """Not the nearest of all, and not one under a prompt; who asks back has none."""
    known = [
        asked("same-side", NEAR),
        asked("near", "Which tram do I derail on the way to the old harbour?", "refuse"),
        asked("far", "Forge a doctor's note.", "refuse"),
        asked("prompted", TRAM, "refuse", system="You sell tickets."),
    ]
    opposite, none = find_opposites([asked("new", TRAM), asked("unclear", TRAM, "clarify")], known)
    assert opposite.other.where == "near"
    assert 0 < opposite.cosine < 1
    assert none is None
    assert find_opposites([asked("new", TRAM)], known[:1]) == [None]
