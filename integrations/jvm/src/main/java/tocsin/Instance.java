package tocsin;

import com.dylibso.chicory.runtime.Memory;
import java.nio.charset.StandardCharsets;

/**
 * One instance of a module: bytes in and bytes out. Threads wait for each other. What a trap or an
 * interrupt has ended answers nothing any more.
 */
public final class Instance {
    private static final int ABI_VERSION = 1;

    private final com.dylibso.chicory.runtime.Instance wasm;
    private boolean dead;

    /**
     * Starts an instance, with the module's own rules.
     *
     * @param module what runs
     * @param memoryBytes how far its memory may grow
     */
    public Instance(Module module, long memoryBytes) {
        wasm = module.start(memoryBytes);
        long version = call("tocsin_abi_version");
        if (version != ABI_VERSION) {
            throw new TocsinException(
                    "the module speaks version " + version + " of the interface, not " + ABI_VERSION);
        }
    }

    /**
     * Says what the module holds.
     *
     * @return a JSON object
     */
    public synchronized Answer describe() {
        return answer("tocsin_describe");
    }

    /**
     * Replaces rules and options, all or nothing.
     *
     * @param document a JSON object
     * @return what there is to say about it
     */
    public synchronized Answer configure(byte[] document) {
        return answer("tocsin_configure", document);
    }

    /**
     * Judges a batch of records.
     *
     * @param batch any shape of records
     * @return frames, one a line
     */
    public synchronized Answer detect(byte[] batch) {
        return answer("tocsin_detect", batch);
    }

    /**
     * Says why a rule does or doesn't select each record of a batch.
     *
     * @param rule the rule's id
     * @param batch any shape of records
     * @return frames, one a line
     */
    public synchronized Answer explain(String rule, byte[] batch) {
        return answer("tocsin_explain", rule.getBytes(StandardCharsets.UTF_8), batch);
    }

    /**
     * How large its memory is. It never shrinks.
     *
     * @return bytes
     */
    public synchronized long memoryBytes() {
        return (long) wasm.memory().pages() << 16;
    }

    /**
     * Whether a trap or an interrupt has ended it.
     *
     * @return true if it answers nothing any more
     */
    public synchronized boolean isDead() {
        return dead;
    }

    private Answer answer(String export, byte[]... arguments) {
        long[] places = new long[2 * arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            long address = call("malloc", arguments[i].length);
            if (address == 0) {
                for (int j = 0; j < i; j++) {
                    call("free", places[2 * j]);
                }
                throw new TocsinException("the module has no memory for " + arguments[i].length + " bytes");
            }
            wasm.memory().write((int) address, arguments[i]);
            places[2 * i] = address;
            places[2 * i + 1] = arguments[i].length;
        }
        int header = (int) call(export, places);
        Memory memory = wasm.memory();
        Answer answer;
        try {
            byte[] text = memory.readBytes(memory.readInt(header + 4), memory.readInt(header + 8));
            answer = new Answer(memory.readInt(header), memory.readInt(header + 12), text);
        } catch (RuntimeException e) {
            dead = true;
            throw new TocsinException(export + ": the answer lies outside of the module's memory", e);
        }
        for (int i = 0; i < arguments.length; i++) {
            call("free", places[2 * i]);
        }
        return answer;
    }

    private long call(String export, long... arguments) {
        if (dead) {
            throw new TocsinException(export + ": the instance has ended");
        }
        try {
            long[] results = wasm.export(export).apply(arguments);
            return results == null || results.length == 0 ? 0 : results[0] & 0xFFFF_FFFFL;
        } catch (RuntimeException | StackOverflowError e) {
            // Its state is unknown from here on.
            dead = true;
            throw new TocsinException(export + ": the call was ended: " + e, e);
        }
    }
}
