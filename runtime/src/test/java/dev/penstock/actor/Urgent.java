package dev.penstock.actor;

/** A control message. */
record Urgent(String text) implements ControlMessage {}
