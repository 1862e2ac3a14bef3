package tocsin.examples;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import tocsin.Detection;
import tocsin.Detector;
import tocsin.Module;

/** Records from standard input, one a line; alerts to standard output. */
public final class ScanLines {
    private static final int BATCH = 1 << 20;

    private final Detector detector = new Detector(Module.embedded(), null, Detector.DEFAULT_MEMORY_BYTES);
    private final PrintStream out;
    private final PrintStream problems;

    ScanLines(PrintStream out, PrintStream problems) {
        this.out = out;
        this.problems = problems;
    }

    public static void main(String[] arguments) throws IOException {
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        new ScanLines(out, System.err).scan(in);
    }

    void scan(BufferedReader in) throws IOException {
        var batch = new StringBuilder();
        for (String line; (line = in.readLine()) != null; ) {
            batch.append(line).append('\n');
            if (batch.length() > BATCH) {
                judge(batch);
            }
        }
        judge(batch);
    }

    private void judge(StringBuilder batch) {
        Detection found = detector.detect(batch.toString().getBytes(StandardCharsets.UTF_8));
        found.alerts().forEach(alert -> out.println(alert.json()));
        found.errors().forEach(problems::println);
        out.flush();
        batch.setLength(0);
    }
}
