"""FineQuant: the error of group-wise quantisation, and the memory bound on its speed-up."""
