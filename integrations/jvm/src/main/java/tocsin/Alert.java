package tocsin;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalLong;

/** A rule that has selected a record. */
public final class Alert {
    private final long record;
    private final String rule;
    private final String id;
    private final OptionalLong time;
    private final byte[] frame;
    private final int from;

    Alert(long record, String rule, String id, OptionalLong time, byte[] frame, int from) {
        this.record = record;
        this.rule = rule;
        this.id = id;
        this.time = time;
        this.frame = frame;
        this.from = from;
    }

    /**
     * The record's index in its batch.
     *
     * @return a number from 0
     */
    public long record() {
        return record;
    }

    /**
     * The rule's id.
     *
     * @return its text
     */
    public String rule() {
        return rule;
    }

    /**
     * The alert's id: the same for the same record and rule, however often it comes.
     *
     * @return 64 hex digits
     */
    public String id() {
        return id;
    }

    /**
     * When the event happened.
     *
     * @return milliseconds since 1970; nothing if the record has no time that can be read
     */
    public OptionalLong timeMillis() {
        return time;
    }

    /**
     * The alert as the module has written it.
     *
     * @return JSON in UTF-8, a copy
     */
    public byte[] bytes() {
        return Arrays.copyOfRange(frame, from, frame.length - 1);
    }

    /**
     * The alert as the module has written it.
     *
     * @return JSON
     */
    public String json() {
        return new String(frame, from, frame.length - 1 - from, StandardCharsets.UTF_8);
    }
}
