package tocsin_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	tocsin "example.com/tocsin/integrations/go"
)

// A program that judges a stream: os.Stdin, a file, the body of a request.
func Example() {
	ctx := context.Background()
	cache := filepath.Join(os.TempDir(), "tocsin-go-test-cache") // a folder of the service's own
	module, err := tocsin.Load(ctx, tocsin.Embedded(), tocsin.WithCache(cache), tocsin.WithMemoryLimit(256<<20))
	if err != nil {
		log.Fatal(err)
	}
	defer module.Close(ctx)
	pool, err := tocsin.NewPool(ctx, module, nil, 0)
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close(ctx)

	for frame, err := range pool.Scan(ctx, strings.NewReader(stop+"\n{\"eventName\"")) {
		switch {
		case err != nil:
			log.Fatal(err)
		case frame.Alert != nil:
			document, err := frame.Alert.Document()
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println(frame.Alert.Record, document.Rule.Language, document.Rule.Name)
		case frame.Error != nil:
			fmt.Println("not judged: record", frame.Error.Record)
		}
	}
	// Unordered output:
	// 0 kuery AWS Configuration Recorder Stopped
	// 0 logpresso AWS Configuration Recorder Stopped
	// not judged: record 1
}

// Rules of one's own, in any of the languages, in place of the built-in ones.
func ExampleNewPool() {
	ctx := context.Background()
	rules := tocsin.Configuration{Rules: []tocsin.RuleDocument{{
		Name: "trail.yml",
		Text: `
title: Trail deleted
id: 4a1d5f4e-35b5-4c61-8b5b-0a4b5d9e3c11
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {eventName: DeleteTrail}
  condition: selection
level: high
`}}}
	pool, err := tocsin.NewPool(ctx, loaded(), &rules, 0)
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close(ctx)
	found, err := pool.Detect(ctx, []byte(`{"eventVersion": "1.08", "eventName": "DeleteTrail"}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(found.Alerts[0].Rule)
	// Output: 4a1d5f4e-35b5-4c61-8b5b-0a4b5d9e3c11
}

// One instance, and what its module holds.
func ExampleDetector_Describe() {
	ctx := context.Background()
	detector, err := loaded().NewDetector(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer detector.Close(ctx)
	description, err := detector.Describe(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(description.Engine.ABI, len(description.Rules), description.Rules[0].Name)
	// Output: 1 2 AWS Configuration Recorder Stopped
}
