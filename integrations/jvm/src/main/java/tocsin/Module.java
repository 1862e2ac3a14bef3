package tocsin;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.util.function.Function;

/** A module that is ready to run. It may be shared by threads. */
public final class Module {
    private static final long PAGE = 1 << 16;

    private final WasmModule wasm;
    private final Function<com.dylibso.chicory.runtime.Instance, com.dylibso.chicory.runtime.Machine> machine;

    private Module(
            WasmModule wasm,
            Function<com.dylibso.chicory.runtime.Instance, com.dylibso.chicory.runtime.Machine> machine) {
        if (wasm.importSection().importCount() > 0) {
            throw new TocsinException("this is no Tocsin module: it has imports, and a Tocsin module has none");
        }
        this.wasm = wasm;
        this.machine = machine;
    }

    /**
     * The module that belongs to this version of the library, with the built-in rules. It was compiled to
     * JVM bytecode when the library was built.
     *
     * @return the module
     */
    public static Module embedded() {
        return Holder.EMBEDDED;
    }

    /**
     * A module that {@code tocsin compile} has made. It is compiled now, in about two seconds, if the
     * artifact {@code com.dylibso.chicory:compiler} is there, and interpreted otherwise, some 20 times slower.
     *
     * @param bytes the module's file
     * @return the module
     * @throws TocsinException if it isn't a module
     */
    public static Module of(byte[] bytes) {
        WasmModule wasm;
        try {
            wasm = Parser.parse(bytes);
        } catch (RuntimeException e) {
            throw new TocsinException("this isn't a WebAssembly module: " + e.getMessage(), e);
        }
        return new Module(wasm, RuntimeCompiler.of(wasm));
    }

    /** Starts an instance whose memory may grow to the given size. */
    com.dylibso.chicory.runtime.Instance start(long memoryBytes) {
        int initial = wasm.memorySection().get().getMemory(0).limits().initialPages();
        int maximum = (int) Math.max(initial, Math.min(memoryBytes / PAGE, 65536));
        var builder =
                com.dylibso.chicory.runtime.Instance.builder(wasm)
                        .withMemoryLimits(new MemoryLimits(initial, maximum))
                        .withMemoryFactory(ByteArrayMemory::new)
                        .withStart(false);
        if (machine != null) {
            builder.withMachineFactory(machine);
        }
        return builder.build();
    }

    /** Loaded when it is first asked for. */
    private static final class Holder {
        static final Module EMBEDDED =
                new Module(tocsin.internal.Embedded.load(), tocsin.internal.Embedded::create);
    }

    /** In a class of its own, since the compiler may be missing. */
    private static final class RuntimeCompiler {
        static Function<com.dylibso.chicory.runtime.Instance, com.dylibso.chicory.runtime.Machine> of(
                WasmModule wasm) {
            try {
                return com.dylibso.chicory.compiler.MachineFactoryCompiler.compile(wasm);
            } catch (NoClassDefFoundError e) {
                return null;
            }
        }
    }
}
