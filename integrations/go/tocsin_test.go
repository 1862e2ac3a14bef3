package tocsin_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	tocsin "example.com/tocsin/integrations/go"
)

const stop = `{"eventVersion":"1.08","eventTime":"2026-03-14T09:20:00Z","eventSource":"config.amazonaws.com","eventName":"StopConfigurationRecorder","awsRegion":"eu-central-1","sourceIPAddress":"203.0.113.10","userIdentity":{"type":"IAMUser","userName":"alice"},"requestParameters":{"configurationRecorderName":"default"},"eventID":"e1","recipientAccountId":"111122223333"}`

// cached keeps what is compiled for the next tests and runs: compiling takes a second, and many under the race detector.
func cached() tocsin.Option {
	return tocsin.WithCache(filepath.Join(os.TempDir(), "tocsin-go-test-cache"))
}

var loaded = sync.OnceValue(func() *tocsin.Module {
	module, err := tocsin.Load(context.Background(), tocsin.Embedded(), cached())
	if err != nil {
		panic(err)
	}
	return module
})

func newPool(t testing.TB, configuration *tocsin.Configuration) *tocsin.Pool {
	t.Helper()
	pool, err := tocsin.NewPool(context.Background(), loaded(), configuration, 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close(context.Background()) })
	return pool
}

func TestBuiltInRulesRaiseAlerts(t *testing.T) {
	found, err := newPool(t, nil).Detect(context.Background(), []byte(stop))
	if err != nil || len(found.Alerts) != 2 || found.Summary.Records != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	document, err := found.Alerts[0].Document()
	if err != nil {
		t.Fatal(err)
	}
	if document.Rule.Severity != "high" || string(document.Event) != stop || *document.Time != "2026-03-14T09:20:00Z" {
		t.Errorf("%+v", document)
	}
}

func TestASummarySaysWhatNoRuleCanJudge(t *testing.T) {
	forged := `{"detail-type":"x","source":"com.example","account":"1","detail":` + stop + `}`
	batch := stop + "\n" + `{"Records":[{"kinesis":{"data":"e30="},"eventSource":"aws:kinesis"}]}` + "\n" + `{"nothing":"known"}` + "\n" + forged
	found, err := newPool(t, nil).Detect(context.Background(), []byte(batch))
	if err != nil {
		t.Fatal(err)
	}
	summary := found.Summary
	if summary.Records != 4 || summary.Untrusted != 1 || len(found.Alerts) != 2 || summary.Unknown != 1 || len(summary.Wrapped) != 1 || summary.Wrapped[0].First != 1 || summary.Wrapped[0].Hint == "" {
		t.Errorf("%+v", summary)
	}
	if summary.Fieldless == nil || summary.Fieldless.Keys[0] != "nothing" {
		t.Errorf("%+v", summary.Fieldless)
	}
}

func TestABadRecordCostsItselfAlone(t *testing.T) {
	var alerts, failures int
	input := strings.NewReader(stop + "\n{\"eventName\":\n" + stop + "\n")
	for frame, err := range newPool(t, nil).Scan(context.Background(), input) {
		if err != nil {
			t.Fatal(err)
		}
		if frame.Alert != nil {
			alerts++
		}
		if frame.Error != nil {
			failures++
			if frame.Error.Record != 1 {
				t.Errorf("%+v", frame.Error)
			}
		}
	}
	if alerts != 4 || failures != 1 {
		t.Errorf("%d alerts, %d errors", alerts, failures)
	}
}

func TestRecordsAreCountedOverBatches(t *testing.T) {
	line := `{"eventVersion":"1.08","eventName":"DescribeInstances","eventID":"` + strings.Repeat("x", 900) + `"}` + "\n"
	input := strings.Repeat(line, 3000) + stop + "\n"
	var at []uint64
	for frame, err := range newPool(t, nil).Scan(context.Background(), strings.NewReader(input)) {
		if err != nil {
			t.Fatal(err)
		}
		at = append(at, frame.Alert.Record)
	}
	if fmt.Sprint(at) != "[3000 3000]" {
		t.Error(at)
	}
}

func TestARecordOfAnyDepth(t *testing.T) {
	deep := strings.Replace(stop, `{"eventVersion"`, `{"deep":`+strings.Repeat("[", 20000)+strings.Repeat("]", 20000)+`,"eventVersion"`, 1)
	found, err := newPool(t, nil).Detect(context.Background(), []byte(deep))
	if err != nil || len(found.Alerts) != 2 {
		t.Fatal(len(found.Alerts), err)
	}
	if !bytes.Contains(found.Alerts[0].JSON, []byte(strings.Repeat("[", 20000))) {
		t.Error("the alert lacks the record")
	}
}

func TestRulesOfOnesOwnAndTheirErrors(t *testing.T) {
	text := "[rule]\nname = \"Deleted\"\nrule_id = \"deleted\"\ntype = \"query\"\nlanguage = \"kuery\"\nseverity = \"low\"\nrisk_score = 21\nquery = \"event.action: DeleteTrail\"\n"
	rules := &tocsin.Configuration{Rules: []tocsin.RuleDocument{{Name: "deleted.toml", Text: text}}}
	found, err := newPool(t, rules).Detect(context.Background(), []byte(strings.Replace(stop, "StopConfigurationRecorder", "DeleteTrail", 1)))
	if err != nil || len(found.Alerts) != 1 || found.Alerts[0].Rule != "deleted" {
		t.Fatalf("%+v, %v", found, err)
	}
	rules.Rules[0].Text = strings.Replace(text, "DeleteTrail", "(", 1)
	_, err = tocsin.NewPool(context.Background(), loaded(), rules, 1)
	var wrong *tocsin.ConfigurationError
	if !errors.As(err, &wrong) || wrong.Diagnostics[0].Document != "deleted.toml" || wrong.Diagnostics[0].Line != 8 {
		t.Errorf("%v", err)
	}
}

func TestManyGoroutinesOnOneDetector(t *testing.T) {
	detector, err := loaded().NewDetector(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	together(t, detector.Detect)
	if err := detector.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if _, err := detector.Detect(context.Background(), []byte(stop)); !errors.Is(err, tocsin.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

func TestManyGoroutinesOnOnePool(t *testing.T) { together(t, newPool(t, nil).Detect) }

func together(t *testing.T, detect func(context.Context, []byte) (*tocsin.Detection, error)) {
	t.Helper()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				found, err := detect(context.Background(), []byte(stop))
				if err != nil || len(found.Alerts) != 2 {
					t.Errorf("%+v, %v", found, err)
				}
			}
		})
	}
	group.Wait()
}

func TestMemoryThatEndsIsAnErrorAndTheNextBatchIsJudged(t *testing.T) {
	ctx := context.Background()
	module, err := tocsin.Load(ctx, tocsin.Embedded(), cached(), tocsin.WithMemoryLimit(16<<20))
	if err != nil {
		t.Fatal(err)
	}
	defer module.Close(ctx)
	detector, err := module.NewDetector(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := detector.Detect(ctx, make([]byte, 32<<20)); !errors.Is(err, tocsin.ErrMemory) {
		t.Errorf("%v", err)
	}
	if found, err := detector.Detect(ctx, []byte(stop)); err != nil || len(found.Alerts) != 2 {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestADeadlineEndsTheCallAndThePoolGoesOn(t *testing.T) {
	ctx := context.Background()
	module, err := tocsin.Load(ctx, tocsin.Embedded(), cached(), tocsin.WithHardDeadline())
	if err != nil {
		t.Fatal(err)
	}
	defer module.Close(ctx)
	strict := &tocsin.Configuration{Options: map[string]any{"strict": true}}
	pool, err := tocsin.NewPool(ctx, module, strict, 1)
	if err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	large := bytes.Repeat([]byte(stop+"\n"), 1<<16)
	if _, err := pool.Detect(short, large); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if found, err := pool.Detect(ctx, []byte(stop)); err != nil || len(found.Alerts) != 2 {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestAContextThatHasEndedEndsTheScan(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, err := range newPool(t, nil).Scan(ctx, strings.NewReader(stop)) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	}
}

// byMegabytes reads as a pipe does, a piece at a time.
type byMegabytes struct{ io.Reader }

func (r byMegabytes) Read(into []byte) (int, error) {
	return r.Reader.Read(into[:min(len(into), 1<<20)])
}

func TestALineTooLongForARecordIsReportedAndNoneOfItIsJudged(t *testing.T) {
	if testing.Short() {
		t.Skip("takes most of a minute under the race detector")
	}
	// Were the line cut, the record inside its text would be one of its own.
	long := append([]byte(`{"x":"`), bytes.Repeat([]byte{'a'}, 65<<20)...)
	input := append(append(append(long, stop...), "\"}\n"...), stop+"\n"...)
	var alerts, failed int
	for frame, err := range newPool(t, nil).Scan(context.Background(), byMegabytes{bytes.NewReader(input)}) {
		var batch *tocsin.BatchError
		if errors.As(err, &batch) {
			failed++
		} else if err != nil {
			t.Fatal(err)
		}
		if frame.Alert != nil {
			alerts++
		}
	}
	if alerts != 2 || failed != 1 {
		t.Errorf("%d alerts, %d failed", alerts, failed)
	}
}

func TestWhatIsNoModule(t *testing.T) {
	if _, err := tocsin.Load(context.Background(), []byte("no module")); err == nil {
		t.Error("loaded")
	}
}

// Whatever the bytes, the call answers, and the counts are those of the summary.
func FuzzDetect(f *testing.F) {
	f.Add([]byte(stop))
	f.Add([]byte(`{"Records":[` + stop + `,{"eventVersion":"`))
	f.Add([]byte("\x00\xff\n[[["))
	f.Fuzz(func(t *testing.T, batch []byte) {
		found, err := newPool(t, nil).Detect(context.Background(), batch)
		if err != nil {
			t.Fatal(err)
		}
		if uint64(len(found.Alerts)) != found.Summary.Matches || len(found.More) == 0 && uint64(len(found.Errors)) != found.Summary.Errors {
			t.Errorf("%+v", found)
		}
	})
}
