"""Self-organizing Gaussian grids: the sort and what it does for image codecs; released sizes."""
