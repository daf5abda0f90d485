# SPDX-License-Identifier: GPL-2.0
"""A chart of the results as SVG: one panel a metric, one bar a variant."""

from xml.sax.saxutils import escape

COLOURS = {"ours": "#2a7f62", "fallback": "#8fbcae", "tcp": "#9aa5b1",
           "stock": "#c8553d", "verbs": "#e2b33c"}
LABEL, BAR, VALUE, ROW, GAP = 90, 250, 70, 20, 34
WIDTH = LABEL + BAR + VALUE


def text(x, y, words, size=12, anchor="start", weight="normal"):
    return (f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}"'
            f' font-weight="{weight}">{escape(words)}</text>')


def panel(x, y, title, bars):
    """Bars are (variant, label, value); returns elements and the height."""
    out = [text(x, y + 12, title, weight="bold")]
    top = max(value for _, _, value in bars)
    for i, (variant, label, value) in enumerate(bars):
        row = y + 22 + i * ROW
        width = max(1, round(BAR * value / top, 1))
        out += [
            text(x + LABEL - 6, row + 12, label, anchor="end"),
            f'<rect x="{x + LABEL}" y="{row}" width="{width}" '
            f'height="{ROW - 6}" fill="{COLOURS[variant]}"/>',
            text(x + LABEL + width + 4, row + 12, f"{value:,.0f}"
                 if value >= 100 else f"{value:.1f}"),
        ]
    return out, 22 + len(bars) * ROW + GAP


def svg(title, columns):
    """Columns are (heading, [(panel title, bars)])."""
    out, bottom = [], 0
    for i, (heading, panels) in enumerate(columns):
        x, y = 20 + i * (WIDTH + 40), 60
        out.append(text(x, y - 8, heading, 14, weight="bold"))
        y += 12
        for name, bars in panels:
            if bars:
                elements, height = panel(x, y, name, bars)
                out += elements
                y += height
        bottom = max(bottom, y)
    width = 20 + len(columns) * (WIDTH + 40)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
        f'height="{bottom}" font-family="sans-serif" fill="#222">',
        '<rect width="100%" height="100%" fill="#fff"/>',
        text(20, 28, title, 16, weight="bold"), *out, "</svg>", ""])
