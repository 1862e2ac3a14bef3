//! Modules written by hand, with the defects of somebody else's.
#![allow(dead_code, clippy::unwrap_used)]

/// A sound module that counts opening braces as records, and comes to grief at single bytes:
/// `!` traps, `?` never ends, `$` takes memory until there is none, `%` gives the status 255, `#`
/// answers from outside its memory, `&` answers what isn't a frame.
pub const COUNTER: &str = r##"(module
  (memory (export "memory") 2)
  (global $top (mut i32) (i32.const 4096))

  (data (i32.const 1024) "{\"engine\":{\"name\":\"counter\",\"version\":\"1\",\"abi\":1},\"limits\":{\"batch_bytes\":1073741824,\"record_bytes\":67108864},\"rules\":[]}")
  (data (i32.const 2048) "{\"rules\":0,\"diagnostics\":[]}")
  (data (i32.const 2560) "{\"summary\":{\"records\":        0,\"matches\":0,\"errors\":0}}\n")
  (data (i32.const 3072) "{\"reason\":\"a percent sign\"}")
  (data (i32.const 3584) "nonsense")

  (func (export "tocsin_abi_version") (result i32) (i32.const 1))

  (func (export "malloc") (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $top))
    (global.set $top
      (i32.and (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 7)) (i32.const -8)))
    (block $enough
      (br_if $enough (i32.le_u (global.get $top) (i32.mul (memory.size) (i32.const 65536))))
      (br_if $enough (i32.ne (i32.const -1)
        (memory.grow (i32.add (i32.div_u (local.get $size) (i32.const 65536)) (i32.const 1)))))
      (global.set $top (local.get $at))
      (return (i32.const 0)))
    (local.get $at))

  (func (export "free") (param i32))

  (func $answer (param $status i32) (param $text i32) (param $len i32) (result i32)
    (i32.store (i32.const 16) (local.get $status))
    (i32.store (i32.const 20) (local.get $text))
    (i32.store (i32.const 24) (local.get $len))
    (i32.store (i32.const 28) (i32.const 0))
    (i32.const 16))

  (func (export "tocsin_describe") (result i32)
    (call $answer (i32.const 0) (i32.const 1024) (i32.const 122)))

  (func (export "tocsin_configure") (param i32 i32) (result i32)
    (call $answer (i32.const 0) (i32.const 2048) (i32.const 28)))

  (func (export "tocsin_detect") (param $at i32) (param $len i32) (result i32)
    (local $end i32) (local $byte i32) (local $count i32) (local $digit i32)
    (local.set $end (i32.add (local.get $at) (local.get $len)))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
      (local.set $byte (i32.load8_u (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (if (i32.eq (local.get $byte) (i32.const 33)) (then unreachable))
      (if (i32.eq (local.get $byte) (i32.const 63)) (then (loop $ever (br $ever))))
      (if (i32.eq (local.get $byte) (i32.const 36)) (then
        (loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
        unreachable))
      (if (i32.eq (local.get $byte) (i32.const 37)) (then
        (return (call $answer (i32.const 255) (i32.const 3072) (i32.const 27)))))
      (if (i32.eq (local.get $byte) (i32.const 35)) (then
        (return (call $answer (i32.const 0) (i32.const -16) (i32.const 8)))))
      (if (i32.eq (local.get $byte) (i32.const 38)) (then
        (return (call $answer (i32.const 0) (i32.const 3584) (i32.const 8)))))
      (if (i32.eq (local.get $byte) (i32.const 123)) (then
        (local.set $count (i32.add (local.get $count) (i32.const 1)))))
      (br $next)))
    ;; The number, from its last digit to its first, over blanks.
    (memory.fill (i32.const 2582) (i32.const 32) (i32.const 9))
    (local.set $digit (i32.const 2590))
    (loop $digits
      (i32.store8 (local.get $digit)
        (i32.add (i32.const 48) (i32.rem_u (local.get $count) (i32.const 10))))
      (local.set $digit (i32.sub (local.get $digit) (i32.const 1)))
      (local.set $count (i32.div_u (local.get $count) (i32.const 10)))
      (br_if $digits (local.get $count)))
    (call $answer (i32.const 0) (i32.const 2560) (i32.const 57)))
)"##;

/// The binary form of a module's text.
pub fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}
