package tocsin

import (
	"errors"
	"fmt"
)

// ErrDead is wrapped by what a call gives on an instance that has trapped, or that a deadline has ended.
// Its state is unknown, so it answers nothing any more: make another. A [Pool] does so by itself.
var ErrDead = errors.New("the instance has ended")

// ErrClosed is what a closed [Pool] or [Detector] gives.
var ErrClosed = errors.New("closed")

// ErrMemory is wrapped where an argument doesn't fit into the module's memory. The instance goes on.
var ErrMemory = errors.New("the module's memory can't grow that far")

// Status is what a call of the module says of itself.
type Status uint32

// The statuses of the module's interface.
const (
	StatusOK               Status = 0
	StatusBadArgument      Status = 1
	StatusBadBatch         Status = 2 // nothing in the batch is a record; its frames say why
	StatusBadConfiguration Status = 3
	StatusLimitExceeded    Status = 4
	StatusInternal         Status = 255
)

// StatusError is a call that the module has refused.
type StatusError struct {
	Status Status
	Reason string // the module's own words
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("the module answers with status %d: %s", e.Status, e.Reason)
}

// ConfigurationError is a set of rules or options that has errors. The former one stays in force.
type ConfigurationError struct {
	Diagnostics []Diagnostic
}

func (e *ConfigurationError) Error() string {
	var first *Diagnostic
	others := 0
	for i := range e.Diagnostics {
		switch {
		case e.Diagnostics[i].Severity != SeverityError:
		case first == nil:
			first = &e.Diagnostics[i]
		default:
			others++
		}
	}
	switch {
	case first == nil:
		return "the rules can't be used as they are"
	case others > 0:
		return fmt.Sprintf("%s (and %d more)", first, others)
	}
	return first.String()
}
