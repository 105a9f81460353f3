"""The experiments on sorted grids against plain loops, other encoders and the theory's numbers."""

import struct
import zlib

import numpy as np
import pytest
from refutable.simulations.compression.self_organizing_gaussians import _grids as colours
from refutable.simulations.compression.self_organizing_gaussians import (
    full_assignment,
    headlines,
    image_codecs,
    permutation,
    released_sizes,
    smoothness,
    work,
)
from refutable.solvers import parallel_linear_assignment_sorting as plas
from refutable.theory.compression import self_organizing_gaussians as theory

from refutable import Cell


def rng(seed=0):
    return np.random.default_rng(seed)


def test_colours_have_their_laws():
    flat = colours.drawn(rng(), 40, 32)
    assert flat.shape == (40, 32, 32, 3)
    assert [flat.mean(), flat.var()] == pytest.approx([127.5, (256**2 - 1) / 12], rel=0.01)
    blobs = colours.drawn(rng(), 400, 16, "clustered").reshape(400, 256, 3)
    assert (blobs.min(), blobs.max()) == (0, 255)
    assert (blobs == np.rint(blobs)).all()
    nearest = ((blobs[:, :1] - blobs[:, 1:]) ** 2).sum(axis=2)
    assert np.mean(nearest < 20 * 12**2) == pytest.approx(1 / 8, abs=0.06)


def test_rows_by_luminance_are_in_order():
    grids = colours.drawn(rng(1), 2, 5)
    found = colours.by_luminance(grids).reshape(2, 25, 3)
    for r in range(2):
        plain = sorted(grids[r].reshape(25, 3), key=lambda c: 0.3 * c[0] + 0.6 * c[1] + 0.1 * c[2])
        np.testing.assert_array_equal(found[r], plain)


def test_what_is_lost_and_changed_is_counted():
    assert permutation.lost(np.array([[2, 0, 1], [0, 0, 2]])).tolist() == [0, 1]
    found = permutation.passes(Cell({"n": 16}), rng(2), 3)
    assert found["lost"].tolist() == found["changed"].tolist() == [0, 0, 0]
    assert (found["increase"] < 0).all()
    copied = permutation.passes(Cell({"n": 16}), rng(2), 2, moves=permutation.copying())
    assert (copied["lost"] > 0).all()
    assert (copied["changed"] > 0).all()


def test_an_inverted_order_is_the_other_way_round():
    for order, inverse in zip(plas.ORDERS, permutation.INVERSE, strict=True):
        assert order[inverse].tolist() == [0, 1, 2, 3]


def test_reductions_are_ratios_of_the_measures():
    found = smoothness.reductions(Cell({"n": 16, "least_gain": 1e-2}), rng(3), 2)
    generator = rng(3)
    grids = colours.drawn(generator, 2, 16)
    end = plas.sort_grids(grids, generator, 1e-2).grids

    def vad(grid):
        steps = [np.abs(np.diff(grid, axis=axis)) for axis in (0, 1)]
        return sum(step.var() for step in steps) / 2

    assert found["vad"] == pytest.approx([vad(a) / vad(b) for a, b in zip(grids, end, strict=True)])
    assert found["vad_left"] == pytest.approx([vad(b) for b in end])
    assert (found["luminance"] < 2).all()
    same = smoothness.finer_breaks(Cell({"n": 16, "finer": 1e-2}), rng(3), 4, factor=1.0)
    assert (same["smoother"] == (same["ratio"] < 1)).all()


def test_no_assignment_is_nearer_than_the_full_one():
    grids, targets = rng(4).random((2, 3, 2, 2, 1))
    found = full_assignment.assigned(grids, targets)
    ends = [np.sort(one.reshape(3, 4), axis=1) for one in (grids, targets)]
    wanted = ((ends[0] - ends[1]) ** 2).sum(axis=1)
    assert permutation.distance(found, targets) == pytest.approx(wanted)
    share = full_assignment.fixed_target(Cell({"n": 8, "radius": 1}), rng(4), 4)["share"]
    assert ((share > 0.8) & (share <= 1)).all()


def test_both_sorts_are_compared_on_the_same_grids():
    found = full_assignment.both_sorts(Cell({"n": 6}), rng(5), 3)
    assert ((found["distance"] > 0.7) & (found["distance"] < 1.6)).all()


def test_bytes_of_a_png_are_those_of_a_plain_encoder_or_fewer():
    grids = colours.drawn(rng(6), 1, 16)
    rows = b"".join(b"\0" + row.astype(np.uint8).tobytes() for row in grids[0])
    plain = 8 + 25 + 12 + 12 + len(zlib.compress(rows, 6))
    assert struct.calcsize(">IIBBBBB") + 12 == 25
    assert image_codecs.encoded_bytes(grids, "png")[0] == pytest.approx(plain, abs=24)
    six = np.concatenate([grids, grids], axis=3)
    assert image_codecs.encoded_bytes(six, "webp") == 2 * image_codecs.encoded_bytes(grids, "webp")


def test_flat_colours_take_fewer_bytes():
    found = image_codecs.gains(Cell({"data": "uniform", "n": 24}), rng(7), 2)
    assert (found["png"] > 1.05).all()
    assert (found["growth"] > 1).all()
    rows = image_codecs.gains(Cell({"data": "uniform", "n": 24}), rng(7), 2, luminance=True)
    assert (rows["png"] < 1.05).all()
    assert (rows["bits"] > found["bits"]).all()


def test_visits_follow_the_schedule():
    found = work.visits(Cell({"least_gain": 1.0}), rng(8), 2)["visits"]
    for place, n in enumerate(work.SIDES):
        covered = [max(min(2 * r + 2, n) // 2 * 2, 16) for r in plas.radii(n)]
        wanted = sum(4 * (n // side * side) ** 2 for side in covered)
        assert found[:, place].tolist() == [wanted, wanted]
    fewer = work.visits(Cell({"least_gain": 1.0}), rng(8), 1, one_by_one=True)["visits"]
    assert fewer[0, 0] == 4 * 7 * 256


def test_sizes_and_headlines_are_those_of_the_theory():
    cell = Cell({"dataset": "Deep Blending", "kind": "with SH"})
    assert released_sizes.table_sizes(cell)["size"] == pytest.approx(16.833263)
    assert released_sizes.table_sizes(cell, moved=False)["size"] == pytest.approx(17.7367965)
    assert released_sizes.equal_count(cell)["factor"] == pytest.approx(
        236 * (919681 + 861184) / (18640330 + 16833263)
    )
    found = headlines.released_range(Cell({}))
    assert found["tanks"] == pytest.approx(454e6 / (28790293 + 16766776) * 2)
    assert found["least"] == theory.reduction("Synthetic-NeRF", "with SH")
    assert found["least_of_three"] == theory.reduction("Mip-NeRF360", "with SH")
    table = headlines.table_range(Cell({}))
    assert [table["least"], table["greatest"]] == pytest.approx([71.6 / 4.1, 699 / 16.8])
    split = released_sizes.split(Cell({"scene": "truck"}))
    vanilla = 639.7e6 / 248
    assert split["total"] == pytest.approx(split["coding"] * vanilla / 1595169, rel=1e-3)
