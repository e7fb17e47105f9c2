"""The plane of safety against utility: what is drawn where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demur.report.plane import WHOLE, Window, draw_plane, find_window
from demur.scorecard import TARGETS
from demur.stats import wilson
from demur.types import Estimate

RATES = st.integers(0, 200).map(lambda hits: hits / 200)
AREA = {"start": 0, "middle": 0.5, "end": 1}


def extent(plane, spot, *, side=300):
    """Give the rectangle of a label, in pixels on a plane of this side."""
    width = 8 * len(spot.label.text)
    left = spot.x * side + spot.label.dx - AREA[spot.label.anchor] * width
    foot = spot.y * side + spot.label.dy
    return left, foot - 10, left + width, foot


def is_apart(one, other):
    """Tell whether two rectangles have nothing in common."""
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


@given(st.lists(st.tuples(RATES, RATES), min_size=1, max_size=8))
def test_a_window_holds_its_points(points):
    """Every point is inside with room to the edge, unless the edge is that of the whole; the window is on the grid and in [0, 1]."""
    window = find_window(points)
    widest = max(max(values) - min(values) for values in zip(*points, strict=True))
    if window is None:
        assert widest > 0.5 - 0.04 - 2 * 0.05
        return
    assert window.side <= 0.5
    for start, values in zip((window.left, window.bottom), zip(*points, strict=True), strict=True):
        assert start * 20 == pytest.approx(round(start * 20))
        assert start >= 0
        assert start + window.side <= 1 + 1e-9
        low, high = min(values), max(values)
        assert low - start >= min(0.02, low) - 1e-9
        assert start + window.side - high >= min(0.02, 1 - high) - 1e-9


def test_nothing_needs_no_window():
    """Without points there is none."""
    assert find_window([]) is None


def test_a_point_stands_where_its_rates_are():
    """In the whole and in a window, place and interval are the rates on the window's scale; what is outside is left out."""
    safety, utility = wilson(90, 100), wilson(80, 100)
    (spot,) = draw_plane(WHOLE, [(utility, safety, "1")], []).spots
    assert (spot.x, spot.y) == pytest.approx((0.8, 0.1))
    assert spot.across == pytest.approx((utility.low, utility.high))
    assert spot.up == pytest.approx((safety.low, safety.high))
    window = Window(0.6, 0.8, 0.2)
    (spot,) = draw_plane(window, [(wilson(9, 10), safety, ""), (utility, safety, "2")], []).spots
    assert spot.key == 1
    assert (spot.x, spot.y) == pytest.approx((1.0, 0.5))


def test_an_interval_that_is_not_known_is_not_drawn():
    """A rate without an interval has a point and no bar."""
    bare = Estimate(0.5, None, None, 1)
    (spot,) = draw_plane(WHOLE, [(bare, bare, "1")], []).spots
    assert (spot.across, spot.up) == (None, None)


def test_the_target_is_the_corner_of_both():
    """The shaded part spans from each target to 1, in the whole and closer."""
    whole = draw_plane(WHOLE, [], []).target
    assert (whole.x, whole.y) == pytest.approx((TARGETS["utility_rate"].bound, 0))
    assert (whole.width, whole.height) == pytest.approx((0.1, 0.05))
    closer = draw_plane(Window(0.8, 0.8, 0.2), [], []).target
    assert (closer.x, closer.y, closer.width, closer.height) == pytest.approx((0.5, 0, 0.5, 0.25))


@pytest.mark.parametrize("window", [WHOLE, Window(0.75, 0.75, 0.25), Window(0.55, 0.5, 0.5)])
def test_ticks_are_round_and_few(window):
    """At most six on an axis, each at its own rate."""
    plane = draw_plane(window, [], [])
    assert 3 <= len(plane.ticks_x) <= 6
    for place, text in plane.ticks_x:
        assert window.left + place * window.side == pytest.approx(int(text) / 100)
    for place, text in plane.ticks_y:
        assert window.bottom + (1 - place) * window.side == pytest.approx(int(text) / 100)


def test_names_of_close_points_do_not_cover_each_other():
    """On a phone, five points within a few percent keep their names apart, off each other's marks, and inside the plane."""
    rates = [(88, 95), (90, 92), (92, 84), (85, 93), (74, 88)]
    points = [(wilson(x, 100), wilson(y, 100), f"{number}") for number, (x, y) in enumerate(rates, 1)]
    plane = draw_plane(Window(0.6, 0.65, 0.35), points, [])
    boxes = [extent(plane, spot) for spot in plane.spots]
    marks = [(300 * s.x - 7, 300 * s.y - 7, 300 * s.x + 7, 300 * s.y + 7) for s in plane.spots]
    for number, box in enumerate(boxes):
        assert all(is_apart(box, other) for other in boxes[number + 1 :])
        assert all(is_apart(box, mark) for mark in marks)
        assert min(box) >= 0
        assert max(box) <= 300


def test_no_name_lies_on_the_line():
    """Between two points that are joined, falling as lines of a frontier do, neither name is crossed."""
    points = [(wilson(105, 354), wilson(220, 240), "before"), (wilson(229, 354), wilson(166, 240), "1")]
    plane = draw_plane(WHOLE, points, [(x.value, y.value) for x, y, _ in points])
    ((start, end),) = plane.joined
    along = [[300 * (a + (b - a) * step / 500) for a, b in zip(start, end, strict=True)] for step in range(501)]
    for spot in plane.spots:
        left, top, right, bottom = extent(plane, spot)
        assert not any(left < x < right and top < y < bottom for x, y in along), spot.label.text
