"""What a run leaves behind: store, results on disk, fingerprints, terms and baseline."""
