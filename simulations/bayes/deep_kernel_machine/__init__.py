"""What the Grams of a wide deep Gaussian process learn, and how fast their posterior gets there."""
