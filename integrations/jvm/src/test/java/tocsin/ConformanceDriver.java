package tocsin;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The conformance suite's driver: requests on standard input, replies on standard output, as
 * tests/drivers/README.md describes them.
 */
final class ConformanceDriver {
    private final List<Module> modules = new ArrayList<>();
    private final Map<Integer, Instance> instances = new HashMap<>();
    private byte[] embedded = {};
    private int started;

    public static void main(String[] arguments) throws IOException {
        var driver = new ConformanceDriver();
        try (InputStream in = ConformanceDriver.class.getResourceAsStream("/tocsin.wasm")) {
            if (in != null) {
                driver.embedded = in.readAllBytes();
            }
        }
        var in = new DataInputStream(System.in);
        var out = new DataOutputStream(System.out);
        while (true) {
            byte[] request;
            try {
                request = new byte[Integer.reverseBytes(in.readInt())];
            } catch (EOFException end) {
                return;
            }
            in.readFully(request);
            byte[] reply = driver.reply(request);
            out.writeInt(Integer.reverseBytes(reply.length));
            out.write(reply);
            out.flush();
        }
    }

    private byte[] reply(byte[] request) {
        ByteBuffer head = ByteBuffer.wrap(request).order(ByteOrder.LITTLE_ENDIAN);
        int number = head.getInt(1);
        int size = head.getInt(5);
        byte[] first = Arrays.copyOfRange(request, 9, 9 + size);
        byte[] second = Arrays.copyOfRange(request, 9 + size, request.length);
        byte failed = 0;
        Answer answer;
        try {
            answer = perform((char) request[0], number, first, second);
        } catch (RuntimeException | OutOfMemoryError e) {
            failed = 1;
            answer = new Answer(0, 0, e.toString().getBytes(StandardCharsets.UTF_8));
        }
        return ByteBuffer.allocate(9 + answer.text().length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(failed)
                .putInt(answer.status())
                .putInt(answer.count())
                .put(answer.text())
                .array();
    }

    private Answer perform(char kind, int number, byte[] first, byte[] second) {
        switch (kind) {
            case 'l':
                // The class that was compiled when the library was built is tested by the same cases.
                modules.add(Arrays.equals(first, embedded) ? Module.embedded() : Module.of(first));
                return new Answer(modules.size() - 1, 0, new byte[0]);
            case 's':
                // The suite's largest batches are larger than a service would allow.
                instances.put(++started, new Instance(modules.get(number), 2L << 30));
                return new Answer(started, 0, new byte[0]);
            case 'e':
                instances.remove(number);
                return new Answer(0, 0, new byte[0]);
            case 'd':
                return instances.get(number).describe();
            case 'c':
                return instances.get(number).configure(first);
            case 'j':
                return instances.get(number).detect(first);
            case 'x':
                return instances.get(number).explain(new String(first, StandardCharsets.UTF_8), second);
            default:
                throw new IllegalArgumentException("no request begins with " + kind);
        }
    }
}
