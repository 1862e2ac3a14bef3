package tocsin.examples;

import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import tocsin.Detection;
import tocsin.Detector;
import tocsin.Module;

/** Kafka Streams: records from one topic, alerts to another, what can't be read to a third. */
public final class AlertsTopology {
    private AlertsTopology() {}

    static Topology of(String records, String alerts, String unreadable) {
        var builder = new StreamsBuilder();
        var judged =
                builder.stream(records, Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
                        .processValues(Judge::new);
        judged.filter((key, out) -> out[0] == Judge.ALERT)
                .mapValues(Judge::body)
                .to(alerts, Produced.with(Serdes.ByteArray(), Serdes.ByteArray()));
        judged.filter((key, out) -> out[0] == Judge.UNREADABLE)
                .mapValues(Judge::body)
                .to(unreadable, Produced.with(Serdes.ByteArray(), Serdes.ByteArray()));
        return builder.build();
    }

    /** One detector a task: a task has one thread. */
    private static final class Judge implements FixedKeyProcessor<byte[], byte[], byte[]> {
        static final byte ALERT = 'a';
        static final byte UNREADABLE = 'u';
        private FixedKeyProcessorContext<byte[], byte[]> context;
        private Detector detector;

        @Override
        public void init(FixedKeyProcessorContext<byte[], byte[]> context) {
            this.context = context;
            detector = new Detector(Module.embedded(), null, 256L << 20);
        }

        @Override
        public void process(FixedKeyRecord<byte[], byte[]> message) {
            if (message.value() == null) {
                return; // a tombstone holds no record
            }
            Detection found = detector.detect(message.value());
            found.alerts().forEach(alert -> context.forward(message.withValue(tagged(ALERT, alert.bytes()))));
            if (found.errorCount() > 0) {
                context.forward(message.withValue(tagged(UNREADABLE, message.value())));
            }
        }

        static byte[] tagged(byte tag, byte[] body) {
            byte[] out = new byte[1 + body.length];
            out[0] = tag;
            System.arraycopy(body, 0, out, 1, body.length);
            return out;
        }

        static byte[] body(byte[] tagged) {
            return java.util.Arrays.copyOfRange(tagged, 1, tagged.length);
        }
    }
}
