"""A random walk by compiled steps: the same run as `models.simulation.simulator`, some hundred times as fast.

`reading` traces the steps with arrays that stay arrays, `branches` and `codegen` write
them as C around the hand-written walk (`walk.h`, `walk.c`), `compiled` puts the file
together, `walker` runs it.
"""
