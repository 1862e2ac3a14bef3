package tocsin;

import java.util.List;

/** What a batch has raised. */
public final class Detection {
    private final List<Alert> alerts;
    private final List<RecordError> errors;
    private final long records;
    private final long errorCount;

    Detection(List<Alert> alerts, List<RecordError> errors, long records, long errorCount) {
        this.alerts = List.copyOf(alerts);
        this.errors = List.copyOf(errors);
        this.records = records;
        this.errorCount = errorCount;
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
        return records;
    }

    /**
     * How many records couldn't be judged: {@link #errors()} may sum them up.
     *
     * @return a number
     */
    public long errorCount() {
        return errorCount;
    }
}
