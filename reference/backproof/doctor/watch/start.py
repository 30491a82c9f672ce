"""The program that `runner` starts: finds this package, and hands over to `child`."""

import sys
from types import ModuleType

if __name__ == "__main__":
    already = frozenset(sys.modules)
    package = ModuleType("backproof")  # bare: what the whole package imports takes longer than many a script
    package.__path__ = [__file__.rsplit("/doctor/", 1)[0]]
    sys.modules["backproof"] = package
    from backproof.doctor.watch.child import main

    for name in [name for name in sys.modules if name.split(".")[0] == "backproof"]:
        del sys.modules[name]  # a script that means the package gets it whole
    main(already)
