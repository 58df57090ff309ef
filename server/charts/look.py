"""How a chart looks that stands by itself, in a printed document: the same classes as `charts.css` gives a page, in colours that stay apart in grey."""

FONTS = "Noto Sans, DejaVu Sans, sans-serif"

STYLE = """
text { fill: #16211f; font-size: 13px; font-family: FONTS; }
.small { font-size: 11.5px; } .faint { fill: #44524f; } .strong { font-weight: 600; } .on-dark { fill: #ffffff; }
.s1 { fill: #0d4a45; stroke: #0d4a45; stroke-width: 1; } .s2 { fill: #b5d6d0; stroke: #0d4a45; stroke-width: 1; }
.s3 { fill: #6f8f8a; stroke: #16211f; stroke-width: 1; } .s4 { fill: #ffffff; stroke: #16211f; stroke-width: 1; stroke-dasharray: 2 2; }
.line { fill: none; stroke-width: 2.4; } .l1 { stroke: #0d4a45; stroke-width: 2.4; } .l2 { stroke: #7a4b00; stroke-width: 2.4; stroke-dasharray: 7 4; }
.l3 { stroke: #4a2577; stroke-width: 2.4; stroke-dasharray: 2 3; } .l4 { stroke: #16211f; stroke-width: 1.4; stroke-dasharray: 10 3 2 3; }
.dot { stroke: #ffffff; stroke-width: 1; } .d1 { fill: #0d4a45; } .d2 { fill: #7a4b00; } .d3 { fill: #4a2577; } .d4 { fill: #16211f; }
.band { fill: #e4e9e7; stroke: #6d7a76; stroke-width: 1; stroke-dasharray: 3 2; }
.rule { stroke: #d6dcd9; stroke-width: 1; } .axis { stroke: #44524f; stroke-width: 1.2; } .tick { stroke: #6d7a76; stroke-width: 1; }
.target { stroke: #8c1d18; stroke-width: 1.8; stroke-dasharray: 6 3; } .mean { fill: #ffffff; stroke: #16211f; stroke-width: 1.6; }
.cell { stroke: #c9d2ce; stroke-width: 0.75; }
.paper { fill: #fff; }
.through { stroke: #fff; stroke-width: 1.8; stroke-dasharray: 6 3; }
.none { fill: #ffffff; }
.g0 { fill: #ffffff; } .g1 { fill: #e2efec; } .g2 { fill: #bcdad4; } .g3 { fill: #8fbfb6; } .g4 { fill: #2f766d; } .g5 { fill: #0d4a45; }
""".replace("FONTS", FONTS)
