"""Self-organizing Gaussian grids: sizes of the released models, and what the headline divides.

Morgenstern, Barthel, Hilsmann and Eisert (ECCV 2024). Bytes and Gaussians are those of the results
that lie in the authors' repository, one table per scene (commit 5f2b360). A megabyte is 10^6 bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from refutable import Paper

PAPER = Paper(
    key="self_organizing_gaussians",
    field="compression",
    title="Compact 3D Scene Representation via Self-Organizing Gaussian Grids",
    authors=("Wieland Morgenstern", "Florian Barthel", "Anna Hilsmann", "Peter Eisert"),
    year=2024,
    venue="ECCV 2024",
    arxiv="2312.13299",
    read=(
        "The abstracts of both arXiv versions; the code of the sort (fraunhoferhhi/PLAS) and the "
        "figures of its README; README, results and project page of "
        "fraunhoferhhi/Self-Organizing-Gaussians. The body of the paper was not read."
    ),
    not_checked=(
        "Rendering quality, training with the smoothness loss, and lossy coding: they need the "
        "scenes and a GPU.",
        "The sorting times on a GPU, which are printed for an RTX 4090: about 5 s for 1024 x 1024.",
    ),
)

FLOATS = {"with SH": 59, "without SH": 14}
"""Numbers of one Gaussian: place 3, scale 3, rotation 4, opacity 1, colour 3, and 45 of SH."""
BYTES = 4
NORMALS = 3
"""Unused numbers of one Gaussian in a .ply file."""


@dataclass(frozen=True)
class Released:
    """Bytes and Gaussians of a released scene, with spherical harmonics (SH) and without."""

    bytes_sh: int
    gaussians_sh: int
    bytes_plain: int
    gaussians_plain: int

    def size(self, kind: str) -> int:
        """Bytes of the compressed scene."""
        return self.bytes_sh if kind == "with SH" else self.bytes_plain

    def gaussians(self, kind: str) -> int:
        """Gaussians of the scene."""
        return self.gaussians_sh if kind == "with SH" else self.gaussians_plain


RELEASED: dict[str, dict[str, Released]] = {
    "Mip-NeRF360": {
        "bicycle": Released(53_202_029, 2_893_401, 22_232_720, 2_845_969),
        "bonsai": Released(23_780_541, 1_375_929, 9_873_224, 1_329_409),
        "counter": Released(17_619_220, 960_400, 7_008_789, 900_601),
        "flowers": Released(54_974_812, 2_852_721, 22_229_645, 2_819_041),
        "garden": Released(83_494_624, 4_343_056, 33_345_182, 4_359_744),
        "kitchen": Released(23_259_372, 1_210_000, 9_006_151, 1_181_569),
        "room": Released(14_196_402, 910_116, 6_292_781, 883_600),
        "stump": Released(50_487_921, 2_812_329, 22_452_017, 2_822_400),
        "treehill": Released(41_545_592, 2_229_049, 17_722_798, 2_205_225),
    },
    "Tanks&Temples": {
        "train": Released(16_766_776, 889_249, 6_781_291, 857_476),
        "truck": Released(28_790_293, 1_595_169, 11_805_259, 1_557_504),
    },
    "Deep Blending": {
        "drjohnson": Released(18_640_330, 919_681, 5_936_749, 811_801),
        "playroom": Released(16_833_263, 861_184, 5_487_891, 788_544),
    },
    "Synthetic-NeRF": {
        "chair": Released(5_067_361, 210_681, 2_412_489, 228_484),
        "drums": Released(5_378_866, 194_481, 2_432_363, 221_841),
        "ficus": Released(4_288_195, 144_400, 1_883_854, 152_881),
        "hotdog": Released(2_933_962, 109_561, 1_565_777, 129_600),
        "lego": Released(4_521_377, 203_401, 2_043_294, 234_256),
        "materials": Released(3_648_816, 126_736, 1_922_822, 149_769),
        "mic": Released(2_226_599, 80_089, 1_424_409, 112_896),
        "ship": Released(4_995_871, 189_225, 2_139_112, 177_241),
    },
}

DATASETS = tuple(RELEASED)

TABLE: dict[str, dict[str, tuple[str, str]]] = {
    "Mip-NeRF360": {"with SH": ("785", "40.3"), "without SH": ("212", "16.7")},
    "Tanks&Temples": {"with SH": ("454", "21.4"), "without SH": ("122", "8.2")},
    "Deep Blending": {"with SH": ("699", "16.8"), "without SH": ("191", "5.5")},
    "Synthetic-NeRF": {"with SH": ("71.6", "4.1"), "without SH": ("19.4", "2.0")},
}
"""Megabytes of 3DGS and of the compressed models in the table of the project page (May 2024)."""

SPLIT_SCENES = {"truck": (639.7, 28.8), "flowers": (848.1, 55.0)}
"""Megabytes of 3DGS and of the compressed scene on the project page's results page, with SH."""

HEADLINES = {"v1": ("8", "26"), "v2": ("17", "42"), "page": ("19.9", "39.5")}
"""Least and greatest reduction: abstracts of arXiv v1 and v2; project page since October 2024."""


def uncompressed_bytes(kind: str, normals: bool = False) -> int:
    """Bytes of one Gaussian as 32-bit numbers.

    Parameters
    ----------
    kind : str
        ``with SH`` or ``without SH``.
    normals : bool
        As in a .ply file, which holds three unused numbers more.
    """
    return BYTES * (FLOATS[kind] + NORMALS * normals)


def scene(name: str) -> Released:
    """Return a scene of any dataset."""
    return next(scenes[name] for scenes in RELEASED.values() if name in scenes)


def mean_megabytes(dataset: str, kind: str, moved: bool = False) -> float:
    """Mean size of the scenes of a dataset.

    Parameters
    ----------
    dataset : str
        One of `DATASETS`.
    kind : str
        ``with SH`` or ``without SH``.
    moved : bool
        Count Dr Johnson, of Deep Blending, to Tanks&Temples.
    """
    scenes = dict(RELEASED[dataset])
    if moved:
        scenes.pop("drjohnson", None)
        if dataset == "Tanks&Temples":
            scenes["drjohnson"] = scene("drjohnson")
    return sum(one.size(kind) for one in scenes.values()) / len(scenes) / 1e6


def reduction(dataset: str, kind: str, moved: bool = False) -> float:
    """Megabytes of 3DGS with SH in the table, over the mean of the released scenes."""
    return float(TABLE[dataset]["with SH"][0]) / mean_megabytes(dataset, kind, moved)


def bytes_per_gaussian(name: str, kind: str) -> float:
    """Bytes of a released scene over its Gaussians."""
    one = scene(name)
    return one.size(kind) / one.gaussians(kind)


def equal_count_factor(dataset: str, kind: str, stored: str = "with SH") -> float:
    """Reduction if the uncompressed model had no more Gaussians than the released one.

    Parameters
    ----------
    dataset, kind : str
        Of the released models; sums over scenes.
    stored : str
        What is stored uncompressed of a Gaussian: ``with SH`` or ``without SH``.
    """
    scenes = RELEASED[dataset].values()
    gaussians = sum(one.gaussians(kind) for one in scenes)
    return uncompressed_bytes(stored) * gaussians / sum(one.size(kind) for one in scenes)
