"""Many experiments at once, on many workers.

A sweep is a product of bindings: experiments (`lth_tf.config.load_sweep`). Their measurements are
planned together: a job is a run with all the states, masks and measurements made of it (`jobs`),
and a shard takes whole chains of them (`shards`). Jobs whose needs are met go to workers
(`scheduler`), which come from a pool: this process (`in_process_pool`), processes of this machine
(`local_pool`) or actors of Ray (`ray_pool`). Workers make artifacts in the store like any other
process (`worker`). Rows are logged as soon as their measurements are there (`collect`).

Everything that correctness rests on lies in the store: a worker may be killed at any moment, and
any number of sweeps and shards may share a store and need the same artifacts.
"""
