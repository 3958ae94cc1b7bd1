package dev.penstock.tests.rules;

import dev.penstock.actor.SpawnOptions;
import java.util.SplittableRandom;

/**
 * The sizes of a stream.
 *
 * @param bufferSize of each sink; 0 is unbounded
 * @param window initialDemand
 * @param sinks how many
 * @param elements how many each sink is fed with
 * @param ownLane whether the consumer has a lane of its own, so that elements are messages
 */
record Shape(int bufferSize, int window, int sinks, int elements, boolean ownLane) {

    static Shape draw(SplittableRandom random) {
        return new Shape(
                random.nextInt(5),
                1 + random.nextInt(4),
                1 + random.nextInt(2),
                random.nextInt(13),
                random.nextBoolean());
    }

    SpawnOptions consumerSpawn() {
        return ownLane ? SpawnOptions.defaults().ownLane() : SpawnOptions.defaults();
    }

    Shape withSinks(int count) {
        return new Shape(bufferSize, window, count, elements, ownLane);
    }

    Shape withElements(int count) {
        return new Shape(bufferSize, window, sinks, count, ownLane);
    }

    Shape bounded() {
        return new Shape(Math.max(1, bufferSize), window, sinks, elements, ownLane);
    }
}
