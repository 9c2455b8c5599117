"""A random walk by compiled steps: the same run as `models.simulation.simulator`, some hundred times as fast.

`reading` traces the steps with arrays that stay arrays, `codegen` writes them as C,
`compiled` puts the file together around the hand-written walk (`walk.h`, `walk.c`),
`walker` runs it.
"""
