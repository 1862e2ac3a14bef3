package tocsin

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

const abiVersion = 1

// Answer is what a call of the module answers, as bytes.
type Answer struct {
	Status Status
	Count  uint32
	Text   []byte // the caller's own copy
}

// Instance is one instance of a module: raw bytes in and out. Calls from several goroutines wait for
// each other, since two calls at once would end the process.
type Instance struct {
	turn   chan struct{} // holds one token while nobody calls
	module api.Module
	dead   error
}

// NewInstance starts an instance, with the module's own rules.
func (m *Module) NewInstance(ctx context.Context) (*Instance, error) {
	// Without a name, so that there may be many.
	module, err := m.runtime.InstantiateModule(ctx, m.compiled, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		return nil, fmt.Errorf("tocsin: the module doesn't start: %w", err)
	}
	in := &Instance{turn: make(chan struct{}, 1), module: module}
	in.turn <- struct{}{}
	version, err := in.invoke(ctx, "tocsin_abi_version")
	if err == nil && version != abiVersion {
		err = fmt.Errorf("tocsin: the module speaks version %d of the interface, not %d", version, abiVersion)
	}
	if err != nil {
		_ = module.Close(ctx)
		return nil, err
	}
	return in, nil
}

// Describe says what the module holds, as a JSON object.
func (in *Instance) Describe(ctx context.Context) (Answer, error) {
	return in.answer(ctx, "tocsin_describe")
}

// Configure replaces rules and options by a JSON document.
func (in *Instance) Configure(ctx context.Context, document []byte) (Answer, error) {
	return in.answer(ctx, "tocsin_configure", document)
}

// Detect judges a batch of records. The answer's text are frames, one a line.
func (in *Instance) Detect(ctx context.Context, batch []byte) (Answer, error) {
	return in.answer(ctx, "tocsin_detect", batch)
}

// Explain says why a rule does or doesn't select each record of a batch.
func (in *Instance) Explain(ctx context.Context, rule string, batch []byte) (Answer, error) {
	return in.answer(ctx, "tocsin_explain", []byte(rule), batch)
}

// MemoryBytes is how large the instance's memory is. It never shrinks.
func (in *Instance) MemoryBytes() uint64 {
	<-in.turn
	defer func() { in.turn <- struct{}{} }()
	return uint64(in.module.Memory().Size())
}

// Dead says whether the instance has ended, and why.
func (in *Instance) Dead() error {
	<-in.turn
	defer func() { in.turn <- struct{}{} }()
	return in.dead
}

// Close ends the instance.
func (in *Instance) Close(ctx context.Context) error {
	<-in.turn
	defer func() { in.turn <- struct{}{} }()
	if in.dead == nil {
		in.dead = ErrClosed
	}
	return in.module.Close(ctx)
}

// answer calls an export with arguments that are copied into the module's memory.
func (in *Instance) answer(ctx context.Context, export string, arguments ...[]byte) (Answer, error) {
	select {
	case <-ctx.Done():
		return Answer{}, context.Cause(ctx)
	case <-in.turn:
	}
	defer func() { in.turn <- struct{}{} }()
	if err := ctx.Err(); err != nil {
		return Answer{}, context.Cause(ctx)
	}
	if in.dead != nil {
		return Answer{}, fmt.Errorf("tocsin: %s: %w", export, in.dead)
	}
	places := make([]uint64, 0, 4)
	defer func() {
		for i := 0; i < len(places) && in.dead == nil; i += 2 {
			_, _ = in.invoke(ctx, "free", places[i])
		}
	}()
	for _, argument := range arguments {
		address, err := in.copyIn(ctx, argument)
		if err != nil {
			return Answer{}, err
		}
		places = append(places, uint64(address), uint64(len(argument)))
	}
	header, err := in.invoke(ctx, export, places...)
	if err != nil {
		return Answer{}, err
	}
	return in.copyOut(export, uint32(header))
}

func (in *Instance) copyIn(ctx context.Context, argument []byte) (uint32, error) {
	if uint64(len(argument)) > 1<<31 {
		return 0, fmt.Errorf("tocsin: %d bytes: %w", len(argument), ErrMemory)
	}
	address, err := in.invoke(ctx, "malloc", uint64(len(argument)))
	if err != nil {
		return 0, err
	}
	if address == 0 || !in.module.Memory().Write(uint32(address), argument) {
		return 0, fmt.Errorf("tocsin: %d bytes: %w", len(argument), ErrMemory)
	}
	return uint32(address), nil
}

func (in *Instance) copyOut(export string, header uint32) (Answer, error) {
	memory := in.module.Memory()
	integers, ok := memory.Read(header, 16)
	if !ok {
		return Answer{}, in.end(export, fmt.Errorf("its answer lies outside of its memory"))
	}
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(integers[4*i:]) }
	text, ok := memory.Read(word(1), word(2))
	if !ok {
		return Answer{}, in.end(export, fmt.Errorf("its answer's text lies outside of its memory"))
	}
	return Answer{Status: Status(word(0)), Count: word(3), Text: bytes.Clone(text)}, nil
}

// invoke calls an export that takes and gives integers.
func (in *Instance) invoke(ctx context.Context, export string, arguments ...uint64) (uint64, error) {
	function := in.module.ExportedFunction(export)
	if function == nil {
		return 0, fmt.Errorf("tocsin: the module has no export %q", export)
	}
	results, err := function.Call(ctx, arguments...)
	if err != nil {
		return 0, in.end(export, err)
	}
	if len(results) == 0 {
		return 0, nil
	}
	return results[0], nil
}

// end notes that the instance's state is unknown from now on.
func (in *Instance) end(export string, why error) error {
	in.dead = fmt.Errorf("%w in %s: %w", ErrDead, export, why)
	return fmt.Errorf("tocsin: %w", in.dead)
}
