"""Score priors guided variational denoising: what its score prior and its noise posterior do."""
