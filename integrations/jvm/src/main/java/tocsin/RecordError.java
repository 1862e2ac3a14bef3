package tocsin;

/** Records that couldn't be judged. Each costs itself alone. */
public final class RecordError {
    private final long record;
    private final String json;

    RecordError(long record, String json) {
        this.record = record;
        this.json = json;
    }

    /**
     * The record's index in its batch.
     *
     * @return a number from 0; -1 if several records are meant
     */
    public long record() {
        return record;
    }

    /**
     * What the module says of it.
     *
     * @return the frame: a JSON object
     */
    public String json() {
        return json;
    }

    @Override
    public String toString() {
        return json;
    }
}
