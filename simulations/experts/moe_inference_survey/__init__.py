"""What batching, offloading, expert parallelism and quantisation of experts can save at best."""
