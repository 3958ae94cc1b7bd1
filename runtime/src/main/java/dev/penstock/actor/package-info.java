/** Actors. */
package dev.penstock.actor;
