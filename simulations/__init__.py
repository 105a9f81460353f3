"""How each claim is tried: data-generating mechanism, solver, expectation, controls."""
