"""What identities between arrays are judged by, for several papers."""
