package tocsin;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/** Reads an answer's frames. Their keys have a fixed order, so that no JSON library is needed. */
final class Frames {
    private static final byte[] ALERT = ",\"alert\":".getBytes(StandardCharsets.UTF_8);

    private Frames() {}

    static Detection read(Answer answer) {
        List<Alert> alerts = new ArrayList<>();
        List<RecordError> errors = new ArrayList<>();
        String summary = null;
        byte[] text = answer.text();
        for (int from = 0; from < text.length; ) {
            int end = indexOf(text, from, text.length, new byte[] {'\n'});
            end = end < 0 ? text.length : end;
            byte[] line = Arrays.copyOfRange(text, from, end);
            from = end + 1;
            int alert = indexOf(line, 0, line.length, ALERT);
            // A quote inside a JSON text has a backslash before it, so the first match is the key.
            if (alert >= 0 && startsWith(line, "{\"record\":")) {
                alerts.add(alert(line, alert));
            } else if (line.length > 0) {
                String frame = new String(line, StandardCharsets.UTF_8);
                if (frame.startsWith("{\"summary\":")) {
                    summary = frame;
                } else if (frame.startsWith("{\"record\":")) {
                    errors.add(new RecordError(number(frame, "record"), frame));
                } else if (frame.startsWith("{\"errors\":")) {
                    errors.add(new RecordError(-1, frame));
                }
            }
        }
        if (summary == null) {
            throw refused(answer);
        }
        return new Detection(alerts, errors, summary);
    }

    /** What an answer stands for that isn't OK. */
    static TocsinException refused(Answer answer) {
        String text = new String(answer.text(), StandardCharsets.UTF_8);
        return answer.status() == Answer.BAD_CONFIGURATION
                ? new ConfigurationException(text)
                : new TocsinException("the module answers with status " + answer.status() + ": " + text);
    }

    private static Alert alert(byte[] line, int alert) {
        String head = new String(line, 0, alert, StandardCharsets.UTF_8);
        long time = head.indexOf("\"time\":null") >= 0 ? Long.MIN_VALUE : number(head, "time");
        return new Alert(
                number(head, "record"),
                text(head, "rule"),
                text(head, "id"),
                time == Long.MIN_VALUE ? OptionalLong.empty() : OptionalLong.of(time),
                line,
                alert + ALERT.length);
    }

    /** The same for a key that isn't there if it is none. */
    static long numberOrZero(String frame, String key) {
        return frame.contains("\"" + key + "\":") ? number(frame, key) : 0;
    }

    /** The first number of that key. Keys whose values anybody may choose come behind it or hold no quotes. */
    static long number(String frame, String key) {
        int at = frame.indexOf("\"" + key + "\":");
        if (at < 0) {
            throw new TocsinException("a frame without " + key + ": " + frame);
        }
        int from = at + key.length() + 3;
        int end = from;
        while (end < frame.length() && "-0123456789".indexOf(frame.charAt(end)) >= 0) {
            end++;
        }
        return Long.parseLong(frame.substring(from, end));
    }

    /** The text of a key, its escapes resolved. */
    private static String text(String frame, String key) {
        int at = frame.indexOf(",\"" + key + "\":\"");
        if (at < 0) {
            throw new TocsinException("a frame without " + key + ": " + frame);
        }
        StringBuilder out = new StringBuilder();
        for (int i = at + key.length() + 5; frame.charAt(i) != '"'; i++) {
            char c = frame.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            c = frame.charAt(++i);
            switch (c) {
                case 'u':
                    out.append((char) Integer.parseInt(frame.substring(i + 1, i + 5), 16));
                    i += 4;
                    break;
                case 'n': out.append('\n'); break;
                case 'r': out.append('\r'); break;
                case 't': out.append('\t'); break;
                case 'b': out.append('\b'); break;
                case 'f': out.append('\f'); break;
                default: out.append(c);
            }
        }
        return out.toString();
    }

    private static boolean startsWith(byte[] line, String prefix) {
        return line.length >= prefix.length()
                && indexOf(line, 0, prefix.length(), prefix.getBytes(StandardCharsets.UTF_8)) == 0;
    }

    private static int indexOf(byte[] in, int from, int to, byte[] what) {
        for (int i = from; i + what.length <= to; i++) {
            int j = 0;
            while (j < what.length && in[i + j] == what[j]) {
                j++;
            }
            if (j == what.length) {
                return i;
            }
        }
        return -1;
    }
}
