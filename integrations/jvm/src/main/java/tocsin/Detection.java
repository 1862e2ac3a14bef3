package tocsin;

import java.util.List;

/** What a batch has raised. */
public final class Detection {
    private final List<Alert> alerts;
    private final List<RecordError> errors;
    private final String summary;

    Detection(List<Alert> alerts, List<RecordError> errors, String summary) {
        this.alerts = List.copyOf(alerts);
        this.errors = List.copyOf(errors);
        this.summary = summary;
    }

    /**
     * The alerts, in the order of their records.
     *
     * @return a list that doesn't change
     */
    public List<Alert> alerts() {
        return alerts;
    }

    /**
     * What couldn't be judged.
     *
     * @return a list that doesn't change
     */
    public List<RecordError> errors() {
        return errors;
    }

    /**
     * How many records there were, those that failed among them.
     *
     * @return a number
     */
    public long records() {
        return Frames.number(summary, "records");
    }

    /**
     * How many records couldn't be judged: {@link #errors()} may sum them up.
     *
     * @return a number
     */
    public long errorCount() {
        return Frames.number(summary, "errors");
    }

    /**
     * How many records came in envelopes of senders that aren't trusted, so that no rule for CloudTrail judged them.
     *
     * @return a number
     */
    public long untrusted() {
        return Frames.numberOrZero(summary, "untrusted");
    }

    /**
     * All that was counted, as one JSON object with the key <code>summary</code>: also records of other sources, of
     * unknown form, and wrapped in a way that isn't opened. The page on the module's interface has its keys.
     *
     * @return a text of JSON
     */
    public String summary() {
        return summary;
    }
}
