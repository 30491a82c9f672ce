"""The program that `runner` starts: finds this package, and hands over to `child`."""

import sys

if __name__ == "__main__":
    already = frozenset(sys.modules)
    sys.path[0] = __file__.rsplit("/backproof/", 1)[0]
    from backproof.doctor.watch.child import main

    main(already)
