"""`python -m refutable`."""

from refutable.cli import main

if __name__ == "__main__":
    main()
