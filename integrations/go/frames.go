package tocsin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
)

// Alert is a rule that has selected a record.
type Alert struct {
	Record uint64 `json:"record"` // index of the record, from 0
	Rule   string `json:"rule"`   // the rule's id
	ID     string `json:"id"`     // the same for the same record and rule, however often it comes
	TimeMS *int64 `json:"time"`   // the event's time in milliseconds since 1970; nil if it has none that can be read
	// JSON is the alert as the module has written it: its copy of the record is the record's own bytes.
	JSON json.RawMessage `json:"-"`
}

// RecordError is a record that couldn't be read. It costs itself alone.
type RecordError struct {
	Record uint64 `json:"-"` // index of the record, from 0
	Offset uint64 `json:"offset"`
	Reason string `json:"reason"`
}

func (e *RecordError) Error() string {
	return fmt.Sprintf("record %d, byte %d: %s", e.Record, e.Offset, e.Reason)
}

// MoreErrors are errors of one reason beyond those that the option error_frames allows.
type MoreErrors struct {
	Count  uint64 `json:"count"`
	First  uint64 `json:"first"` // index of the first record among them
	Last   uint64 `json:"last"`
	Reason string `json:"reason"`
}

// Summary counts what was in a batch. See docs/abi.md.
type Summary struct {
	Records    uint64       `json:"records"` // those that failed among them
	Matches    uint64       `json:"matches"`
	Errors     uint64       `json:"errors"`
	Untrusted  uint64       `json:"untrusted,omitempty"`  // records in envelopes of senders that aren't trusted: no rule for CloudTrail judged them
	Unknown    uint64       `json:"unknown,omitempty"`    // records of no form that is known
	Normalised uint64       `json:"normalised,omitempty"` // records in names that a shipper has translated them to
	Unread     uint64       `json:"unread,omitempty"`     // records that couldn't be read
	Sources    []FromSource `json:"sources,omitempty"`    // other logs' records
	Wrapped    []Wrapped    `json:"wrapped,omitempty"`    // records that hold others in a way that isn't opened
	Fieldless  *Fieldless   `json:"fieldless,omitempty"`  // records that hold none of the fields that rules name
}

// FromSource counts records of a log that isn't CloudTrail.
type FromSource struct {
	Source string `json:"source"`
	Count  uint64 `json:"count"`
}

// Wrapped counts records of one kind that hold others which weren't judged.
type Wrapped struct {
	What  string `json:"what"`
	Count uint64 `json:"count"`
	First uint64 `json:"first"` // index of the first
	Hint  string `json:"hint"`  // what to do
}

// Fieldless counts records that no rule can say anything about.
type Fieldless struct {
	Count uint64   `json:"count"`
	First uint64   `json:"first"` // index of the first
	Keys  []string `json:"keys"`  // the first keys at its top
}

// Detection is what a batch has raised.
type Detection struct {
	Alerts  []Alert
	Errors  []RecordError
	More    []MoreErrors
	Summary Summary
}

// Document is an alert of the format json as a type. See docs/alerts.md.
type Document struct {
	ID       string                     `json:"id"`
	Time     *string                    `json:"time"`
	Rule     DocumentRule               `json:"rule"`
	Message  string                     `json:"message"`
	Fields   map[string]json.RawMessage `json:"fields"`
	Envelope *Envelope                  `json:"envelope,omitempty"`
	Event    json.RawMessage            `json:"event"` // the record, byte for byte
}

// DocumentRule is what an alert says of its rule.
type DocumentRule struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Version    json.RawMessage   `json:"version"`
	Language   string            `json:"language"`
	Severity   string            `json:"severity"`
	RiskScore  *float64          `json:"risk_score"`
	Tags       []string          `json:"tags"`
	References []string          `json:"references"`
	Threat     []json.RawMessage `json:"threat"`
}

// Envelope is what the envelope around a record says of where it comes from.
type Envelope struct {
	Source  *string `json:"source"`
	Account *string `json:"account"`
	Region  *string `json:"region"`
}

// Document reads an alert of the format json. A record that is nested deeper than encoding/json reads
// (10,000) is an error here; Alert.JSON holds it all the same.
func (a *Alert) Document() (*Document, error) {
	var document Document
	if err := json.Unmarshal(a.JSON, &document); err != nil {
		return nil, fmt.Errorf("tocsin: the alert of record %d: %w", a.Record, err)
	}
	return &document, nil
}

var (
	alertKey   = []byte(`,"alert":`)
	recordHead = []byte(`{"record":`)
)

// detection reads the frames of an answer to detect. Indexes of records count from first.
func detection(answer Answer, first uint64) (*Detection, error) {
	found := &Detection{}
	summary := false
	for line := range lines(answer.Text) {
		if err := found.read(line, first, &summary); err != nil {
			return nil, err
		}
	}
	switch {
	case answer.Status == StatusOK, answer.Status == StatusBadBatch:
	case answer.Status == StatusLimitExceeded && summary:
	default:
		return nil, refused(answer)
	}
	return found, nil
}

func (d *Detection) read(line []byte, first uint64, summary *bool) error {
	// The alert is the last member and may be nested deeper than encoding/json reads: it is cut out. A
	// quote inside a JSON text has a backslash before it, so the first match is the key.
	if at := bytes.Index(line, alertKey); at >= 0 && bytes.HasPrefix(line, recordHead) {
		alert := Alert{JSON: json.RawMessage(line[at+len(alertKey) : len(line)-1])}
		head := append(bytes.Clone(line[:at]), '}')
		if err := json.Unmarshal(head, &alert); err != nil {
			return fmt.Errorf("tocsin: a frame of the module's answer: %w", err)
		}
		alert.Record += first
		d.Alerts = append(d.Alerts, alert)
		return nil
	}
	var frame struct {
		Record  uint64       `json:"record"`
		Error   *RecordError `json:"error"`
		Errors  *MoreErrors  `json:"errors"`
		Summary *Summary     `json:"summary"`
		Reason  string       `json:"reason"`
	}
	if err := json.Unmarshal(line, &frame); err != nil {
		return fmt.Errorf("tocsin: a frame of the module's answer: %w", err)
	}
	switch {
	case frame.Error != nil:
		frame.Error.Record = first + frame.Record
		d.Errors = append(d.Errors, *frame.Error)
	case frame.Errors != nil:
		frame.Errors.First += first
		frame.Errors.Last += first
		d.More = append(d.More, *frame.Errors)
	case frame.Summary != nil:
		d.Summary, *summary = *frame.Summary, true
	case frame.Reason == "":
		return fmt.Errorf("tocsin: the module's answer has a frame of an unknown kind")
	}
	return nil
}

// refused is the error that an answer's status stands for.
func refused(answer Answer) error {
	var said struct {
		Reason      string       `json:"reason"`
		Diagnostics []Diagnostic `json:"diagnostics"`
	}
	if err := json.Unmarshal(answer.Text, &said); err != nil || said.Reason == "" {
		said.Reason = "it gives no reason"
	}
	if answer.Status == StatusBadConfiguration {
		return &ConfigurationError{Diagnostics: said.Diagnostics}
	}
	return &StatusError{Status: answer.Status, Reason: said.Reason}
}

// lines gives the lines of a text that aren't empty.
func lines(text []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(text) > 0 {
			line, rest, _ := bytes.Cut(text, []byte{'\n'})
			if len(line) > 0 && !yield(line) {
				return
			}
			text = rest
		}
	}
}
