"""Instrumented code does what it would do alone, and its sites say what stands where."""

import builtins
import contextlib
import io
import textwrap
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backproof.doctor.recording import Site
from backproof.doctor.watch.instrument import SEEN, instrument
from backproof.doctor.watch.recorder import Limits, Recorder
from watching import recorder_of

TRICKY = {
    "short circuit": "print([] and f(1), f(0) or f(2), f(0) and f(3), f(3) < f(1) < f(9), f(1) if f(0) else f(4))",
    "evaluated once": """
        a = [1.0, 2.0, 3.0]
        a[f(1)] += f(5)
        a[f(0)] = f(7)
        x = y = f(2)
        print(a, x, y)
    """,
    "docstrings": """
        '''of the module'''
        class A:
            '''of A'''
            def g(self, x=1):
                '''of g'''
        def empty(w): '''only this'''
        print(__doc__, A.__doc__, A.g.__doc__, A().g(), empty(1))
    """,
    "future": """
        '''first'''
        from __future__ import annotations
        def g(x: Undefined) -> AlsoUndefined: return x
        print(g.__annotations__, g(3))
    """,
    "super and mangling": """
        class A:
            def __init__(self): self.__w = 2.0; self.__w += 1
            def get(self, __p=4.0): return self.__w + __p
        class B(A):
            def __init__(self): super().__init__(); self.b = super().get()
        print(B().b, vars(B()))
    """,
    "decorators": """
        import functools
        class A:
            n = 0
            @property
            def w(self): return self._w
            @w.setter
            def w(self, new): self._w = new * 2
            @staticmethod
            def s(x): return x
            @functools.lru_cache(maxsize=None)
            def c(self, x): return f(x)
        a = A(); a.w = 4; print(a.w, A.s(3), a.c(1), a.c(1))
    """,
    "dataclass and enum": """
        import dataclasses, enum
        @dataclasses.dataclass
        class P:
            x: float
            y: float = 2.0
            z: list = dataclasses.field(default_factory=list)
        class E(enum.Enum):
            A = 1
            B = A + 1
        print(P(1.0), list(E))
    """,
    "f-strings": """
        w = 3.14159; n = 2
        print(f'{w:.{n}f} {w=} {w!r:>10} {f(1)}' '%d' % 3, f'{{}}', f"{'a' + 'b'}")
    """,
    "scopes": """
        total = 0
        def g():
            global total
            total += 2.5
            k = 0
            def h():
                nonlocal k
                k += 1
                return k
            h(); return h()
        print(g(), total)
        def late():
            try: missing += 1
            except UnboundLocalError as error: print(error)
        late()
    """,
    "delete": "a = [1, 2, 3]; d = {'k': 1}; del a[0], d['k']; x = 1; del x; print(a, d, 'x' in globals())",
    "match": """
        import math
        def g(v):
            match v:
                case 0 | math.pi: return 'number'
                case [x, *rest] if x > 1: return x, rest
                case {'k': k, **others}: return k, others
                case str() as s: return s
                case _: return None
        print(g(0), g(math.pi), g([2, 3, 4]), g([0, 1]), g({'k': 1, 'j': 2}), g('s'))
    """,
    "walrus": "if (n := f(3)) > 2: print(n, [m for i in range(4) if (m := i * n) > 3], m)",
    "starred": """
        def g(*a, k=0, **b): return a, k, b
        first, *middle, last = f(1), *[2, 3], 4
        print(g(*middle, first, k=last, **{'z': 1}), [*middle, *middle], {**{'a': 1}}, (*middle,))
        print({(1, 2): 5}[1, 2], np.arange(12).reshape(3, 4)[1:, ::2], np.eye(2)[..., None, 0])
    """,
    "generators": """
        def g():
            x = yield 1
            print('got', x)
            y = yield from [2, 3]
            return 4
        i = g(); print(next(i), i.send(9), list(i), sum(f(k) for k in range(3)))
        print({k: v for k, v in zip('ab', [1, 2])}, {k % 2 for k in range(5)})
        print([[j for j in range(i)] for i in range(3)])
    """,
    "async": """
        import asyncio
        async def a(x): await asyncio.sleep(0); return x * 2
        async def many():
            for i in range(3): yield i
        class C:
            async def __aenter__(self): return 5
            async def __aexit__(self, *a): return False
        async def main():
            async with C() as c: print(c)
            async for i in many(): print(i, await a(i))
            return [await a(i) async for i in many()]
        print(asyncio.run(main()))
    """,
    "exceptions": """
        def g():
            try: return 1 / 0
            except ZeroDivisionError as error:
                try: raise KeyError('k') from error
                except* KeyError as group: print(group.exceptions)
            finally: print('finally')
            return 2
        print(g())
        with open(__file__) as file, contextlib.suppress(ValueError): int('x')
        for i in range(3):
            if i == 1: continue
        else: print('else', i)
    """,
    "lambda and class scope": """
        g = lambda w, k=f(2): w * k
        class A:
            w = 2.0
            w += 1
            ws = [w] * 2
            h = lambda self: self.w
        print(g(3), A.ws, A().h(), (lambda: (yield))().__class__.__name__)
    """,
    "own containers": """
        class D(dict):
            def __getitem__(self, k): print('get', k) if k == 'seen' else None; return super().get(k, 0)
        d = D(); d['a'] += 1; print(dict(d))
        class Slots:
            __slots__ = ('w',)
        s = Slots(); s.w = np.ones(2); s.w -= 0.5; print(s.w)
        class Closed:
            def __setattr__(self, k, v): object.__setattr__(self, '_' + k, v)
            def __getattr__(self, k): raise AttributeError(k)
        c = Closed(); c.x = 3; print(vars(c))
    """,
    "arrays": """
        a = np.ones(3); b = a; b -= 0.5; print(a)
        r = np.ones(3); r.resize((2, 2)); print(r.shape)
        m = np.matrix('1 2; 3 4'); print(m * m, type(m * m).__name__)
        big = np.ones(10**5); print((big * 2 + 1 - 1).sum(), 10**400 > 1, float('nan') != float('nan'))
        w = np.arange(6.0).reshape(2, 3); w[0] += 1; w[:, 1] *= 2; w[w > 4] = 0; print(w)
    """,
    "introspection": """
        import inspect, sys
        def g(): return sorted(locals()), sys._getframe(1).f_lineno, inspect.getsource(g).strip()[:7]
        print(g(), '__backproof_seen__' in globals(), eval('f(1) + 1'))
        exec('z = 4'); print(z)
    """,
    "deep": "print(" + " + ".join(["1"] * 300) + ")",
}


def printed(run: Callable[[], Any]) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as stream:
        run()
    return stream.getvalue()


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize("name", TRICKY)
def test_the_script_does_what_it_would_do_alone(name: str, tmp_path: Path) -> None:
    path = tmp_path / "tricky.py"
    path.write_text(textwrap.dedent(TRICKY[name]).strip() + "\n")
    calls: list[Any] = []

    def f(x: Any) -> Any:
        calls.append(x)
        return x

    space = {"f": f, "np": np, "contextlib": contextlib, "__name__": "__main__", "__file__": str(path)}
    alone = printed(lambda: exec(compile(path.read_bytes(), str(path), "exec", dont_inherit=True), dict(space)))
    called = list(calls)
    recorder = Recorder(Limits())
    made = instrument(path.read_bytes(), str(path), path.name)
    recorder.add(made)
    calls.clear()
    setattr(builtins, SEEN, recorder.identity())
    try:
        assert printed(lambda: exec(made.code, dict(space))) == alone != ""
    finally:
        delattr(builtins, SEEN)
    assert calls == called
    assert recorder.events


def test_a_traceback_names_the_lines_of_the_script(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    lines = ["def loss(a,", "         y):", "    'mean'", "    return (a -", "            y.missing)"]
    path.write_text("\n".join([*lines, "", "x = 1", "loss(x,", "     x)"]))
    _, run = recorder_of(path.read_text(), path=path)
    with pytest.raises(AttributeError) as caught:
        run()
    frames = [frame for frame in traceback.extract_tb(caught.tb) if frame.filename == str(path)]
    assert [(frame.lineno, frame.colno, frame.name) for frame in frames] == [(8, 0, "<module>"), (5, 12, "loss")]


def sites_of(source: str) -> list[Site]:
    return instrument(textwrap.dedent(source).encode(), "net.py", "net.py").sites


def test_sites_say_what_stands_where() -> None:
    sites = sites_of("""
        class Net:
            def forward(self, x):
                self.z = (x.dot(self.W)
                          + self.b)
                return 1 / (1 + np.exp(-self.z))
        """)
    found = [(s.line, s.last_line, s.kind, s.text, s.parent) for s in sites]
    assert {s.function for s in sites} == {"Net.forward"}
    assert found == [
        (3, 3, "store", "x", None),
        (4, 5, "BinOp", "x.dot(self.W) + self.b", None),
        (4, 5, "Call", "x.dot(self.W)", 1),
        (4, 5, "Name", "x", 2),
        (4, 5, "Attribute", "self.W", 2),
        (4, 5, "Attribute", "self.b", 1),
        (4, 5, "store", "self.z", None),
        (6, 6, "BinOp", "1 / (1 + np.exp(-self.z))", None),
        (6, 6, "BinOp", "1 + np.exp(-self.z)", 7),
        (6, 6, "Call", "np.exp(-self.z)", 8),
        (6, 6, "Name", "np", 9),
        (6, 6, "UnaryOp", "-self.z", 9),
        (6, 6, "Attribute", "self.z", 11),
    ]


def stores(source: str) -> list[tuple[int, str]]:
    return [(site.line, site.text) for site in sites_of(source) if site.kind == "store"]


def test_what_is_assigned_is_looked_at_afterwards() -> None:
    assert stores("w = v = 1\na, (b, *c) = q\nn.x: float = 2\nz: int\n") == [
        (1, "w"), (1, "v"), (2, "a"), (2, "b"), (2, "c"), (3, "n.x")
    ]  # fmt: skip
    assert stores("w[i][j + 1] -= 1\np['W' + str(l)] = f'W{l}'\nd[k, :] = f()[0] = 1\nself.ws[-l] += 1") == [
        (1, "w[i][j + 1]"), (1, "w"), (2, "p['W' + str(l)]"), (2, "p"), (3, "d[k, :]"), (3, "d"),
        (4, "self.ws[-l]"), (4, "self.ws")
    ]  # fmt: skip
    assert stores("ds[np.arange(n), y] -= 1\np[f'W{l}'] += 1.0\np['b{}'.format(l)] = w[z > 0] = 0.0") == [
        (1, "ds"), (2, "p[f'W{l}']"), (2, "p"), (3, "p['b{}'.format(l)]"), (3, "p"), (3, "w")
    ]  # fmt: skip
    assert stores("for i, (x, y) in d:\n  pass\nwith o() as f, p(): pass\nif (n := 3): pass") == [
        (1, "i"), (1, "x"), (1, "y"), (3, "f"), (4, "n")
    ]  # fmt: skip
    assert stores("def g(a, /, b, *c, d=1, **e): pass\ng = lambda h: h") == [
        (1, "a"), (1, "b"), (1, "d"), (2, "g")
    ]  # fmt: skip


def test_updates_are_told_from_counters() -> None:
    made = instrument(b"w -= g\nn += 1\nw = w - g\ns.w = s.w + s.v\nw = v\np['W'] = p['W'] - 1", "", "")
    assert [(made.sites[k].line, made.sites[k].text) for k in sorted(made.updates)] == [
        (1, "w"), (3, "w"), (4, "s.w"), (6, "p['W']")
    ]  # fmt: skip
