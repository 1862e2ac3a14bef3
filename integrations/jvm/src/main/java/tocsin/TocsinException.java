package tocsin;

/** The module can't be used, or has refused a call. */
public class TocsinException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * An error with its reason.
     *
     * @param message what went wrong
     */
    public TocsinException(String message) {
        super(message);
    }

    /**
     * An error with its reason and cause.
     *
     * @param message what went wrong
     * @param cause what it comes from
     */
    public TocsinException(String message, Throwable cause) {
        super(message, cause);
    }
}
