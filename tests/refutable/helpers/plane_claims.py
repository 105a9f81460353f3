"""A claim of two parameters with a bound, for maps and tightness on every back end."""

from refutable import Cells, Claim, FalseTheory, Mean, Paper, Scope

PAPER = Paper(
    key="plane", field="games", title="On planes", authors=("A. Author",), year=2000, venue="V"
)


def draw(cell, rng, size):
    return {"loss": rng.random(size) ** cell.power * cell.size}


BOUND = Claim(
    id="plane.bound",
    paper=PAPER,
    source="p. 1",
    statement="The loss is at most a half.",
    formula="E loss = size / (1 + power)",
    scope=Scope.AS_STATED,
    does_not_show="Gains.",
    cells=Cells(power=(1.0, 2.0), size=(0.5,)),
    simulate=draw,
    expect=(Mean("loss", bounds=(0, 1)).at_most(0.5),),
    controls=(FalseTheory("a tenth", Mean("loss", bounds=(0, 1)).at_most(0.1)),),
    block=32,
    cap=6400,
)
