"""Sultan (2020): k-means partitions judged by a Gaussian mixture, and what its abstract says."""
