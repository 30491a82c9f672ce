"""A worked calculation in LaTeX: formulas and matrices, in ASCII, for pdflatex with amsmath and graphicx."""

import re
from collections.abc import Iterator

from backproof.trace.figures import Cell, Figures, Summary, Table, column, new_notes, said_of, visible
from backproof.trace.lines import Calculation, Entry, Line, Step
from backproof.trace.markup import to_latex, to_latex_text

PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[a4paper, margin=2cm]{geometry}
\usepackage{amsmath, amssymb, graphicx}
\setcounter{MaxMatrixCols}{%d}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\allowdisplaybreaks
\sloppy
\newsavebox{\wide}
\newcommand{\fit}[1]{\sbox{\wide}{$\displaystyle #1$}%%
  \ifdim\wd\wide>\linewidth\resizebox{\linewidth}{!}{\usebox{\wide}}\else\usebox{\wide}\fi}
\newcommand{\quantity}[2]{\par\medskip\noindent\fit{#1}\unskip\nobreak\hfil\penalty50\hskip2em\hbox{}%%
  \nobreak\hfil\textit{\small #2}{\parfillskip=0pt \par}\nopagebreak}
\newcommand{\numbers}[1]{\par\nopagebreak\noindent\hspace*{1.5em}\parbox{\dimexpr\linewidth-1.5em}{\fit{#1}}\par}
\begin{document}
"""


def render(calculation: Calculation, precision: int = 7, full: bool = False) -> str:
    """Return a calculation as a LaTeX document."""
    figures, shown = Figures(precision, full), visible(calculation, full)
    widest = max((line.shape[-1] for step in shown.steps for line in step.lines() if line.shape), default=1)
    return PREAMBLE % max(widest, 10) + "\n".join(_document(shown, figures)) + "\n\\end{document}\n"


def _document(calculation: Calculation, figures: Figures) -> Iterator[str]:
    yield rf"\section*{{{to_latex_text(calculation.title)}: the worked calculation}}"
    facts = {"convention": calculation.convention} | dict(calculation.facts)
    for name, words in facts.items():
        yield rf"\textbf{{{name}}}: {to_latex_text(words)}\par"
    for words in (*calculation.legend, figures.rounding):
        yield rf"{to_latex_text(words)}\par"
    if calculation.definitions:
        yield r"\subsection*{Formulas}"
    for definition in calculation.definitions:
        yield rf"\paragraph{{{to_latex_text(definition.kind)}}}\mbox{{}}\par"
        for paragraph in definition.text:
            if paragraph.startswith(" "):
                lines = [to_latex_text(line.strip()) for line in paragraph.split("\n")]
                yield r"\begin{quote}" + "\\\\\n".join(lines) + r"\end{quote}"
            else:
                yield rf"{to_latex_text(paragraph)}\par"
    for step in calculation.steps:
        yield from _step(step, figures)


def _step(step: Step, figures: Figures) -> Iterator[str]:
    noted, position = new_notes(step), 0
    for section in step.sections:
        title = f"{section.title[:1].lower()}{section.title[1:]}"
        yield rf"\subsection*{{Step {step.number}: {to_latex_text(title)}}}"
        for words in section.notes:
            yield rf"{to_latex_text(words)}\par"
        for line in section.lines:
            yield rf"\quantity{{{to_latex(line.formula)}}}{{{to_latex_text(said_of(line, section))}}}"
            if position in noted:
                yield rf"{{\small {to_latex_text(line.note)}\par}}\nopagebreak"
            yield from _numbers(line, figures)
            position += 1


def _numbers(line: Line, figures: Figures) -> Iterator[str]:
    for entry in line.entries:
        yield rf"\numbers{{{_worked(entry, figures)}}}"
    if line.entries and line.values.ndim < 2:
        return
    shown = figures.shown(line.values)
    if isinstance(shown, Summary):
        first = ", ".join(f"${_number(n)}$" for n in shown.first)
        least, largest, mean = (f"${_number(n)}$" for n in (shown.least, shown.largest, shown.mean))
        yield rf"first {first}, \ldots; least {least}, largest {largest}, mean {mean}\par"
        return
    symbol = f"{to_latex(line.symbol)} = "
    for table in shown:
        label = rf"\text{{{to_latex_text(table.label)}}}\;" if table.label else symbol
        yield rf"\numbers{{{label}{_matrix(table) if line.shape else _number(table.rows[0][0])}}}"


def _matrix(table: Table) -> str:
    columns = [[_cell(cell) for cell in column(numbers)] for numbers in zip(*table.rows, strict=True)]
    rows = (" & ".join(row) for row in zip(*columns, strict=True))
    return r"\begin{pmatrix}" + r" \\ ".join(rows) + r"\end{pmatrix}"


def _cell(cell: Cell) -> str:
    """Return a number with what it lacks to be aligned at its point."""
    before, after = (rf"\phantom{{{_number(text)}}}" if text else "" for text in (cell.before, cell.after))
    return f"{before}{_number(cell.text)}{after}"


def _worked(entry: Entry, figures: Figures) -> str:
    terms = [to_latex(t) if isinstance(t, str) else _number(figures.factor(t)) for t in entry.terms]
    return f"{to_latex(entry.symbol)} = {''.join(terms)} = {_number(figures.number(entry.value))}"


def _number(text: str) -> str:
    """Return a number in LaTeX's mathematics."""
    if text.strip("-") in ("nan", "inf"):
        return rf"\mathrm{{{text}}}" if text == "nan" else text.replace("inf", r"\infty")
    return re.sub(r"e([+-]\d+)", lambda match: rf"\cdot 10^{{{int(match[1])}}}", text)
