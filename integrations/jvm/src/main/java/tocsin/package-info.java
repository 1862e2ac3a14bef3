/**
 * Alerts from AWS CloudTrail records by Tocsin's detector, a WebAssembly module without imports that runs
 * here as JVM bytecode.
 *
 * <p>{@link tocsin.Module} is compiled code and may be shared; {@link tocsin.DetectorPool} judges records
 * from many threads; {@link tocsin.Detector} is one instance; {@link tocsin.Instance} gives the module's
 * answers as bytes.
 */
package tocsin;
