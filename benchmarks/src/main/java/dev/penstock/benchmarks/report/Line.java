package dev.penstock.benchmarks.report;

import java.awt.BasicStroke;
import java.awt.Color;

/**
 * How a line is drawn.
 *
 * @param isNamed whether it is in the legend, and has points and whiskers
 */
record Line(Color colour, BasicStroke stroke, boolean isNamed) {

    private static final Color GREY = new Color(0xB8B8B8);
    private static final float[] DASHES = {6, 4};

    static Line of(Color colour) {
        return new Line(colour, stroke(1.6f), true);
    }

    static Line thick(Color colour) {
        return new Line(colour, stroke(3.4f), true);
    }

    static Line thin() {
        return new Line(GREY, stroke(0.9f), false);
    }

    static Line dashed(Color colour) {
        return new Line(
                colour, new BasicStroke(1.6f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, DASHES, 0), true);
    }

    private static BasicStroke stroke(float width) {
        return new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
    }
}
