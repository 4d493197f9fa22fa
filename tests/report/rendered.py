"""Charts as Matplotlib draws them."""

from lth_tf.figures import render
from lth_tf.figures.chart import Chart


def require_nothing_is_cut_off(chart: Chart) -> None:
    """Raises AssertionError if a text or legend reaches over an edge of the picture."""
    figure = render.draw(chart)
    figure.draw_without_rendering()
    for part in (*figure.texts, *figure.legends):
        edge = part.get_window_extent()
        assert edge.x0 >= 0 and edge.x1 <= figure.bbox.x1 and edge.y0 >= 0, part
