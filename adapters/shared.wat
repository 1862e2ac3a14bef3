  ;; What the adapters share. The build puts it where an adapter says (; shared ;).
  (import "tocsin" "memory" (memory 1))
  (import "tocsin" "malloc" (func $malloc (param $size i32) (result i32)))
  (import "tocsin" "free" (func $free (param $address i32)))
  (import "tocsin" "tocsin_alerts" (func $tocsin_alerts (param $batch i32) (param $length i32) (result i32)))

  ;; Reserves memory, or ends the call: what comes back is never 0, so no host writes to address 0.
  (func $reserve (param $size i32) (result i32)
    (local $address i32)
    (local.set $address (call $malloc (local.get $size)))
    (if (i32.eqz (local.get $address)) (then unreachable))
    (local.get $address))

  ;; The two texts of an answer of tocsin_alerts: docs/abi.md has its layout.
  (func $alerts_at (param $answer i32) (result i32) (i32.load offset=4 (local.get $answer)))
  (func $alerts_length (param $answer i32) (result i32) (i32.load offset=8 (local.get $answer)))
  (func $errors_at (param $answer i32) (result i32) (i32.load offset=16 (local.get $answer)))
  (func $errors_length (param $answer i32) (result i32) (i32.load offset=20 (local.get $answer)))
