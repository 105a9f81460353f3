"""What an author writes: records, grids, expectations, controls, and what is wrong with them."""
