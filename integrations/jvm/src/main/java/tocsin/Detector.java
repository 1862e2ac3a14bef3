package tocsin;

import java.nio.charset.StandardCharsets;

/**
 * One instance whose answers are read. Threads wait for each other; a {@link DetectorPool} lets them run
 * beside each other. A call that a trap or {@link Thread#interrupt()} has ended throws, and the next one
 * gets a fresh instance with the same rules.
 */
public final class Detector {
    /** How far an instance's memory may grow if nothing else is asked for: 512 MiB. */
    public static final long DEFAULT_MEMORY_BYTES = 512L << 20;

    private final Module module;
    private final byte[] configuration;
    private final long memoryBytes;
    private Instance instance;

    /**
     * Starts a detector.
     *
     * @param module what runs
     * @param configuration a configuration document (docs/abi.md), or null for the module's own rules
     * @param memoryBytes how far its memory may grow
     * @throws ConfigurationException if the rules have errors
     */
    public Detector(Module module, String configuration, long memoryBytes) {
        this.module = module;
        this.configuration = configuration == null ? null : configuration.getBytes(StandardCharsets.UTF_8);
        this.memoryBytes = memoryBytes;
        this.instance = start();
    }

    /**
     * Judges a batch of records, of about 1 MiB at most where an interrupt should be heard soon.
     *
     * @param batch any shape of records that docs/abi.md accepts
     * @return alerts, and what couldn't be read
     */
    public synchronized Detection detect(byte[] batch) {
        return Frames.read(alive().detect(batch));
    }

    /**
     * Says what the module holds.
     *
     * @return a JSON object
     */
    public synchronized String describe() {
        return text(alive().describe());
    }

    /**
     * Says why a rule does or doesn't select each record of a batch.
     *
     * @param rule the rule's id
     * @param batch any shape of records
     * @return JSON objects, one a line
     */
    public synchronized String explain(String rule, byte[] batch) {
        Answer answer = alive().explain(rule, batch);
        return answer.status() == Answer.BAD_BATCH ? string(answer) : text(answer);
    }

    /** How large its memory is now. */
    synchronized long memoryUsed() {
        return instance.memoryBytes();
    }

    private Instance alive() {
        if (instance.isDead()) {
            instance = start();
        }
        return instance;
    }

    private Instance start() {
        Instance started = new Instance(module, memoryBytes);
        if (configuration != null) {
            Answer answer = started.configure(configuration);
            if (answer.status() != Answer.OK) {
                throw Frames.refused(answer);
            }
        }
        return started;
    }

    private static String text(Answer answer) {
        if (answer.status() != Answer.OK) {
            throw Frames.refused(answer);
        }
        return string(answer);
    }

    private static String string(Answer answer) {
        return new String(answer.text(), StandardCharsets.UTF_8);
    }
}
