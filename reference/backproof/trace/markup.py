"""Formulas and text from Unicode into LaTeX, HTML and ASCII.

Both are plain text with superscripts, Greek letters and the like; what stands in backticks is a name in a program.
"""

import html
import re
import unicodedata
from collections.abc import Iterator

_RAISED = dict(
    zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀ", "0123456789+-=()abcdefghijklmnoprstuvwxyzT", strict=True)
)
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-=()aehijklmnoprstuvx", strict=True))

_GREEK = {
    letter: unicodedata.name(letter).split()[-1].lower().replace("lamda", "lambda")
    for letter in "αβγδεζηθικλμνξπρστυφχψω"
}
_GREEK |= {c: _GREEK[c.lower()].capitalize() for c in "ΓΔΘΛΞΠΦΨΩ"}

_SYMBOLS = {
    "Σ": (r"\sum ", "sum"),
    "−": ("-", "-"),
    "·": (r"\cdot ", "*"),
    "⋯": (r"\cdots ", "..."),
    "…": (r"\ldots ", "..."),
    "×": (r"\times ", "x"),
    "⊙": (r"\odot ", "*"),
    "∂": (r"\partial ", "d"),
    "√": (r"\surd ", "sqrt "),
    "½": (r"\tfrac{1}{2}", "1/2 "),
    "ℓ": (r"\ell ", "l"),
    "←": (r"\leftarrow ", "<-"),
    "→": (r"\to ", "->"),
    "≤": (r"\le ", "<="),
    "≥": (r"\ge ", ">="),
    "∞": (r"\infty ", "infinity"),
    "′": ("'", "'"),
    "‖": (r"\Vert ", "||"),
    "⌊": (r"\lfloor ", "floor("),
    "⌋": (r"\rfloor ", ")"),
    "⌈": (r"\lceil ", "ceiling("),
    "⌉": (r"\rceil ", ")"),
}
"""In LaTeX's mathematics, and in ASCII."""

_ACCENTS = {"\u0302": r"\hat", "\u0304": r"\bar", "\u0303": r"\tilde"}
_ESCAPED = {c: rf"\{c}" for c in "&%$#_{}"}
_ESCAPED |= {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}
_ESCAPED |= {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}

_TOKEN = re.compile(
    "|".join(
        [
            r"`(?P<code>[^`]*)`",
            f"(?P<raised>[{''.join(_RAISED)}]+)",
            f"(?P<lowered>[{''.join(_LOWERED)}]+)",
            f"(?P<accented>[A-Za-z](?=[{''.join(_ACCENTS)}]))(?P<accent>.)",
            r"(?P<function>(?:log|exp|max|min|tanh|cosh|sin|cos)(?![A-Za-z]))",
            r"(?P<words>[A-Za-z]{2,}(?:[ ,-]+[A-Za-z]{2,})*)",
            r"(?P<letter>[A-Za-zα-ωΓΔΘΛΞΠΦΨΩ])",
            r"(?P<other>.|\n)",
        ]
    )
)
_BOTH = re.compile("<sup>[^<]*</sup><sub>[^<]*</sub>")
_DERIVATIVE = re.compile(rf"∂([Cℓ])/∂((?:[\wα-ω][{''.join(_RAISED)}{''.join(_LOWERED)}]*)|`[^`]*`)")


def _tokens(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield kind, content and what follows, of every piece of a text."""
    for match in _TOKEN.finditer(text):
        kind = "accented" if match["accented"] else str(match.lastgroup)
        content = match["accented"] + match["accent"] if kind == "accented" else match[kind]
        if kind in ("raised", "lowered"):
            content = "".join((_RAISED | _LOWERED)[c] for c in content)
        yield kind, content, text[match.end() : match.end() + 1]


def to_html(text: str, formula: bool = True) -> str:
    """Return HTML; in a formula single letters are in italics. Raised and lowered at once is of class `both`."""
    tags = {"code": "code", "raised": "sup", "lowered": "sub"} | ({"letter": "i"} if formula else {})
    pieces = []
    for kind, content, _ in _tokens(text):
        tag, escaped = tags.get(kind), html.escape(content)
        pieces.append(f"<{tag}>{escaped}</{tag}>" if tag else escaped)
    return _BOTH.sub(r'<span class="both">\g<0></span>', "".join(pieces))


def to_ascii(text: str) -> str:
    """Return ASCII: W¹ becomes W^1."""
    pieces = []
    for kind, content, following in _tokens(unicodedata.normalize("NFD", text)):
        if kind == "raised":
            pieces.append(f"^{content}")
        elif kind == "lowered":
            pieces.append(f"_{content}")
        elif kind == "accented":
            pieces.append(f"{content[0]}^" if content[1] == "\u0302" else content[0])
        elif content in _GREEK or content == "Σ":
            pieces.append(_GREEK.get(content, "sum") + " " * following.isalpha())
        elif not unicodedata.combining(content[-1:] or " "):
            pieces.append("".join(_SYMBOLS.get(c, ("", c))[1] for c in content))
    return "".join(pieces).encode("ascii", "replace").decode()


def plain(text: str) -> str:
    """Return the text as it is, without backticks."""
    return text.replace("`", "")


def to_latex(formula: str) -> str:
    """Return a formula in LaTeX's mathematics, in ASCII."""
    pieces, position = [], 0
    for match in _DERIVATIVE.finditer(formula):
        pieces.append(_mathematics(formula[position : match.start()]))
        pieces.append(rf"\frac{{\partial {_mathematics(match[1])}}}{{\partial {_mathematics(match[2])}}}")
        position = match.end()
    pieces.append(_mathematics(formula[position:]))
    return "".join(pieces).replace("[1 ", r"[1\;")


def _mathematics(formula: str) -> str:
    pieces = []
    for kind, content, following in _tokens(unicodedata.normalize("NFD", formula)):
        if kind == "code":
            pieces.append(rf"\texttt{{{_escaped(content)}}}")
        elif kind == "raised":
            pieces.append("^{" + content.replace("T", r"\mathsf{T}") + "}")
        elif kind == "lowered":
            pieces.append(f"_{{{content}}}")
        elif kind == "accented":
            pieces.append(f"{_ACCENTS[content[1]]}{{{content[0]}}}")
        elif kind == "function":
            pieces.append(rf"\{content} ")
        elif kind == "words":
            called = following in ("(", "′") and " " not in content
            pieces.append(rf"\operatorname{{{content}}}" if called else rf"\text{{ {content} }}")
        else:
            pieces.append(_symbol(content))
    return "".join(pieces)


def _symbol(character: str) -> str:
    """Return one character in LaTeX's mathematics."""
    if character in _GREEK:
        return rf"\{_GREEK[character]} "
    if character in _SYMBOLS:
        return _SYMBOLS[character][0]
    return character if character in "<>|" else _escaped(character)


def to_latex_text(text: str) -> str:
    """Return text in LaTeX, in ASCII."""
    pieces = []
    for kind, content, _ in _tokens(unicodedata.normalize("NFD", text)):
        if kind == "code":
            pieces.append(rf"\texttt{{{_escaped(content)}}}")
        elif kind in ("raised", "lowered"):
            pieces.append(rf"\ensuremath{{{'^' if kind == 'raised' else '_'}{{{content}}}}}")
        elif kind == "accented":
            pieces.append(rf"\ensuremath{{{_ACCENTS[content[1]]}{{{content[0]}}}}}")
        elif content in _GREEK or content in _SYMBOLS:
            pieces.append(rf"\ensuremath{{{_symbol(content).strip()}}}")
        else:
            pieces.append(_escaped(content))
    return "".join(pieces)


def _escaped(text: str) -> str:
    """Return text that LaTeX takes as it is, in ASCII: what has no such letter is written as near as can be."""
    pieces = []
    for character in text:
        if unicodedata.combining(character):
            continue
        near = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
        pieces += [_ESCAPED.get(c, c) for c in (character if character.isascii() else near or "?")]
    return "".join(pieces)
