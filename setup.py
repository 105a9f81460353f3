"""Finds the packages; everything else is in pyproject.toml.

The folders theory, solvers, simulations and reports lie at the top of the tree and are installed
inside `refutable`. Setuptools can map folders to packages but not find packages under a mapping.
"""

from setuptools import find_namespace_packages, find_packages, setup

PARTS = ("theory", "solvers", "simulations", "reports")

engine = find_packages(include=["refutable", "refutable.*"])
parts = find_namespace_packages(
    include=[pattern for part in PARTS for pattern in (part, f"{part}.*")],
    exclude=["*.__pycache__"],
)
setup(packages=[*engine, *(f"refutable.{name}" for name in parts)])
