"""The virtio-net receive path as an executable specification.

Everything in this package is plain Python on plain numbers.  It imports no
solver and no engine: the packages that examine it (`models`) hand their own
numbers to the same functions.  The state is in `spec.rx`.
"""
