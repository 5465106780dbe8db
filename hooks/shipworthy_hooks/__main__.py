"""`python -m shipworthy_hooks` is the `shipworthy` command."""

import sys

from shipworthy_hooks.cli import main

if __name__ == "__main__":
    sys.exit(main())
