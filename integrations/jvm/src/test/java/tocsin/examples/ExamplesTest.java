package tocsin.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.Test;

class ExamplesTest {
    private static final String STOP =
            "{\"eventVersion\":\"1.08\",\"eventSource\":\"config.amazonaws.com\",\"eventName\":\"StopConfigurationRecorder\"}";

    @Test
    void linesGoInAndAlertsComeOut() throws Exception {
        var out = new ByteArrayOutputStream();
        var problems = new ByteArrayOutputStream();
        new ScanLines(new PrintStream(out), new PrintStream(problems))
                .scan(new BufferedReader(new StringReader(STOP + "\n{\"eventName\":\n")));
        assertEquals(2, out.toString(StandardCharsets.UTF_8).lines().count());
        assertEquals(1, problems.toString(StandardCharsets.UTF_8).lines().count());
    }

    @Test
    void recordsOfATopicBecomeAlertsOfAnother() {
        var settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "tocsin");
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:9092");
        try (var driver = new TopologyTestDriver(AlertsTopology.of("trail", "alerts", "unreadable"), settings)) {
            var trail = driver.createInputTopic("trail", new ByteArraySerializer(), new ByteArraySerializer());
            var alerts = driver.createOutputTopic("alerts", new ByteArrayDeserializer(), new ByteArrayDeserializer());
            var bad = driver.createOutputTopic("unreadable", new ByteArrayDeserializer(), new ByteArrayDeserializer());
            trail.pipeInput(STOP.getBytes(StandardCharsets.UTF_8));
            trail.pipeInput("{\"eventName\":".getBytes(StandardCharsets.UTF_8));
            assertEquals(2, alerts.readValuesToList().size());
            assertEquals(1, bad.readValuesToList().size());
        }
    }
}
