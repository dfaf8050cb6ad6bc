"""Charts: ten types and a good choice among them, drawn by Plotly, written as PNG, SVG, HTML, JSON."""

from .choice import ChartChoice as ChartChoice, choose as choose
from .drawing import Chart as Chart, draw as draw
from .palette import Theme as Theme
from .pictures import (
    Embedding as Embedding,
    awrite_chart as awrite_chart,
    chart_bytes as chart_bytes,
    write_chart as write_chart,
)
from .specs import CHART_TYPES as CHART_TYPES, ChartSpec as ChartSpec
