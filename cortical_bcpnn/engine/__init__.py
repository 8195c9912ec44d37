"""Brian2 networks as C++ programs: generated, compiled, kept, and driven from Python.

Nothing here knows what the network is. `programs.build` takes a function that makes a `Circuit` of
Brian2 objects and returns a `Program`; `Program.start` returns a `LiveProcess`, in which time steps
are run and state variables are read and set.
"""
