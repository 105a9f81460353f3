"""Plays the trial of a claim in this process, without a store."""

import random

from refutable import Effort
from refutable.deciding import seeds
from refutable.deciding.outcomes import check_computed, check_simulated
from refutable.deciding.trial import Trial
from refutable.running.tasks import world_of


def draw(claim, key, seed=0):
    world = world_of(claim, key.world)
    if world.compute is not None:
        return check_computed(world.compute(key.cell))
    rng = seeds.generator(seed, claim.id, key.cell, key.block)
    return check_simulated(world.simulate(key.cell, rng, claim.block), claim.block)


def decide(claim, effort=Effort.SMOKE, seed=0, ahead=0, shuffle=None):
    """Play a trial, with blocks ahead of need and in any order."""
    trial = Trial(claim, effort, seed, "print")
    drawn = set()
    while not trial.done:
        wanted = [key for key in trial.needs(ahead) if key not in drawn]
        if shuffle is not None:
            random.Random(shuffle).shuffle(wanted)
        for key in wanted:
            drawn.add(key)
            trial.feed(key, draw(claim, key, seed))
    return trial.result()
