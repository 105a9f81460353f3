"""Scale mixtures of wide networks: the laws of networks with a random scale, trained and not."""
