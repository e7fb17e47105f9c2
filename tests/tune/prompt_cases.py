"""Cases and made-up subjects that tests of the search for a prompt share."""

from demur.types import Case, Turn

CATEGORIES = ("vcr", "prv", None)


def pair(number, *, suite="s", category=None):
    """Make a harmless question and its harmful twin."""
    names = f"{number}-harmless", f"{number}-harmful"
    return tuple(
        Case(name, (Turn("user", f"{name}?"),), expect, category=category, twin=twin, family=f"f{number}", suite=suite)
        for name, twin, expect in zip(names, names[::-1], ("comply", "refuse"), strict=True)
    )


def pairs(n):
    """Make so many pairs, of several categories."""
    return [case for number in range(n) for case in pair(number, category=CATEGORIES[number % len(CATEGORIES)])]
