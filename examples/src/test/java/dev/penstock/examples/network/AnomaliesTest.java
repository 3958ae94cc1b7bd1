package dev.penstock.examples.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnomaliesTest {

    @ParameterizedTest
    @CsvSource({"a, 2000", "b, 2000", "c, 2000", "kitchen, 10", "d, 100", "e, 100000"})
    void everyFaultOfASensorIsFoundAndNothingElse(String name, long readings) {
        Sensor sensor = new Sensor(name, readings);
        Anomalies anomalies = new Anomalies();
        List<Long> found = LongStream.rangeClosed(1, readings)
                .mapToObj(sensor::measure)
                .map(anomalies::check)
                .flatMap(Optional::stream)
                .map(alert -> alert.reading().sequence())
                .toList();

        assertTrue(found.size() >= 3, found::toString);
        assertEquals(List.copyOf(sensor.faults()), found);
    }

    @ParameterizedTest
    @CsvSource({"a, 2000", "b, 10"})
    void aSensorMeasuresTheSameAgain(String name, long readings) {
        Sensor one = new Sensor(name, readings);
        Sensor other = new Sensor(name, readings);

        LongStream.rangeClosed(1, readings)
                .forEach(sequence -> assertEquals(one.measure(sequence), other.measure(sequence)));
    }
}
