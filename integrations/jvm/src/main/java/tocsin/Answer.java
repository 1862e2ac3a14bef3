package tocsin;

/** What a call of the module answers, as bytes. */
public final class Answer {
    /** The call was done. */
    public static final int OK = 0;
    /** Nothing in the batch is a record; the frames say why. */
    public static final int BAD_BATCH = 2;
    /** The rules or options have errors. */
    public static final int BAD_CONFIGURATION = 3;
    /** A limit was reached; the text is a reason, or frames up to there. */
    public static final int LIMIT_EXCEEDED = 4;

    private final int status;
    private final int count;
    private final byte[] text;

    Answer(int status, int count, byte[] text) {
        this.status = status;
        this.count = count;
        this.text = text;
    }

    /**
     * What the call says of itself.
     *
     * @return a status of the module's interface
     */
    public int status() {
        return status;
    }

    /**
     * How many rules, diagnostics or alerts there are.
     *
     * @return a number
     */
    public int count() {
        return count;
    }

    /**
     * The answer's text. It isn't copied.
     *
     * @return UTF-8
     */
    public byte[] text() {
        return text;
    }
}
