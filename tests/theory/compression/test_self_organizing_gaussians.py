"""Sizes of the released models: what square grids, file formats and other sums say of them."""

import math
from fractions import Fraction

import pytest
from refutable.theory.compression import self_organizing_gaussians as theory

SCENES = [(d, s) for d, scenes in theory.RELEASED.items() for s in scenes]


def test_there_are_the_scenes_of_the_four_datasets():
    counts = [len(scenes) for scenes in theory.RELEASED.values()]
    assert dict(zip(theory.DATASETS, counts, strict=True)) == {
        "Mip-NeRF360": 9,
        "Tanks&Temples": 2,
        "Deep Blending": 2,
        "Synthetic-NeRF": 8,
    }
    assert theory.TABLE.keys() == theory.RELEASED.keys()


@pytest.mark.parametrize(("dataset", "name"), SCENES)
def test_gaussians_fill_square_grids_and_files_are_of_their_order(dataset, name):
    one = theory.scene(name)
    assert one is theory.RELEASED[dataset][name]
    for kind, most in (("with SH", 30), ("without SH", 13)):
        assert math.isqrt(one.gaussians(kind)) ** 2 == one.gaussians(kind)
        assert 6 < one.size(kind) / one.gaussians(kind) < most
        assert theory.bytes_per_gaussian(name, kind) == one.size(kind) / one.gaussians(kind)


def test_a_gaussian_has_the_numbers_of_its_attributes():
    """Spherical harmonics of degrees 0 to 3 for three colours, without them degree 0."""
    place, scale, rotation, opacity = 3, 3, 4, 1
    for kind, degree in (("with SH", 3), ("without SH", 0)):
        numbers = place + scale + rotation + opacity + 3 * (degree + 1) ** 2
        assert theory.FLOATS[kind] == numbers
        assert theory.uncompressed_bytes(kind) == 4 * numbers
        assert theory.uncompressed_bytes(kind, normals=True) == 4 * (numbers + 3)


def test_means_are_those_of_the_files():
    truck, train, johnson, playroom = (28790293, 16766776, 18640330, 16833263)
    mean = theory.mean_megabytes
    assert mean("Tanks&Temples", "with SH") == pytest.approx((truck + train) / 2e6)
    assert mean("Tanks&Temples", "with SH", True) == pytest.approx((truck + train + johnson) / 3e6)
    assert mean("Deep Blending", "with SH") == pytest.approx((johnson + playroom) / 2e6)
    assert mean("Deep Blending", "with SH", True) == pytest.approx(playroom / 1e6)
    assert mean("Mip-NeRF360", "without SH") == mean("Mip-NeRF360", "without SH", True)
    assert len(theory.RELEASED["Deep Blending"]) == 2


@pytest.mark.parametrize("dataset", theory.DATASETS)
@pytest.mark.parametrize("stored", theory.FLOATS)
def test_the_factor_at_equal_count_is_a_mean_of_those_of_the_scenes(dataset, stored):
    """Weighted by bytes, exactly in fractions."""
    for kind in theory.FLOATS:
        scenes = theory.RELEASED[dataset].values()
        total = sum(one.size(kind) for one in scenes)
        whole = 4 * theory.FLOATS[stored]
        wanted = sum(
            Fraction(one.size(kind), total) * whole * Fraction(one.gaussians(kind), one.size(kind))
            for one in scenes
        )
        assert theory.equal_count_factor(dataset, kind, stored) == pytest.approx(float(wanted))


def test_reductions_divide_what_the_table_prints_by_what_was_released():
    assert theory.reduction("Tanks&Temples", "with SH") == pytest.approx(454 / 22.7785345)
    assert theory.reduction("Deep Blending", "without SH", True) == pytest.approx(699 / 5.487891)


def test_printed_sizes_of_single_scenes_are_those_of_the_files():
    for name, (before, after) in theory.SPLIT_SCENES.items():
        assert round(theory.scene(name).bytes_sh / 1e6, 1) == after
        assert before > after
