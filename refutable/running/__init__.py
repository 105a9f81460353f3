"""How a run is made: finding claims, drawing blocks on a back end, showing progress."""
