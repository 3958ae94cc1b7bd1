package dev.penstock.benchmarks.report;

import java.awt.BasicStroke;
import java.awt.Color;

/** How a line is drawn. */
record Line(Color colour, BasicStroke stroke) {

    private static final Color GREY = new Color(0xB8B8B8);
    private static final float[] DASHES = {6, 4};

    static Line of(Color colour) {
        return new Line(colour, stroke(1.6f));
    }

    static Line thick(Color colour) {
        return new Line(colour, stroke(3.4f));
    }

    static Line thin() {
        return new Line(GREY, stroke(0.9f));
    }

    static Line dashed(Color colour) {
        return new Line(colour, new BasicStroke(1.6f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, DASHES, 0));
    }

    private static BasicStroke stroke(float width) {
        return new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
    }
}
