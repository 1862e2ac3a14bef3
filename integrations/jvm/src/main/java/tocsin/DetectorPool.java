package tocsin;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;

/** Judges records from many threads by detectors of the same module and rules. */
public final class DetectorPool {
    /** Above that an idle detector isn't kept, since memory never shrinks. */
    private static final long LARGE_BYTES = 96L << 20;

    private final Module module;
    private final String configuration;
    private final long memoryBytes;
    private final Semaphore places;
    private final Deque<Detector> idle = new ArrayDeque<>();

    /**
     * Makes a pool. Its first detector is started at once, so that wrong rules are seen here.
     *
     * @param module what runs
     * @param configuration a configuration document (docs/abi.md), or null for the module's own rules
     * @param memoryBytes how far each detector's memory may grow
     * @param size how many detectors may be at work
     * @throws ConfigurationException if the rules have errors
     */
    public DetectorPool(Module module, String configuration, long memoryBytes, int size) {
        this.module = module;
        this.configuration = configuration;
        this.memoryBytes = memoryBytes;
        this.places = new Semaphore(size);
        idle.push(new Detector(module, configuration, memoryBytes));
    }

    /**
     * Judges a batch on a detector that is free, and waits for one.
     *
     * @param batch any shape of records that docs/abi.md accepts
     * @return alerts, and what couldn't be read
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    public Detection detect(byte[] batch) throws InterruptedException {
        places.acquire();
        try {
            Detector detector = take();
            try {
                return detector.detect(batch);
            } finally {
                if (detector.memoryUsed() <= LARGE_BYTES) {
                    synchronized (idle) {
                        idle.push(detector);
                    }
                }
            }
        } finally {
            places.release();
        }
    }

    private Detector take() {
        synchronized (idle) {
            if (!idle.isEmpty()) {
                return idle.pop();
            }
        }
        return new Detector(module, configuration, memoryBytes);
    }
}
