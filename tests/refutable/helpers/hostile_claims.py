"""Claims of a file that would take the run down with them."""

import asyncio
import os
import signal
import threading
import time
from dataclasses import replace

from coins import COIN

_COIN = replace(COIN, paper=replace(COIN.paper, key="hostile"))


class Unprintable(BaseException):
    def __str__(self):
        raise self


def leaves(cell, rng, size):
    os._exit(0)


def moves(cell, rng, size):
    os.chdir("/")
    return COIN.simulate(cell, rng, size)


def deaf(cell, rng, size):
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    while True:
        time.sleep(0.1)


def stays(cell, rng, size):
    threading.Thread(target=time.sleep, args=(10_000,)).start()
    return COIN.simulate(cell, rng, size)


def talks(cell, rng, size):
    print("{")
    os.write(1, b"raw [\n")
    return COIN.simulate(cell, rng, size)


def cancelled(cell, rng, size):
    raise asyncio.CancelledError


def closes(cell, rng, size):
    raise GeneratorExit


def interrupts(cell, rng, size):
    raise KeyboardInterrupt


def mute(cell, rng, size):
    raise Unprintable


def colours(cell, rng, size):
    raise ValueError("\x1b[31mred\x00\u202egnp\ud800")


def curve(cell):
    os._exit(0)


GOOD = replace(_COIN, id="hostile.good")
LEAVES = replace(_COIN, id="hostile.leaves", simulate=leaves)
MOVES = replace(_COIN, id="hostile.moves", simulate=moves)
DEAF = replace(_COIN, id="hostile.deaf", simulate=deaf)
STAYS = replace(_COIN, id="hostile.stays", simulate=stays)
TALKS = replace(_COIN, id="hostile.talks", simulate=talks)
CANCELLED = replace(_COIN, id="hostile.cancelled", simulate=cancelled)
CLOSES = replace(_COIN, id="hostile.closes", simulate=closes)
INTERRUPTS = replace(_COIN, id="hostile.interrupts", simulate=interrupts)
MUTE = replace(_COIN, id="hostile.mute", simulate=mute)
COLOURS = replace(_COIN, id="hostile.colours", simulate=colours)
