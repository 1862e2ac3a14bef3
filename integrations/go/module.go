package tocsin

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"

	"github.com/tetratelabs/wazero"
)

//go:embed tocsin.wasm
var embedded []byte

// Embedded gives the module that belongs to this version of the package, with the built-in rules. The
// bytes are shared: don't change them.
func Embedded() []byte { return embedded }

const pageBytes = 64 << 10

type options struct {
	memoryBytes  uint64
	cacheDir     string
	hardDeadline bool
	interpreter  bool
}

// Option is how a module is loaded.
type Option func(*options)

// WithMemoryLimit bounds each instance's memory, in bytes; by default 512 MiB, at most 4 GiB. A batch
// that needs more is refused with [ErrMemory] or [StatusLimitExceeded], and the instance goes on.
func WithMemoryLimit(bytes uint64) Option { return func(o *options) { o.memoryBytes = bytes } }

// WithCache keeps the compiled module in a folder, so that later processes start in milliseconds. Only
// the user should be able to write there: what lies in it is run as machine code.
func WithCache(dir string) Option { return func(o *options) { o.cacheDir = dir } }

// WithHardDeadline lets a context's end stop a call that is under way; the instance is lost by it. It
// makes every call 5 to 12 times slower, so without it contexts are looked at between calls only, which
// batches of 1 MiB make a matter of milliseconds.
func WithHardDeadline() Option { return func(o *options) { o.hardDeadline = true } }

// WithInterpreter runs the module without compiling it, some 60 times slower: for platforms that wazero
// has no compiler for it is chosen by itself.
func WithInterpreter() Option { return func(o *options) { o.interpreter = true } }

// Module is a compiled module. It may be shared by goroutines.
type Module struct {
	runtime  wazero.Runtime
	cache    wazero.CompilationCache
	compiled wazero.CompiledModule
	sha256   string
	bytes    int
}

// Load compiles a module: [Embedded], or the file of one that "tocsin compile" has made.
func Load(ctx context.Context, wasm []byte, opts ...Option) (*Module, error) {
	o := options{memoryBytes: 512 << 20}
	for _, set := range opts {
		set(&o)
	}
	pages := o.memoryBytes / pageBytes
	if pages < 1 || pages > 65536 {
		return nil, fmt.Errorf("tocsin: a memory limit of %d bytes: it must be 64 KiB to 4 GiB", o.memoryBytes)
	}
	config := wazero.NewRuntimeConfig()
	if o.interpreter {
		config = wazero.NewRuntimeConfigInterpreter()
	}
	config = config.WithMemoryLimitPages(uint32(pages)).WithCloseOnContextDone(o.hardDeadline)
	sum := sha256.Sum256(wasm)
	m := &Module{sha256: hex.EncodeToString(sum[:]), bytes: len(wasm)}
	if o.cacheDir != "" {
		cache, err := wazero.NewCompilationCacheWithDir(o.cacheDir)
		if err != nil {
			return nil, fmt.Errorf("tocsin: the cache folder %s: %w", o.cacheDir, err)
		}
		m.cache = cache
		config = config.WithCompilationCache(cache)
	}
	m.runtime = wazero.NewRuntimeWithConfig(ctx, config)
	compiled, err := m.runtime.CompileModule(ctx, wasm)
	if err != nil {
		_ = m.Close(ctx)
		return nil, fmt.Errorf("tocsin: this isn't a module that can run here: %w", err)
	}
	m.compiled = compiled
	if imports := compiled.ImportedFunctions(); len(imports) > 0 {
		_ = m.Close(ctx)
		from, name, _ := imports[0].Import()
		return nil, fmt.Errorf("tocsin: this is no Tocsin module: it imports %s.%s, and a Tocsin module imports nothing", from, name)
	}
	return m, nil
}

// SHA256 is the fingerprint of the module's bytes, in hex digits: the same in every host that runs them.
func (m *Module) SHA256() string { return m.sha256 }

// Close ends the module and all instances of it.
func (m *Module) Close(ctx context.Context) error {
	err := m.runtime.Close(ctx)
	if m.cache != nil {
		if closing := m.cache.Close(ctx); err == nil {
			err = closing
		}
	}
	return err
}
