package dev.penstock.actor;

/** The last thing a behavior hears: its actor has stopped, its children too. What the behavior returns is ignored. */
public record PostStop() implements Signal {}
