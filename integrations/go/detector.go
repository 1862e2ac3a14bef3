package tocsin

import (
	"context"
	"encoding/json"
	"fmt"
)

// RuleDocument is a rule file: its name, which diagnostics show, and its text.
type RuleDocument struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Configuration is what replaces a detector's rules and options. What isn't set stays as it is.
type Configuration struct {
	Rules   []RuleDocument `json:"rules,omitempty"` // in place of the rules that it has
	Add     []RuleDocument `json:"add,omitempty"`   // beside them
	Options map[string]any `json:"options,omitempty"`
}

// The severities of a [Diagnostic].
const (
	SeverityError   = "error"
	SeverityWarning = "warning"
	SeverityRefused = "refused" // the rule may be right but is of a kind that doesn't run here
)

// Diagnostic is what there is to say about a rule document, and where. Lines and columns start at 1.
type Diagnostic struct {
	Document  string  `json:"document"`
	Line      int     `json:"line"`
	Column    int     `json:"column"`
	EndLine   int     `json:"end_line"`
	EndColumn int     `json:"end_column"`
	Severity  string  `json:"severity"`
	Code      string  `json:"code"`
	Message   string  `json:"message"`
	Hint      *string `json:"hint"`
	Source    *string `json:"source"`
}

func (d Diagnostic) String() string {
	text := fmt.Sprintf("%s:%d:%d: %s: %s", d.Document, d.Line, d.Column, d.Severity, d.Message)
	if d.Hint != nil {
		text += "; " + *d.Hint
	}
	return text
}

// Description is what a module holds. See docs/abi.md.
type Description struct {
	Engine struct {
		Name    string `json:"name"`
		Version string `json:"version"`
		ABI     int    `json:"abi"`
	} `json:"engine"`
	Limits  map[string]json.RawMessage `json:"limits"`
	Options map[string]json.RawMessage `json:"options"`
	Rules   []DescribedRule            `json:"rules"`
}

// DescribedRule is a rule that a module holds.
type DescribedRule struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Language string   `json:"language"`
	Severity string   `json:"severity"`
	Document string   `json:"document"`
	Fields   []string `json:"fields"`
}

// Detector is one instance whose answers are read into types. Calls from several goroutines wait for
// each other; a [Pool] lets them run beside each other.
type Detector struct {
	instance *Instance
}

// NewDetector starts an instance. A nil configuration leaves the module's own rules.
func (m *Module) NewDetector(ctx context.Context, configuration *Configuration) (*Detector, error) {
	instance, err := m.NewInstance(ctx)
	if err != nil {
		return nil, err
	}
	d := &Detector{instance: instance}
	if configuration != nil {
		if _, err := d.Configure(ctx, *configuration); err != nil {
			_ = instance.Close(ctx)
			return nil, err
		}
	}
	return d, nil
}

// Instance is what the detector calls.
func (d *Detector) Instance() *Instance { return d.instance }

// Describe says what the module holds now.
func (d *Detector) Describe(ctx context.Context) (*Description, error) {
	answer, err := d.instance.Describe(ctx)
	if err != nil {
		return nil, err
	}
	var description Description
	if err := object(answer, &description); err != nil {
		return nil, err
	}
	return &description, nil
}

// Configure replaces rules and options, all or nothing, and gives the warnings about them. Errors among
// them are a [ConfigurationError].
func (d *Detector) Configure(ctx context.Context, configuration Configuration) ([]Diagnostic, error) {
	document, err := json.Marshal(configuration)
	if err != nil {
		return nil, fmt.Errorf("tocsin: the configuration: %w", err)
	}
	answer, err := d.instance.Configure(ctx, document)
	if err != nil {
		return nil, err
	}
	var said struct {
		Diagnostics []Diagnostic `json:"diagnostics"`
	}
	if err := object(answer, &said); err != nil {
		return nil, err
	}
	return said.Diagnostics, nil
}

// Detect judges a batch of records in any shape that docs/abi.md accepts. What in the batch can't be
// read is in [Detection.Errors].
func (d *Detector) Detect(ctx context.Context, batch []byte) (*Detection, error) {
	return d.detect(ctx, batch, 0)
}

// detect judges a batch whose first record has the given index.
func (d *Detector) detect(ctx context.Context, batch []byte, first uint64) (*Detection, error) {
	answer, err := d.instance.Detect(ctx, batch)
	if err != nil {
		return nil, err
	}
	return detection(answer, first)
}

// Close ends the detector.
func (d *Detector) Close(ctx context.Context) error { return d.instance.Close(ctx) }

// object reads an answer that is one JSON object.
func object(answer Answer, into any) error {
	if answer.Status != StatusOK {
		return refused(answer)
	}
	if err := json.Unmarshal(answer.Text, into); err != nil {
		return fmt.Errorf("tocsin: the module's answer: %w", err)
	}
	return nil
}
