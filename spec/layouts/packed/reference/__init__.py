"""A packed ring as a reader of the C would write it down, for the functions of `spec.reference`.

`structs` has what the functions work on, with the wrap counters of the C beside its
indices: no index here counts modulo 2N.  So what the steps compute with theirs is
compared with another representation, and not with the same one written twice.
"""
