package tocsin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class DetectorTest {
    static final String STOP =
            "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-03-14T09:20:00Z\",\"eventSource\":\"config.amazonaws.com\","
                    + "\"eventName\":\"StopConfigurationRecorder\",\"awsRegion\":\"eu-central-1\",\"eventID\":\"e1\","
                    + "\"userIdentity\":{\"type\":\"IAMUser\",\"userName\":\"alice\"},\"recipientAccountId\":\"111122223333\"}";

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private final Detector detector = new Detector(Module.embedded(), null, 64L << 20);

    @Test
    void builtInRulesRaiseAlertsAndTheRecordIsThereByteForByte() {
        Detection found = detector.detect(bytes(STOP));
        assertEquals(2, found.alerts().size());
        assertEquals(1, found.records());
        Alert alert = found.alerts().get(0);
        assertTrue(alert.json().contains(STOP), alert.json());
        assertEquals(64, alert.id().length());
        assertEquals(1773480000000L, alert.timeMillis().getAsLong());
    }

    @Test
    void aBadRecordCostsItselfAlone() {
        Detection found = detector.detect(bytes(STOP + "\n{\"eventName\":\n" + STOP));
        assertEquals(4, found.alerts().size());
        assertEquals(1, found.errors().size());
        assertEquals(1, found.errorCount());
        assertEquals(1, found.errors().get(0).record());
    }

    @Test
    void whatNoRuleJudgedIsCounted() {
        String forged = "{\"detail-type\":\"x\",\"source\":\"com.example\",\"account\":\"1\",\"detail\":" + STOP + "}";
        Detection found = detector.detect(bytes(STOP + "\n" + forged + "\n{\"nothing\":\"known\"}"));
        assertEquals(2, found.alerts().size());
        assertEquals(3, found.records());
        assertEquals(1, found.untrusted());
        assertTrue(found.summary().contains("\"unknown\":1"), found.summary());
        assertEquals(0, detector.detect(bytes(STOP)).untrusted());
    }

    @Test
    void aRecordOfAnyDepth() {
        String deep = STOP.replaceFirst("\\{", "{\"deep\":" + "[".repeat(20000) + "]".repeat(20000) + ",");
        assertEquals(2, detector.detect(bytes(deep)).alerts().size());
    }

    @Test
    void rulesOfOnesOwnAndTheirErrors() {
        String rule =
                "[rule]\\nname = \\\"Deleted\\\"\\nrule_id = \\\"a \\\\\\\"quote\\\\\\\"\\\"\\ntype = \\\"query\\\"\\nlanguage = \\\"kuery\\\"\\n"
                        + "severity = \\\"low\\\"\\nrisk_score = 21\\nquery = \\\"event.action: DeleteTrail\\\"\\n";
        String document = "{\"rules\":[{\"name\":\"deleted.toml\",\"text\":\"" + rule + "\"}]}";
        Detector own = new Detector(Module.embedded(), document, 64L << 20);
        Detection found = own.detect(bytes(STOP.replace("StopConfigurationRecorder", "DeleteTrail")));
        assertEquals("a \"quote\"", found.alerts().get(0).rule());
        String wrong = document.replace("DeleteTrail", "(");
        var error = assertThrows(ConfigurationException.class, () -> new Detector(Module.embedded(), wrong, 64L << 20));
        assertTrue(error.diagnostics().contains("\"line\":8"), error.diagnostics());
    }

    @Test
    void memoryThatEndsIsAnErrorAndTheNextBatchIsJudged() {
        Detector small = new Detector(Module.embedded(), null, 16L << 20);
        assertThrows(TocsinException.class, () -> small.detect(new byte[32 << 20]));
        assertEquals(2, small.detect(bytes(STOP)).alerts().size());
    }

    @Test
    void anInterruptEndsACallAndTheNextOneIsJudged() throws Exception {
        Detector strict = new Detector(Module.embedded(), "{\"options\":{\"strict\":true}}", 512L << 20);
        byte[] large = bytes((STOP + "\n").repeat(200_000));
        var thread = new Thread(() -> assertThrows(TocsinException.class, () -> strict.detect(large)));
        var failed = new ArrayList<Throwable>();
        thread.setUncaughtExceptionHandler((t, e) -> failed.add(e));
        thread.start();
        Thread.sleep(300);
        thread.interrupt();
        thread.join();
        assertEquals(List.of(), failed);
        assertEquals(2, strict.detect(bytes(STOP)).alerts().size());
    }

    @Test
    void manyThreadsOnOnePoolAndOnOneDetector() throws Exception {
        var pool = new DetectorPool(Module.embedded(), null, 64L << 20, 2);
        var threads = Executors.newFixedThreadPool(4);
        List<Future<Integer>> answers = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            answers.add(threads.submit(() -> pool.detect(bytes(STOP)).alerts().size()));
            answers.add(threads.submit(() -> detector.detect(bytes(STOP)).alerts().size()));
        }
        for (Future<Integer> answer : answers) {
            assertEquals(2, answer.get());
        }
        threads.shutdown();
    }

    @Test
    void whatIsNoModule() {
        assertThrows(TocsinException.class, () -> Module.of(bytes("no module")));
    }
}
