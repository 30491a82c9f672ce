"""What the doctor says: one page of blocks, shown on the terminal, as Markdown or HTML; and as JSON, in numbers.

- `pages`, `training`, `closing` and `sentences` turn a consultation into words; `blocks` is what a page is made of
- `terminal`, `markdown` and `html` show a page; `figures` draws in characters, `plots` in SVG
- `json` has the same facts as data
"""
