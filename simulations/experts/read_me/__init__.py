"""Read-ME: look-ahead caching, expert-aware batching, prefetching and printed sizes."""
