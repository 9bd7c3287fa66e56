-- The spec of the example policy is part of the suite: what authors copy has to work.

assert(loadfile("examples/own_policy/benchmark_gap_spec.lua", "t", _ENV))()
