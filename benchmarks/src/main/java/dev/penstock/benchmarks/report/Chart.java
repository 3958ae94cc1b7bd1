package dev.penstock.benchmarks.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Dimension;
import java.awt.Font;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.io.StringWriter;
import java.text.FieldPosition;
import java.text.NumberFormat;
import java.text.ParsePosition;
import java.util.List;
import java.util.function.DoubleFunction;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.DatasetRenderingOrder;
import org.jfree.chart.plot.SeriesRenderingOrder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.HorizontalAlignment;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.Range;
import org.jfree.data.xy.XYDataset;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;
import org.jfree.data.xy.YIntervalSeries;
import org.jfree.data.xy.YIntervalSeriesCollection;
import org.w3c.dom.Document;

/** A chart of lines, both of its axes logarithmic, as SVG. Lines that come first lie on top. */
final class Chart {

    /** A point with its whisker. */
    record Dot(double x, Spread y) {}

    /** An axis; the base is the distance of two grid lines. */
    record Axis(String label, double base, DoubleFunction<String> number) {

        double place(double value) {
            return Math.log(value) / Math.log(base);
        }
    }

    private record Series(String label, Line line, List<Dot> dots) {}

    private static final int WIDTH = 920;
    private static final int HEIGHT = 520;
    private static final int PRECISION = 2;
    private static final double DOT = 5;
    private static final String OTHERS = "others, see the table";
    private static final double MARGIN = 0.03;
    private static final Color GRID = new Color(0xE4E4E4);
    private static final Color TEXT = new Color(0x222222);
    private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 16);
    private static final Font PLAIN = new Font(Font.SANS_SERIF, Font.PLAIN, 12);

    private final String title;
    private final Axis x;
    private final XYPlot plot;

    Chart(String title, Axis x) {
        this.title = title;
        this.x = x;
        plot = new XYPlot();
        plot.setDomainAxis(axis(x));
        plot.setBackgroundPaint(Color.WHITE);
        plot.setDomainGridlinePaint(GRID);
        plot.setRangeGridlinePaint(GRID);
        plot.setDomainGridlineStroke(new BasicStroke(1));
        plot.setRangeGridlineStroke(new BasicStroke(1));
        plot.setOutlineVisible(false);
        plot.setSeriesRenderingOrder(SeriesRenderingOrder.REVERSE);
        plot.setDatasetRenderingOrder(DatasetRenderingOrder.REVERSE);
    }

    /** The lines of one axis. */
    final class Side {

        private final Axis y;
        private final YIntervalSeriesCollection lines = new YIntervalSeriesCollection();
        private final XYErrorRenderer lineRenderer = new XYErrorRenderer();
        private final XYSeriesCollection curves = new XYSeriesCollection();
        private final XYLineAndShapeRenderer curveRenderer = new XYLineAndShapeRenderer(true, false);

        private boolean hasOthers;

        private Side(Axis y, int index) {
            this.y = y;
            plot.setRangeAxis(index, axis(y));
            add(2 * index, lines, lineRenderer, index);
            add(2 * index + 1, curves, curveRenderer, index);
            lineRenderer.setDefaultLinesVisible(true);
            lineRenderer.setDrawXError(false);
            lineRenderer.setErrorStroke(new BasicStroke(1));
            lineRenderer.setCapLength(DOT);
        }

        private void add(int index, XYDataset data, XYLineAndShapeRenderer renderer, int axis) {
            plot.setDataset(index, data);
            plot.setRenderer(index, renderer);
            plot.mapDatasetToRangeAxis(index, axis);
            renderer.setDrawSeriesLineAsPath(true); // dashes go on from point to point
        }

        /** Points with whiskers; those beyond what a logarithm has are left out. */
        Side line(String label, Line style, List<Dot> dots) {
            int index = lines.getSeriesCount();
            YIntervalSeries series = new YIntervalSeries(label);
            for (Dot dot : dots) {
                Spread spread = dot.y();
                if (spread.lowest() > 0) {
                    series.add(
                            x.place(dot.x()),
                            y.place(spread.median()),
                            y.place(spread.lowest()),
                            y.place(spread.highest()));
                }
            }
            lines.addSeries(series);
            style(lineRenderer, index, style);
            lineRenderer.setSeriesShape(index, new Ellipse2D.Double(-DOT / 2, -DOT / 2, DOT, DOT));
            return this;
        }

        /** The medians alone, joined. */
        Side curve(String label, Line style, List<Dot> dots) {
            style(curveRenderer, curves.getSeriesCount(), style);
            XYSeries series = new XYSeries(label);
            for (Dot dot : dots) {
                if (dot.y().median() > 0) {
                    series.add(x.place(dot.x()), y.place(dot.y().median()));
                }
            }
            curves.addSeries(series);
            return this;
        }

        /** A curve without a name; the legend has one entry for all of them. */
        Side other(List<Dot> dots) {
            int index = curves.getSeriesCount();
            curve(hasOthers ? OTHERS + " " + index : OTHERS, Line.thin(), dots);
            curveRenderer.setSeriesVisibleInLegend(index, !hasOthers);
            hasOthers = true;
            return this;
        }

        private void style(XYLineAndShapeRenderer renderer, int index, Line style) {
            renderer.setSeriesPaint(index, style.colour());
            renderer.setSeriesStroke(index, style.stroke());
        }
    }

    Side left(Axis y) {
        return new Side(y, 0);
    }

    Side right(Axis y) {
        return new Side(y, 1);
    }

    private static NumberAxis axis(Axis kind) {
        NumberAxis axis = new NumberAxis(kind.label());
        axis.setTickUnit(new NumberTickUnit(1, powers(kind), 0));
        axis.setAutoRangeIncludesZero(false);
        axis.setAutoRangeStickyZero(false);
        axis.setLowerMargin(MARGIN);
        axis.setUpperMargin(MARGIN);
        axis.setLabelFont(PLAIN);
        axis.setTickLabelFont(PLAIN);
        axis.setLabelPaint(TEXT);
        axis.setTickLabelPaint(TEXT);
        axis.setAxisLineVisible(false);
        return axis;
    }

    /** Shows a power of the base as the number that it is. */
    private static NumberFormat powers(Axis axis) {
        return new NumberFormat() {
            private static final long serialVersionUID = 1;

            @Override
            public StringBuffer format(double power, StringBuffer out, FieldPosition place) {
                return out.append(axis.number().apply(Math.pow(axis.base(), power)));
            }

            @Override
            public StringBuffer format(long power, StringBuffer out, FieldPosition place) {
                return format((double) power, out, place);
            }

            @Override
            public Number parse(String text, ParsePosition place) {
                throw new UnsupportedOperationException();
            }
        };
    }

    /** Whole powers of the base at both ends of the axes that stand. */
    private void widen() {
        for (int i = 0; i < plot.getRangeAxisCount(); i++) {
            plot.getRangeAxis(i).setRange(widened(plot.getRangeAxis(i).getRange()));
        }
    }

    /** To whole numbers; one of no length, as of a single value, gets the one above. */
    static Range widened(Range range) {
        double lower = Math.floor(range.getLowerBound() + MARGIN);
        return new Range(lower, Math.max(lower + 1, Math.ceil(range.getUpperBound() - MARGIN)));
    }

    /** Draws it; in memory, without a display. */
    String svg() throws IOException {
        try {
            return draw();
        } catch (LinkageError | InternalError e) { // as a JDK without the libraries for fonts throws
            throw new IOException(
                    "this machine has no fonts to draw plots with: install fontconfig and any font, and then use"
                            + " penstock report; the raw files are complete",
                    e);
        }
    }

    private String draw() throws IOException {
        widen();
        JFreeChart chart = new JFreeChart(null, PLAIN, plot, false);
        chart.setBackgroundPaint(Color.WHITE);
        chart.setPadding(new RectangleInsets(8, 8, 8, 8));
        TextTitle heading = new TextTitle(title, TITLE);
        heading.setPaint(TEXT);
        heading.setHorizontalAlignment(HorizontalAlignment.LEFT);
        heading.setPadding(0, 4, 8, 0);
        chart.setTitle(heading);
        LegendTitle legend = new LegendTitle(plot);
        legend.setPosition(RectangleEdge.RIGHT);
        legend.setItemFont(PLAIN);
        legend.setItemPaint(TEXT);
        legend.setFrame(BlockBorder.NONE);
        legend.setBackgroundPaint(Color.WHITE);
        chart.addSubtitle(legend);
        SVGGraphics2D graphics = new SVGGraphics2D(context(), false);
        graphics.setSVGCanvasSize(new Dimension(WIDTH, HEIGHT));
        chart.draw(graphics, new Rectangle2D.Double(0, 0, WIDTH, HEIGHT));
        StringWriter out = new StringWriter();
        graphics.stream(out, true);
        return out.toString();
    }

    private static SVGGeneratorContext context() throws IOException {
        try {
            Document document = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .getDOMImplementation()
                    .createDocument("http://www.w3.org/2000/svg", "svg", null);
            SVGGeneratorContext context = SVGGeneratorContext.createDefault(document);
            context.setComment(null);
            context.setPrecision(PRECISION);
            return context;
        } catch (ParserConfigurationException e) {
            throw new IOException("this JDK has no XML", e);
        }
    }
}
