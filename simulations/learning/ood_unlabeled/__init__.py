"""Saberi et al. (ICLR 2024): what unlabelled points of a shifted mixture add to labelled ones."""
