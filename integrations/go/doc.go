// Package tocsin raises alerts from AWS CloudTrail records by Tocsin's detector, a WebAssembly module
// without imports, which runs here in wazero: pure Go, no cgo.
//
// The module's bytes are those of every other host, and so are the alerts. Its rules are the built-in
// ones, rules that a [Configuration] brings, or those of a module that "tocsin compile" has made.
//
//   - [Load] compiles a module once; a [Module] may be shared by goroutines.
//   - [Pool] judges records from many goroutines: what most programs want.
//   - [Detector] is one instance whose answers are read into types.
//   - [Instance] gives the answers as the bytes that they are.
//
// A record that can't be read is a [RecordError] beside the alerts of its neighbours, never an error of
// the call.
package tocsin
