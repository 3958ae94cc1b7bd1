package dev.penstock.actor;

/** What the runtime itself tells a behavior, through the handler given as the second argument of {@code receive}. */
public sealed interface Signal permits PostStop, PreRestart, Terminated {}
