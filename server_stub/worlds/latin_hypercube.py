"""Latin hypercube samples, bit for bit like numpy's legacy generator with seed 1."""

import random

_SIZE = 624
_WORD = 0xFFFFFFFF


def samples(count: int, lower: float, upper: float) -> list[float]:
    """Draw a number in each of several equal parts of an interval, in shuffled order."""
    generator = _seeded(1)
    drawn = [generator.random() for _ in range(count)]
    edges = [index / count for index in range(count + 1)]
    inside = [drawn[index] * (edges[index + 1] - edges[index]) + edges[index] for index in range(count)]
    return [lower + (upper - lower) * inside[index] for index in _shuffled(generator, count)]


def _seeded(seed: int) -> random.Random:
    """Seed the Mersenne Twister with one word like numpy. Python seeds it with a list of words."""
    state = [seed]
    for index in range(1, _SIZE):
        state.append((1812433253 * (state[-1] ^ (state[-1] >> 30)) + index) & _WORD)
    generator = random.Random()  # noqa: S311 - the same numbers at every start are wanted
    generator.setstate((3, (*state, _SIZE), None))
    return generator


def _shuffled(generator: random.Random, count: int) -> list[int]:
    order = list(range(count))
    for last in range(count - 1, 0, -1):
        other = last + 1
        while other > last:
            other = generator.getrandbits(32) & ((1 << last.bit_length()) - 1)
        order[last], order[other] = order[other], order[last]
    return order
