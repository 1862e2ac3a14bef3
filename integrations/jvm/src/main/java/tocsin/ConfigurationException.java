package tocsin;

/** Rules or options that have errors. The former ones stay in force. */
public final class ConfigurationException extends TocsinException {
    private static final long serialVersionUID = 1;

    /** The module's own JSON. */
    private final String diagnostics;

    ConfigurationException(String diagnostics) {
        super("the rules have errors: " + diagnostics);
        this.diagnostics = diagnostics;
    }

    /**
     * What is wrong and where, as the module says it.
     *
     * @return a JSON object with a list {@code diagnostics}
     */
    public String diagnostics() {
        return diagnostics;
    }
}
