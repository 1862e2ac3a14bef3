package tocsin

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
)

// largeBytes is the memory above which an idle detector isn't kept: memory never shrinks.
const largeBytes = 96 << 20

// Pool judges records from many goroutines by detectors of the same module and configuration. An
// instance that has ended is replaced.
type Pool struct {
	module        *Module
	configuration *Configuration
	places        chan struct{} // a token for each detector that may be at work

	mu     sync.Mutex
	idle   []*Detector
	closed bool
}

// NewPool makes a pool of at most as many detectors as the given number; 0 means GOMAXPROCS. The first
// detector is made at once, so that a wrong configuration is seen here.
func NewPool(ctx context.Context, module *Module, configuration *Configuration, size int) (*Pool, error) {
	if size <= 0 {
		size = runtime.GOMAXPROCS(0)
	}
	p := &Pool{module: module, configuration: configuration, places: make(chan struct{}, size)}
	first, err := module.NewDetector(ctx, configuration)
	if err != nil {
		return nil, err
	}
	p.idle = append(p.idle, first)
	return p, nil
}

// Detect judges a batch, as [Detector.Detect] does, on a detector that is free.
func (p *Pool) Detect(ctx context.Context, batch []byte) (*Detection, error) {
	return p.detect(ctx, batch, 0)
}

func (p *Pool) detect(ctx context.Context, batch []byte, first uint64) (*Detection, error) {
	d, err := p.take(ctx)
	if err != nil {
		return nil, err
	}
	defer p.give(d)
	return d.detect(ctx, batch, first)
}

// take waits for a detector.
func (p *Pool) take(ctx context.Context) (*Detector, error) {
	select {
	case p.places <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		<-p.places
		return nil, fmt.Errorf("tocsin: the pool is %w", ErrClosed)
	}
	if last := len(p.idle) - 1; last >= 0 {
		d := p.idle[last]
		p.idle = p.idle[:last]
		p.mu.Unlock()
		return d, nil
	}
	p.mu.Unlock()
	d, err := p.module.NewDetector(ctx, p.configuration)
	if err != nil {
		<-p.places
		return nil, err
	}
	return d, nil
}

// give takes a detector back, unless it has ended or grown large.
func (p *Pool) give(d *Detector) {
	defer func() { <-p.places }()
	keep := d.instance.Dead() == nil && d.instance.MemoryBytes() <= largeBytes
	p.mu.Lock()
	keep = keep && !p.closed
	if keep {
		p.idle = append(p.idle, d)
	}
	p.mu.Unlock()
	if !keep {
		// Instances stay in the runtime's list until they are closed.
		_ = d.Close(context.Background())
	}
}

// Close ends the pool's idle detectors; those at work end when they are done. The module stays.
func (p *Pool) Close(ctx context.Context) error {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	var errs []error
	for _, d := range idle {
		errs = append(errs, d.Close(ctx))
	}
	return errors.Join(errs...)
}
