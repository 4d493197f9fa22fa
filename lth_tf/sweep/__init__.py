"""Many experiments at once, on many workers.

A sweep is a product of bindings: experiments (`lth_tf.config.load_sweep`). What they want measured
is planned as one: a job is a run with all the states, masks and measurements made of it (`jobs`),
and a shard takes whole chains of them (`shards`). Jobs that nothing is missing for go to workers
(`scheduler`), processes of this machine (`local`) or actors of Ray (`on_ray`), which make things in
the store like any other process (`worker`). Rows are logged as soon as they can be (`collect`).

All that is needed to be right lies in the store: a worker may be killed at any moment, and any
number of sweeps and shards may share a store and want the same things.
"""
