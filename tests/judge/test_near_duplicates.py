"""Groups of sets that are nearly the same."""

import random

import pytest

from demur.judge.near_duplicates import group_alike

NAMES = [f"w{n}" for n in range(400)]


def likeness(one, other, weights):
    """Give the weighted Jaccard index, literally."""
    both = sum(weights[element] for element in set(one) & set(other))
    either = sum(weights[element] for element in set(one) | set(other))
    return both / either if either else 1.0


def group_slowly(sets, weights, least):
    """Compare every set with every head: the oracle."""
    heads = []
    for index, members in enumerate(sets):
        alike = [(likeness(members, sets[head], weights), -head) for head in dict.fromkeys(heads) if sets[head]]
        best = max(alike, default=(0.0, 0))
        heads.append(-best[1] if best[0] >= least and members else index)
    return heads


def planted(n_groups, n_members, *, size=30, changes=3, seed=0):
    """Give sets that are each one of a few with some elements changed, and which it is."""
    rng = random.Random(seed)
    cores = [rng.sample(range(400), size) for _ in range(n_groups)]
    sets, truth = [], []
    for index in range(n_groups * n_members):
        core = cores[index % n_groups]
        kept = rng.sample(core, size - changes)
        sets.append(tuple(sorted({*kept, *rng.sample(range(400), changes)})))
        truth.append(index % n_groups)
    return sets, truth


def test_planted_groups_are_found_as_by_comparing_all():
    """Sets well above the line are grouped as comparing every pair groups them, and as they were planted."""
    sets, truth = planted(20, 15)
    weights = [1 + n % 3 for n in range(400)]
    heads = group_alike(sets, names=NAMES, weights=weights, least=0.6)
    assert heads == group_slowly(sets, weights, 0.6)
    assert all((heads[i] == heads[j]) == (truth[i] == truth[j]) for i in range(len(sets)) for j in range(i))


def test_near_the_line_few_are_missed():
    """Of pairs between .6 and .65 alike, 95 % or more are grouped; of pairs below .6, none."""
    rng = random.Random(2)
    found = {True: [], False: []}
    for _ in range(400):
        one = rng.sample(range(400), 40)
        other = [*one[: rng.randrange(24, 34)], *rng.sample(range(400), 10)]
        sets = [tuple(sorted(one)), tuple(sorted(set(other)))]
        alike = likeness(*sets, [1] * 400)
        if 0.5 <= alike < 0.65:
            heads = group_alike(sets, names=NAMES, weights=[1] * 400, least=0.6)
            found[alike >= 0.6].append(heads == [0, 0])
    assert len(found[True]) > 50
    assert sum(found[True]) >= 0.95 * len(found[True])
    assert not any(found[False])


def test_weights_decide():
    """Sharing one heavy element counts for more than sharing several light ones."""
    sets = [(0, 1, 2, 3), (0, 4, 5, 6), (1, 2, 3, 7)]
    heavy_first = [10, *[1] * 399]
    heavy_rest = [1, 5, 5, 5, *[1] * 396]
    assert group_alike(sets, names=NAMES, weights=heavy_first, least=0.6) == [0, 0, 2]
    assert group_alike(sets, names=NAMES, weights=heavy_rest, least=0.6) == [0, 1, 0]


def test_groups_do_not_run_into_each_other():
    """In a chain whose neighbours are alike and whose ends are not, every member is alike to its head."""
    sets = [tuple(range(start, start + 20)) for start in range(0, 60, 3)]
    heads = group_alike(sets, names=NAMES, weights=[1] * 400, least=0.6)
    assert len(set(heads)) > 3
    assert all(likeness(sets[index], sets[head], [1] * 400) >= 0.6 for index, head in enumerate(heads))


def test_the_numbers_of_elements_do_not_matter():
    """What is drawn at random hangs on the names: renumbered elements give the same groups."""
    sets, _ = planted(10, 8, changes=8, seed=4)
    order = random.Random(9).sample(range(400), 400)
    renumbered = [tuple(sorted(order[element] for element in members)) for members in sets]
    names = [""] * 400
    for element, number in enumerate(order):
        names[number] = NAMES[element]
    ones = [1] * 400
    assert group_alike(renumbered, names=names, weights=ones, least=0.6) == group_alike(
        sets, names=NAMES, weights=ones, least=0.6
    )


@pytest.mark.parametrize("sets", [[], [()], [(), (1,)], [(1,), (2,)]])
def test_few_sets_and_empty_ones_head_themselves(sets):
    """Nothing is like nothing."""
    assert group_alike(sets, names=NAMES, weights=[1] * 400, least=0.6) == list(range(len(sets)))


@pytest.mark.slow
def test_work_grows_with_the_number_of_sets_only():
    """Where every set is somewhat like every other, four times as many take not much more than four times as long."""
    from time import process_time

    def seconds(n):
        rng = random.Random(0)
        sets = [tuple(sorted({*range(30), *rng.sample(range(30, 400), 30)})) for _ in range(n)]
        start = process_time()
        group_alike(sets, names=NAMES, weights=[1] * 400, least=0.6)
        return process_time() - start

    seconds(100)
    assert seconds(8000) < 7 * seconds(2000)
