"""Sessions: `nox` checks parity; `nox -l` lists the others."""

import os

import nox

nox.options.sessions = ["parity(all)"]
nox.options.error_on_missing_interpreters = False

FRAMEWORKS = ["torch", "jax", "tensorflow"]
CONSTRAINTS = ("-c", "constraints.txt")

# The oldest versions that the adapters are meant for, beside those of constraints.txt.
OLDER = {
    "torch": ["torch==2.9.1"],
    "jax": ["jax==0.8.1", "optax==0.2.6"],
    "tensorflow": ["tensorflow-cpu==2.20.0", "keras==3.12.0"],
}


def install(session: nox.Session, *extras: str) -> None:
    """Install the wheel of this checkout with the versions that parity is known for."""
    session.install(*CONSTRAINTS, f".[{','.join(extras)}]")


def pytest(session: nox.Session, *arguments: str) -> None:
    """Run the suite against the installed wheel, not against the checkout."""
    environment = {"OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    workers = ["-n", "2", "--dist", "loadfile"] if (os.cpu_count() or 1) > 1 else []
    session.run("pytest", "-o", "pythonpath=parity_tests", *workers, *arguments, *session.posargs, env=environment)


@nox.session
@nox.parametrize("framework", [nox.param("all", id="all"), *(nox.param(name, id=name) for name in FRAMEWORKS)])
def parity(session: nox.Session, framework: str) -> None:
    """Prove that all four implementations agree, or one framework alone with NumPy."""
    install(session, framework, "test")
    pytest(session, *([] if framework == "all" else [f"--implementations={framework}"]))


@nox.session(python=["3.11", "3.12", "3.13"])
@nox.parametrize("framework", FRAMEWORKS)
@nox.parametrize("versions", ["known", "older"])
def matrix(session: nox.Session, versions: str, framework: str) -> None:
    """Repeat one framework's parity with other versions of Python and of the framework."""
    if versions == "known":
        install(session, framework, "test")
    else:
        session.install(*OLDER[framework], f".[{framework},test]")
    pytest(session, f"--implementations={framework}")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format."""
    session.install(*CONSTRAINTS, "ruff")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check types."""
    install(session, "dev")
    session.run("mypy", "reference", "adapters", "parity_tests", "noxfile.py")


@nox.session
def examples(session: nox.Session) -> None:
    """Run every example and hold it to the published figures."""
    install(session, "all", "test")
    names = ("examples", "networks", "porting", "doctor_five_networks")
    pytest(session, *(f"parity_tests/test_{name}.py" for name in names))


@nox.session
def coverage(session: nox.Session) -> None:
    """Measure which lines and branches the suite reaches."""
    install(session, "all", "test")
    pytest(session, "--cov", "--cov-report=term-missing:skip-covered")


@nox.session
def alarms(session: nox.Session) -> None:
    """Run thousands of random correct cases in two processes: `nox -s alarms -- --cases 10000`."""
    install(session, "all")
    arguments = session.posargs or ["--cases", "10000"]
    session.run("backproof", "fuzz", "--jobs", "2", *arguments, env={"OMP_NUM_THREADS": "1"})


@nox.session
def doctor(session: nox.Session) -> None:
    """Try the doctor on every script and many mutations, and write DOCTOR.md: `nox -s doctor -- --only wrong/`."""
    install(session, "test")
    session.run("python", "parity_tests/doctor_bench.py", *session.posargs, env={"OMP_NUM_THREADS": "1"})
