package tocsin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
)

const (
	// batchBytes bounds how long a call lasts: Go can't interrupt one, and its collector waits for it.
	batchBytes = 1 << 20
	// lineBytes bounds the memory that one line may take; it is also what the module takes for a record.
	lineBytes = 64 << 20
)

// Frame is one thing that a scan has found: an alert, a record that can't be read, or a number of those.
// Just one of them is set.
type Frame struct {
	Alert *Alert
	Error *RecordError
	More  *MoreErrors
}

// Scan judges a stream of lines: a record, or a whole document such as CloudTrail's {"Records": [...]},
// on each. Documents that are spread over several lines go to [Pool.Detect] as a whole. Batches are of
// about 1 MiB, and the context is looked at between them. Records are counted over the whole stream.
//
// The second value is an error that ends the scan: of the reader, of the context, or of the module. A
// record's own error is a [Frame]. A batch on which the instance ends is reported by a
// [BatchError], and the scan goes on behind it.
func (p *Pool) Scan(ctx context.Context, from io.Reader) iter.Seq2[Frame, error] {
	return func(yield func(Frame, error) bool) {
		var records, offset uint64
		for batch, err := range batches(from) {
			var long *lineError
			if errors.As(err, &long) {
				if !yield(Frame{}, &BatchError{Offset: offset, Bytes: lineBytes, Err: err}) {
					return
				}
				continue
			}
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(Frame{}, err)
				return
			}
			found, err := p.detect(ctx, batch, records)
			if err != nil {
				failed := &BatchError{Offset: offset, Bytes: len(batch), Err: err}
				if !yield(Frame{}, failed) || !failed.Passes() || ctx.Err() != nil {
					return
				}
			} else {
				if !deliver(found, yield) {
					return
				}
				records += found.Summary.Records
			}
			offset += uint64(len(batch))
		}
	}
}

// BatchError is a batch of a scan that couldn't be judged.
type BatchError struct {
	Offset uint64 // where it begins in the stream
	Bytes  int
	Err    error
}

func (e *BatchError) Error() string {
	return fmt.Sprintf("%d bytes from byte %d on aren't judged: %v", e.Bytes, e.Offset, e.Err)
}

// Unwrap gives the reason.
func (e *BatchError) Unwrap() error { return e.Err }

// Passes says whether the scan goes on behind the batch: what one batch costs is no reason to leave the
// others unread.
func (e *BatchError) Passes() bool {
	var status *StatusError
	var long *lineError
	return errors.Is(e.Err, ErrDead) || errors.Is(e.Err, ErrMemory) || errors.As(e.Err, &status) || errors.As(e.Err, &long)
}

func deliver(found *Detection, yield func(Frame, error) bool) bool {
	// Both are in the order of the records: so is what comes out.
	alerts, failures := found.Alerts, found.Errors
	for len(alerts) > 0 || len(failures) > 0 {
		var frame Frame
		if len(failures) == 0 || len(alerts) > 0 && alerts[0].Record <= failures[0].Record {
			frame.Alert, alerts = &alerts[0], alerts[1:]
		} else {
			frame.Error, failures = &failures[0], failures[1:]
		}
		if !yield(frame, nil) {
			return false
		}
	}
	for i := range found.More {
		if !yield(Frame{More: &found.More[i]}, nil) {
			return false
		}
	}
	return true
}

// batches cuts a stream at line ends. A line over [lineBytes] is one error; its pieces are never judged,
// because text inside a record must not become a record.
func batches(from io.Reader) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		buffer := make([]byte, 0, batchBytes+batchBytes/4)
		skipping := false
		for {
			if len(buffer) == cap(buffer) {
				buffer = append(buffer, 0)[:len(buffer)]
			}
			n, failure := from.Read(buffer[len(buffer):cap(buffer)])
			buffer = buffer[:len(buffer)+n]
			if skipping {
				end := bytes.IndexByte(buffer, '\n') + 1
				skipping = end == 0
				if skipping {
					end = len(buffer)
				}
				buffer = append(buffer[:0], buffer[end:]...)
			}
			end := len(buffer)
			if failure == nil {
				end = 0
				if len(buffer) >= batchBytes {
					end = bytes.LastIndexByte(buffer, '\n') + 1
				}
			}
			if end > 0 && !yield(buffer[:end], nil) {
				return
			}
			buffer = append(buffer[:0], buffer[end:]...)
			if len(buffer) > lineBytes {
				if !yield(nil, &lineError{}) {
					return
				}
				buffer, skipping = buffer[:0], true
			}
			if failure == io.EOF {
				return
			}
			if failure != nil {
				yield(nil, fmt.Errorf("tocsin: reading records: %w", failure))
				return
			}
		}
	}
}

// lineError is a line that is too long for a record.
type lineError struct{}

func (*lineError) Error() string { return fmt.Sprintf("a line of over %d bytes", lineBytes) }
